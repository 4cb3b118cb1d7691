"""Emergencies in the one history: who sees them, how they are found, and how they are undone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from corsadmin.admin.history.steps import NOT_ALLOWED
from corsadmin.admin.history.switched import SAY_WHY
from corsadmin.admin.history.undo_plan import GONE_ALREADY, OVER, STOPPED, THERE_AGAIN
from corsadmin.admin.preview.preview import NOTHING
from corsadmin.models import Emergency, Tenant
from corsadmin.models.counter import current_generation
from corsadmin.models.emergency_switch import EmergencyTerms, lift_emergency, switch_on
from tests.admin.callers import sighted
from tests.admin.conftest import ROW_PERMISSIONS, grant, log_in
from tests.admin.emergencies import banner
from tests.admin.forms import submit
from tests.admin.logs import LOG, log, told
from tests.admin.past import url
from tests.admin.undoing import last_number, notes, page, steps, undo
from tests.factories import UserFactory
from tests.messages.screens import assert_says, text

pytestmark = pytest.mark.slow

APP = "https://app.acme.example"
ALL = text("emergency-stop-all")
CREDENTIALS = text("emergency-stop-credentials")
ON = (f"emergency {ALL}", "add", "")
OFF = (f"emergency {ALL}", "delete", "")


def begin(tenant, level="all", hours=None, **more):
    until = None if hours is None else timezone.now() + timedelta(hours=hours)
    return switch_on(tenant, EmergencyTerms(level=level, until=until, reason="leak", **more))


def events(client, page=LOG, **query):
    return [
        (row.tenant, row.name, str(row.verb))
        for change in log(client, page, **query)["changes"]
        for row in change.rows
    ]


def test_the_history_tells_who_switched_what_and_why(superuser, acme):
    begin(acme, user=UserFactory(username="anna"))
    begin(acme, "credentials", 1, loosens=True)
    lift_emergency(acme, reason="key revoked")

    lifted, changed, begun = log(superuser, kind="emergency")["changes"]

    assert events(superuser, url("history", acme), kind="emergency") == [
        ("acme", CREDENTIALS, "lifted"),
        ("acme", CREDENTIALS, "changed"),
        ("acme", ALL, "switched on"),
    ]
    assert (begun.users, begun.reasons, lifted.reasons) == (["anna"], ["leak"], ["key revoked"])
    assert [one.label for one in changed.rows[0].differences] == ["level", "until"]
    assert begun.rows[0].differences == []


QUERIES = {
    "what was switched on": ({"kind": "added", "tenant": "acme", "reason": "leak"}, 1),
    "a user": ({"user": "anna"}, 1),
    "what was deleted": ({"kind": "removed"}, 0),
    "what was enabled": ({"kind": "enabled"}, 0),
    "a date before": ({"kind": "emergency", "until": "2020-01-01"}, 0),
    "a name": ({"q": "Stop"}, 0),
}


def test_it_is_found_as_other_changes_are(superuser, acme):
    begin(acme, user=UserFactory(username="anna"))

    for what, (query, number) in QUERIES.items():
        assert len(told(superuser, **query)) == number, what


@pytest.mark.usefixtures("stopped")
def test_members_see_their_own_and_what_stops_every_tenant(viewer, outsider, superuser):
    lines = {
        client: events(client, kind="emergency")
        for client in (viewer, superuser)
    }  # fmt: skip

    on = "switched on"
    assert lines[viewer] == [
        ("platform", ALL, on),
        ("acme", ALL, on),
    ]
    assert {tenant for tenant, *_ in lines[superuser]} == {"platform", "rival", "acme"}
    assert "why rival" not in viewer.get(LOG).content.decode()
    assert outsider.get(LOG).status_code == 403


def test_undoing_the_beginning_lifts_it_for_a_reason(ops, acme):
    row = begin(acme)
    sighted(acme, APP, "emergency", calls=70)
    before = current_generation("default")[0]

    shown = ops.get(page())
    silent = undo(ops, shown=shown, change_reason="")
    done = undo(ops, shown=shown)

    assert steps(shown) == [OFF]
    assert_says(shown, "impact-opened", number=1)
    assert silent.context["unexplained"] == SAY_WHY
    assert (done.status_code, Emergency.objects.count()) == (302, 0)
    assert current_generation("default")[0] == before + 1
    version = Emergency.history.latest()
    assert (version.id, str(version.history_user)) == (row.pk, "member")
    assert version.history_change_reason.endswith(": OPS-1")
    assert told(ops, kind="undone") == [f"{ALL} lifted"]


def test_undoing_the_end_switches_it_on_again(ops, acme):
    begun = begin(acme, user=UserFactory())
    lift_emergency(acme, reason="over")
    sighted(acme, APP, "allowed", calls=70)

    shown = ops.get(page())
    silent = undo(ops, shown=shown, change_reason="")
    done = undo(ops, shown=shown)

    assert steps(shown) == [ON]
    assert_says(shown, "emergency-stops", tenant="acme")
    assert silent.context["unexplained"] == SAY_WHY
    assert done.status_code == 302
    row = Emergency.objects.get()
    assert (row.tenant, row.level, row.reason, str(row.by)) == (acme, "all", "leak", "member")
    assert row.created > begun.created
    assert_says(banner(ops), "emergency-stopped", tenant="acme")


CHANGES = {
    "less": {"level": "credentials", "loosens": True},
    "an end": {"hours": 1, "loosens": True},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_undoing_a_change_and_the_undo(ops, acme, change):
    begin(acme)
    begin(acme, **change)
    first = ops.get(page())
    undo(ops)
    middle = Emergency.objects.get()
    second = ops.get(page())
    undo(ops)
    last = Emergency.objects.get()

    assert_says(first, "emergency-stops", tenant="acme")
    assert_says(second, "emergency-stops-less", tenant="acme")
    assert (middle.level, middle.until, str(middle.by)) == ("all", None, "member")
    assert (last.level, last.until is None) == (
        change.get("level", "all"),
        "hours" not in change,
    )


@pytest.mark.parametrize("is_lifted", [False, True], ids=["begun", "ended"])
def test_without_the_permission_it_is_left_out(member, editor, acme, is_lifted):
    begin(acme)
    if is_lifted:
        lift_emergency(acme, reason="over")
    before = [*Emergency.objects.values()]

    for client in (member, editor):
        shown = client.get(page())
        refused = undo(client, digest=shown.context["digest"])

        assert [forbidden for _title, _word, forbidden in steps(shown)] == [str(NOT_ALLOWED)]
        assert refused.context["refused"] == NOTHING
        assert not shown.context["switched"]
    assert [*Emergency.objects.values()] == before


@pytest.mark.usefixtures("stopped")
def test_the_platforms_is_undone_by_who_may_switch_it(ops, rival, platform):
    lift_emergency(rival, reason="x")
    assert ops.get(page()).status_code == 404
    lift_emergency(platform, reason="x")
    assert steps(ops.get(page()))[0][2] == str(NOT_ALLOWED)

    undo(log_in(grant(UserFactory(), "emergency", "view_tenant")))

    assert Emergency.objects.filter(tenant=platform).exists()


def again(acme):
    lift_emergency(acme, reason="x")
    number = last_number()
    begin(acme)
    return number


def ended(acme):
    begin(acme)
    Emergency.objects.update(until=timezone.now() - timedelta(hours=1))
    lift_emergency(acme, reason="x")
    return last_number()


def lifted(acme):
    begin(acme)
    number = last_number()
    lift_emergency(acme, reason="x")
    return number


LEFT = {
    "another one is on": (lambda acme: again((begin(acme), acme)[1]), THERE_AGAIN),
    "its end has passed": (ended, OVER),
    "it was lifted since": (lifted, GONE_ALREADY),
}


@pytest.mark.parametrize(("change", "why"), LEFT.values(), ids=LEFT)
def test_what_an_undo_leaves_alone(ops, acme, change, why):
    number = change(acme)

    shown = ops.get(page(number))

    assert (steps(shown), [said for _title, said in notes(shown)]) == ([], [str(why)])


def gone(tenant):
    key = tenant.pk
    tenant.delete()
    tenant.pk = key
    return tenant


def switcher():
    return log_in(grant(UserFactory(), "emergency", *ROW_PERMISSIONS))


def test_a_stopped_tenant_never_comes_back_open(editor, acme):
    begin(acme)
    before = timezone.now()
    gone(acme)

    shown = editor.get(page())

    assert {forbidden for _title, _word, forbidden in steps(shown)} >= {str(STOPPED)}
    assert undo(editor).status_code == 200
    assert editor.get(url("restore", acme, before)).status_code == 403
    assert not Tenant.objects.filter(slug="acme").exists()


@pytest.mark.parametrize("way", ["undo", "restore"])
def test_a_deleted_tenant_comes_back_with_its_emergency(acme, way):
    begin(acme, user=UserFactory())
    before = timezone.now()
    gone(acme)
    client = switcher()

    if way == "undo":
        done = undo(client)
    else:
        given = {"confirm_lockout": "on", "change_reason": "x"}
        done = submit(client, url("restore", acme, before), given)

    assert done.status_code == 302
    assert Emergency.objects.get().tenant.slug == "acme"
    assert str(Emergency.objects.get().by_id) == client.session["_auth_user_id"]


PAST = {
    "it was lifted before": lambda acme: lift_emergency(acme, reason="x"),
    "its end has passed": lambda acme: Emergency.objects.update(
        until=timezone.now() - timedelta(hours=1)
    ),
}


@pytest.mark.parametrize("end", PAST.values(), ids=PAST)
def test_an_emergency_of_the_past_holds_nobody_back(editor, acme, end):
    begin(acme)
    end(acme)
    before = timezone.now()
    gone(acme)

    submit(editor, url("restore", acme, before), {"confirm_lockout": "on"})

    assert Tenant.objects.filter(slug="acme").exists()
    assert not Emergency.objects.exists()


def test_its_rows_lead_to_no_page_of_their_own(superuser, acme):
    begin(acme)

    shown = superuser.get(LOG, {"kind": "emergency"}).content.decode()

    assert f"emergency <strong>{ALL}</strong>" in " ".join(shown.split())
    assert reverse("admin:corsadmin_tenant_undo", args=[last_number()]) in shown
