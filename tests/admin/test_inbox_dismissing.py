"""Refused origins are dismissed in bulk for 90 days, and come back by an undo."""

from datetime import timedelta

import pytest
from django.utils import timezone

from corsadmin.models import Dismissal, Generation
from tests.admin.callers import sighted
from tests.admin.conftest import grant, log_in
from tests.admin.inbox import ALL, of
from tests.admin.inbox import listed as in_order
from tests.factories import TenantMemberFactory, UserFactory
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow

ORIGINS = [f"https://n{number}.example" for number in range(3)]


@pytest.fixture
def waiting(acme):
    for origin in ORIGINS:
        sighted(acme, origin)
    return acme


def listed(client, page=ALL, **query):
    return {*in_order(client, page, **query)}


def send(client, tenant, button="dismiss", origins=ORIGINS, page=ALL, **extra):
    chosen = [f"{tenant.pk} {origin}" for origin in origins]
    response = client.post(page, {"chosen": chosen, button: "x", **extra})

    assert response.status_code == 302
    return response["Location"]


@pytest.mark.parametrize("query", ["", "?days=30"])
def test_what_is_dismissed_is_gone_for_90_days_and_one_click_brings_it_back(member, waiting, query):
    page = of(waiting) + query
    before = Generation.objects.get().value
    landed = send(member, waiting, origins=ORIGINS[:2], page=page)

    assert landed.startswith(page + ("&" if query else "?") + "undo=")
    shown = member.get(landed)
    assert {line.refused.origin for line in shown.context["lines"]} == {ORIGINS[2]}
    assert_says(shown, "inbox-dismissed", counter=2)
    rows = Dismissal.objects.all()
    assert {row.by for row in rows} == {"member"}
    assert all(row.until - row.created == timedelta(days=90) for row in rows)
    assert Generation.objects.get().value == before

    back = member.post(landed, {"undo": shown.context["undo"]["moment"]}, follow=True)
    assert back.redirect_chain == [(page, 302)]
    assert listed(member, of(waiting)) == set(ORIGINS)
    assert_says(back, "inbox-back", count=2)


def test_after_90_days_it_waits_again(member, waiting):
    send(member, waiting)
    assert listed(member) == set()
    Dismissal.objects.update(until=timezone.now())

    assert listed(member) == set(ORIGINS)
    assert listed(member, show="dismissed") == set()


def test_what_was_dismissed_is_listed_and_put_back(member, waiting):
    send(member, waiting)
    shown = member.get(ALL, {"show": "dismissed"})

    assert len(shown.context["lines"]) == 3
    assert_says(shown, "inbox-dismissed-by", by="member")
    send(member, waiting, "put_back", ORIGINS[:1], ALL + "?show=dismissed")
    assert listed(member, show="dismissed") == set(ORIGINS[1:])
    assert listed(member) == set(ORIGINS[:1])


def test_dismissing_again_begins_anew(member, waiting):
    send(member, waiting)
    Dismissal.objects.update(until=timezone.now() - timedelta(days=1), by="somebody")
    send(member, waiting)

    assert Dismissal.objects.count() == 3
    assert Dismissal.objects.filter(by="member", until__gt=timezone.now()).count() == 3


@pytest.mark.parametrize("page", ["all", "own"])
def test_of_other_tenants_nothing_is_dismissed_or_put_back(member, superuser, waiting, rival, page):
    sighted(rival, ORIGINS[0])
    address = ALL if page == "all" else of(waiting)
    send(member, rival, page=address)
    assert not Dismissal.objects.exists()

    send(superuser, rival)
    send(member, rival, "put_back", page=address)
    assert Dismissal.objects.get().tenant == rival


def test_a_tenants_page_dismisses_its_own_alone(superuser, waiting, rival):
    sighted(rival, ORIGINS[0])
    send(superuser, rival, page=of(waiting))

    assert not Dismissal.objects.exists()


def test_the_platforms_is_for_those_who_may_change_it(editor, superuser, platform):
    sighted(platform, ORIGINS[0])

    assert editor.get(of(platform)).status_code == 404  # the editor sees no sightings
    send(superuser, platform, page=of(platform))
    assert Dismissal.objects.get().tenant == platform


FORGED = {
    "nothing": [],
    "no key": ["https://n0.example"],
    "a key that is none": ["x https://n0.example"],
    "a key of thirty digits": [f"{10**30} https://n0.example"],
    "an origin that nobody has seen": ["{key} https://unseen.example"],
    "a NUL": ["{key} https://n0.example\0"],
}


@pytest.mark.parametrize("chosen", FORGED.values(), ids=FORGED)
def test_forged_choices_store_nothing(member, waiting, chosen):
    values = [value.replace("{key}", str(waiting.pk)) for value in chosen]
    response = member.post(ALL, {"chosen": values, "dismiss": "x"}, follow=True)

    assert response.status_code == 200
    assert not Dismissal.objects.exists()
    assert_says(response, "inbox-select-first")


@pytest.mark.parametrize(
    "moment",
    [
        "",
        "x",
        "2020-01-01T00:00:00",
        "2020-01-01T00:00:00Z",
        "2020-13-01T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+12:00",
    ],
)
def test_a_forged_undo_takes_nothing_back(member, waiting, moment):
    send(member, waiting)

    response = member.post(ALL, {"undo": moment}, follow=True)
    assert Dismissal.objects.count() == 3
    assert_says(response, "inbox-back", count=0)
    assert member.get(ALL, {"undo": moment}).context["undo"]["number"] == 0


UNSEEN = {
    "dismissing": {"chosen": "{key} https://n0.example", "dismiss": "x"},
    "putting back": {"chosen": "{key} https://n1.example", "put_back": "x"},
    "undo": {"undo": "{moment}"},
}


@pytest.mark.parametrize("sent", UNSEEN.values(), ids=UNSEEN)
def test_who_may_dismiss_and_not_look_learns_and_does_nothing(waiting, rival, sent):
    user = grant(UserFactory(), "dismiss_sighting")
    TenantMemberFactory(tenant=rival, user=user, role="viewer")
    known = Dismissal.objects.create(tenant=waiting, origin="https://n1.example", by=user.username)
    facts = {"key": waiting.pk, "moment": known.created.isoformat()}
    client = log_in(user)

    done = client.post(ALL, {name: text.format(**facts) for name, text in sent.items()})

    assert (done.status_code, done["Location"]) == (302, ALL)
    assert Dismissal.objects.get() == known
    assert client.get(ALL, {"undo": facts["moment"]}).context["undo"]["number"] == 0


def test_nobody_takes_back_by_undo_what_somebody_else_has_dismissed(member, superuser, waiting):
    landed = send(superuser, waiting)
    moment = superuser.get(landed).context["undo"]["moment"]
    member.post(ALL, {"undo": moment})

    assert Dismissal.objects.count() == 3
