"""The question before callers of the last days are broken or let in, as pages ask it."""

import pytest
from django.urls import reverse

from corsadmin.admin.lockout.seen import SAY_WHY_SEEN
from corsadmin.models import Tenant
from tests.admin import pastes
from tests.admin.conftest import grant, log_in
from tests.admin.forms import errors_of, fields_of, submit
from tests.admin.imports import said
from tests.admin.opening import page, staff
from tests.factories import OriginFactory, PathRuleFactory, UserFactory, make_site
from tests.messages.screens import assert_says, assert_silent, filled, text
from tests.sightings.rows import see_caller, see_entry, see_rule

pytestmark = pytest.mark.slow

APP, NEW = "https://app.acme.example", "https://new.example"
MANY = {"calls": filled("impact-calls", number="1,240"), "last": text("impact-last-seen-today")}
LOST_UNNAMED = filled("impact-lost", number=1, **MANY)
BROKEN = f"{LOST_UNNAMED}: {APP}."
SOME = {
    "calls": filled("impact-calls", number=5),
    "last": filled("impact-last-seen", time="1 day, 12 hours"),
}
OPENED_UNNAMED = filled("impact-opened", number=1, **SOME)
OPENED = f"{OPENED_UNNAMED}: {NEW}."


@pytest.fixture
def seen(acme):
    """The entry of acme's application, which called today; a stranger was refused."""
    entry = acme.origins.get()
    OriginFactory(tenant=acme)
    see_entry(entry, calls=1240)
    see_rule(acme)
    see_caller(acme, NEW)
    return entry


def plain(texts):
    return [one.replace("\xa0", " ") for one in texts]


def test_a_form_asks_once_on_its_own_page(superuser, seen):
    asked = submit(superuser, page(seen), {"pattern": NEW})

    assert plain(errors_of(asked)) == [
        BROKEN,
        OPENED,
        str(SAY_WHY_SEEN),
    ]
    assert asked.context["losses"] == []
    saved = superuser.post(page(seen), {**fields_of(asked), "change_reason": "OPS-1"})
    assert saved.status_code == 302
    assert seen.history.latest().history_change_reason == "OPS-1"


def test_a_widening_and_a_break_need_one_reason(superuser, seen):
    PathRuleFactory(tenant=seen.tenant, path="/", any_origin=True)
    rule = seen.tenant.paths.get(path="/api/")
    rule.credentials = True
    rule.save()
    seen.credentials = True
    seen.save()

    asked = submit(superuser, page(rule), without=["enabled"])

    assert len(asked.context["adminform"].form.errors["change_reason"]) == 1
    assert len(errors_of(asked)) == 4


def test_the_page_that_deletes_says_it_before_it_asks(superuser, seen):
    shown = superuser.get(page(seen, "delete"))

    assert shown.context["impact"] == [f"acme: {BROKEN}"]
    assert BROKEN in shown.content.decode()
    assert str(SAY_WHY_SEEN) in shown.content.decode()


def test_an_action_that_may_not_go_on_says_why(superuser, seen):
    entry = OriginFactory(tenant=seen.tenant, pattern=NEW, enabled=False)
    url = reverse("admin:corsadmin_origin_changelist")

    done = superuser.post(url, {"action": "enable", "_selected_action": [entry.pk], "index": "0"})

    assert plain(said(done))[1:] == [f"acme: {OPENED}", str(SAY_WHY_SEEN)]


def test_a_preview_asks_for_the_reason_in_its_own_place(superuser, seen):
    shown = pastes.paste(superuser, seen.tenant, [NEW], change_reason="")

    refused = superuser.post(pastes.page(seen.tenant), {**fields_of(shown), "add": "Add"})

    assert plain(shown.context["impact"]) == [OPENED]
    assert refused.context["unexplained"] == str(SAY_WHY_SEEN)


def test_members_read_of_their_tenant(member, seen):
    assert plain(errors_of(submit(member, page(seen), without=["enabled"])))[0] == BROKEN


@pytest.mark.parametrize(
    "permissions",
    [
        pytest.param(["change_origin", "view_tenant"], id="of any tenant"),
        pytest.param(["change_origin"], id="who sees no tenant"),
    ],
)
def test_who_sees_no_sightings_reads_of_no_caller(seen, permissions):
    person = log_in(grant(UserFactory(), *permissions))

    (said, _why) = errors_of(submit(person, page(seen), without=["enabled"]))

    assert said == f"{LOST_UNNAMED}."


@pytest.mark.parametrize("lacking", ["view_pathrule", "view_origin", "view_sighting"])
def test_who_does_not_see_all_that_callers_met_reads_no_name_of_it(acme, lacking):
    platform = Tenant.objects.platform()
    acme.paths.all().delete()
    PathRuleFactory(tenant=platform, path="/")
    PathRuleFactory(tenant=platform, path="/inner/", methods=["GET", "PUT"])
    see_entry(OriginFactory(tenant=platform, pattern="https://inherited.example"))
    see_entry(acme.origins.get())
    see_rule(acme, "/inner/", methods=["PUT"])
    sees = {"view_pathrule", "view_origin", "view_sighting"} - {lacking}
    person = log_in(grant(UserFactory(), "change_tenant", *sees))

    asked = submit(person, page(acme), without=["inherits_platform"])

    texts = " ".join(errors_of(asked))
    assert_says(texts, "impact-lost")
    assert "/inner/" not in texts
    assert "https://" not in texts


def test_who_edits_the_platform_reads_totals_of_tenants_that_they_do_not_see(acme):
    platform = Tenant.objects.platform()
    see_caller(acme, NEW)
    person = log_in(staff(platform, permissions=["change_platform"]))

    asked = pastes.paste(person, platform, [NEW], change_reason="")

    assert plain(asked.context["impact"]) == [filled("impact-totals", text=f"{OPENED_UNNAMED}.")]
    assert "acme" not in asked.content.decode()


def test_who_gives_a_reason_at_once_is_not_asked(superuser, seen):
    saved = submit(superuser, page(seen), {"change_reason": "OPS-1"}, without=["enabled"])

    assert saved.status_code == 302


def test_without_sightings_nothing_is_asked(superuser):
    acme = make_site("acme", origins=[APP, NEW])

    saved = submit(superuser, page(acme.origins.first()), without=["enabled"])

    assert saved.status_code == 302


def test_a_member_does_not_read_how_often_all_tenants_use_what_they_inherit(
    member, superuser, acme, platform
):
    see_entry(OriginFactory(tenant=platform, pattern="https://inherited.example"), calls=98765)
    see_rule(acme)

    def asked(client):
        return " ".join(errors_of(submit(client, page(acme), without=["inherits_platform"])))

    assert_says(asked(superuser), "impact-calls", number="98,765")
    assert "https://inherited.example" in asked(member)
    assert_silent(asked(member), "impact-calls")
