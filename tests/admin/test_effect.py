"""Every door says when its change is in force, what browsers remember, and how to undo it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from corsadmin.admin.effect.sentence import effect_sentence
from corsadmin.admin.effect.taken_away import remembered_seconds
from corsadmin.engine.rules import MAX_PREFLIGHT_AGE
from corsadmin.models import Emergency, Origin, Tenant, TenantHost, generation
from tests.admin import change_doors, copies, emergencies, imports, making, pastes, unused
from tests.admin.forms import submit
from tests.admin.past import url
from tests.admin.undoing import last_number, page, undo
from tests.factories import OriginFactory, PathRuleFactory, TenantFactory, make_site
from tests.messages.screens import filled, says, text

NEW = "https://new.acme.example"
MAY_GO_ON = "effect-preflights"


def said(client):
    """Return what the pages have to say about effects, each as (text, address of Undo).

    It is the last that they say: first comes what was done.
    """
    shown = client.get("/admin/").content.decode()
    told = shown.partition('class="messagelist"')[2].partition("</ul>")[0]
    items = re.findall(r'<li class="[a-z]+">(.*?)</li>', told, re.DOTALL)
    assert not any(in_force(item) for item in items[:-1])
    parts = [item.partition(" <a ") for item in items if in_force(item)]
    return [(told, re.findall(r'href="([^"]+)">Undo<', rest)) for told, _a, rest in parts]


def in_force(item):
    return says(item, "effect-at-once") or says(item, "effect-within")


def added(client, acme):
    client.post(
        reverse("admin:corsadmin_origin_add"),
        {"tenant": acme.pk, "pattern": NEW, "enabled": "on"},
    )


def saved_inline(client, acme):
    tenant = reverse("admin:corsadmin_tenant_change", args=[acme.pk])
    submit(
        client,
        tenant,
        {"origins-0-enabled": "", "confirm_lockout": "on"},
        without=["origins-0-enabled"],
    )


def acted(name, **given):
    def act(client, acme):
        sent = {"action": name, "_selected_action": [acme.origins.get().pk], "index": "0"}
        client.post(
            reverse("admin:corsadmin_origin_changelist"),
            {**sent, "confirm_lockout": "on", "change_reason": "x", **given},
        )

    return act


def copied(client, acme):
    TenantFactory(slug="fresh")
    rows = list(acme.origins.all())
    copies.confirm(client, copies.look(client, rows, "fresh"), rows)


def imported(client, acme):
    imports.confirm(client, imports.check(client, imports.TABLE))


def restored(client, acme):
    before = timezone.now()
    OriginFactory(tenant=acme)
    submit(client, url("restore", acme, before), {"confirm_lockout": "on"})


def reverted(client, acme):
    entry = acme.origins.get()
    first = entry.history.get()
    entry.note = "other"
    entry.save()
    submit(client, reverse("admin:corsadmin_origin_simple_history", args=[entry.pk, first.pk]))


def undone(client, acme):
    OriginFactory(tenant=acme, pattern=NEW)
    undo(client)


def cleaned_up(client, acme):
    Origin.objects.update(created=timezone.now() - timedelta(days=399))
    sent = {"disable": "origin", "chosen_origin": [acme.origins.get().pk]}
    client.post(unused.of(acme), {**sent, "change_reason": "x", "confirm_lockout": "on"})


def lifted(client, acme):
    Emergency.objects.create(tenant=acme, reason="x")
    emergencies.lift(client, acme, follow=False)


# What each door does to acme, whether that takes something away.
DOORS = {
    "a row's own page, adding": (added, False),
    "a tenant's page": (saved_inline, True),
    "the page that deletes a row": (
        lambda client, acme: change_doors.deleted(client, acme.origins.get(), "x"),
        True,
    ),
    "disabling by an action": (acted("disable"), True),
    "deleting by an action": (acted("delete_selected", post="yes"), True),
    "setting an end to come": (acted("set_end", valid_until="2099-01-01T00:00"), False),
    "setting an end that is past": (acted("set_end", valid_until="2020-01-01T00:00"), True),
    "pasting": (lambda client, acme: pastes.add(client, acme, [NEW]), False),
    "copying": (copied, False),
    "importing": (imported, False),
    "putting a tenant back": (restored, True),
    "reverting to a version": (reverted, False),
    "making a call work": (
        lambda client, acme: making.save(client, making.page(method="GET", headers="")),
        False,
    ),
    "cleaning up": (cleaned_up, True),
    "undoing": (undone, True),
    "switching an emergency on": (emergencies.switch, True),
    "lifting an emergency": (lifted, False),
}


@pytest.mark.slow
@pytest.mark.parametrize(("act", "takes_away"), DOORS.values(), ids=DOORS)
def test_every_door_says_when_its_change_is_in_force(superuser, acme, recorded, act, takes_away):
    act(superuser, acme)

    ((told, undo_pages),) = said(superuser)
    assert says(told, MAY_GO_ON) == takes_away
    assert says(told, MAY_GO_ON, zone="UTC") == takes_away
    assert told.endswith(".")
    assert [address.partition("?")[0] for address in undo_pages] == [page(last_number())]
    assert superuser.get(undo_pages[0]).status_code == 200


def test_a_save_that_changes_nothing_says_nothing(superuser, acme):
    submit(superuser, reverse("admin:corsadmin_origin_change", args=[acme.origins.get().pk]))

    assert said(superuser) == []


MOMENT = datetime(2026, 11, 30, 20, 46, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("refresh", "remembered", "seconds", "until"),
    [
        pytest.param(0, None, 0, "", id="compared by each request"),
        pytest.param(1.5, None, 3, "", id="nothing is taken away"),
        pytest.param(2, 0, 4, "", id="nothing is remembered"),
        pytest.param(2, 5, 4, "9:47 p.m.", id="the first full minute"),
        pytest.param(0, 86_400, 0, "Dec. 1, 2026, 9:47 p.m.", id="another day"),
    ],
)
def test_the_sentence_counts_from_the_change(settings, refresh, remembered, seconds, until):
    settings.CORSADMIN = {"REFRESH_SECONDS": refresh}
    expected = filled("effect-within", seconds=seconds) if seconds else text("effect-at-once")
    if until:
        expected += " " + filled(MAY_GO_ON, time=until, zone="Europe/Berlin")

    with timezone.override("Europe/Berlin"):
        assert effect_sentence(MOMENT, remembered) == expected


APP = "https://app.acme.example"


def app(acme):
    return acme.origins.get(pattern=APP)


def changed(row, **fields):
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


def stop(tenant, level="all", until=None):
    return Emergency.objects.create(tenant=tenant, level=level, until=until, reason="x")


SOON = timezone.now() + timedelta(days=1)
PAST = timezone.now() - timedelta(days=1)
# The rules of acme: / for 60 s, /api/ for 600 s; the platform's /shared/ for 7200 s.
CASES = {
    "an origin added": (lambda acme: OriginFactory(tenant=acme), None),
    "an origin noted": (lambda acme: changed(app(acme), note="x"), None),
    "an origin that will end": (lambda acme: changed(app(acme), valid_until=SOON), None),
    "an origin that ended": (lambda acme: changed(app(acme), valid_until=PAST), 7200),
    "an origin deleted": (lambda acme: app(acme).delete(), 7200),
    "an origin scoped": (lambda acme: changed(app(acme), scope="/x/"), 7200),
    "an origin without credentials": (
        lambda acme: changed(app(acme), credentials=False),
        7200,
    ),
    "a disabled origin deleted": (
        lambda acme: Origin.objects.get(pattern="https://off.example").delete(),
        None,
    ),
    "a scoped origin deleted": (
        lambda acme: Origin.objects.get(pattern="https://scoped.example").delete(),
        600,
    ),
    "a rule added beside others": (
        lambda acme: PathRuleFactory(tenant=make_site("other", paths=[]), path="/z/"),
        None,
    ),
    "a rule added below another": (lambda acme: PathRuleFactory(tenant=acme, path="/api/v2/"), 600),
    "a rule deleted": (lambda acme: acme.paths.get(path="/api/").delete(), 600),
    "a rule that loses a method": (
        lambda acme: changed(acme.paths.get(path="/api/"), methods=["GET"]),
        600,
    ),
    "a rule that wins a method": (
        lambda acme: changed(acme.paths.get(path="/api/"), methods=["GET", "PUT", "*"]),
        None,
    ),
    "a rule remembered for less": (
        lambda acme: changed(acme.paths.get(path="/api/"), max_age=1),
        None,
    ),
    "a rule that becomes exclusive": (
        lambda acme: changed(acme.paths.get(path="/api/"), exclusive=True),
        600,
    ),
    "a rule without credentials": (
        lambda acme: changed(acme.paths.get(path="/api/"), credentials=False),
        600,
    ),
    "a rule that moves": (lambda acme: changed(acme.paths.get(path="/"), path="/v2/"), 60),
    "a rule disabled": (lambda acme: changed(acme.paths.get(path="/"), enabled=False), 60),
    "a host added": (lambda acme: TenantHost.objects.create(tenant=acme, host="x.example"), None),
    "a host deleted": (lambda acme: acme.hosts.get().delete(), 7200),
    "a tenant renamed": (lambda acme: changed(acme, name="x"), None),
    "a tenant disabled": (lambda acme: changed(acme, is_active=False), 7200),
    "a tenant deleted": (lambda acme: acme.delete(), 7200),
    "a tenant added": (lambda acme: make_site("other", paths=[{"path": "/z/"}]), None),
    "an emergency": (stop, 7200),
    "an emergency for credentials": (lambda acme: stop(acme, "credentials"), 7200),
    "an emergency that stops more": (
        lambda acme: changed(stop(acme, "credentials"), level="all"),
        7200,
    ),
    "an emergency that stops less": (lambda acme: changed(stop(acme), level="credentials"), None),
    "an emergency for longer": (lambda acme: changed(stop(acme), reason="y"), None),
    "an emergency lifted": (lambda acme: stop(acme).delete(), None),
    "an emergency that was over": (lambda acme: stop(acme, until=PAST), None),
    "the platform's emergency": (lambda acme: stop(Tenant.objects.platform()), 9000),
    "everything": (lambda acme: generation.reload_everything(), MAX_PREFLIGHT_AGE),
    "the platform's origin": (
        lambda acme: Origin.objects.get(pattern="https://all.example").delete(),
        9000,
    ),
}


@pytest.mark.parametrize(("act", "expected"), CASES.values(), ids=CASES)
def test_browsers_remember_what_was_taken_away(db, act, expected):
    platform = Tenant.objects.platform()
    PathRuleFactory(tenant=platform, path="/shared/", max_age=7200)
    OriginFactory(tenant=platform, pattern="https://all.example")
    paths = [
        {"path": "/", "max_age": 60},
        {
            "path": "/api/",
            "max_age": 600,
            "credentials": True,
            "methods": ["GET", "PUT"],
        },
    ]
    origins = [
        {"pattern": APP, "credentials": True},
        {"pattern": "https://off.example", "enabled": False},
        {"pattern": "https://scoped.example", "scope": "/api/x/"},
    ]
    acme = make_site("acme", origins=origins, paths=paths)
    make_site("rival", paths=[{"path": "/long/", "max_age": 9000}])

    with generation.completed_changes() as changes:
        act(acme)

    assert [remembered_seconds(change) for change in changes][-1:] == [expected]
