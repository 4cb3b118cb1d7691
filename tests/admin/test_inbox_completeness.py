"""What a page of the inbox does not show, it says; an empty one names the first step."""

import pytest
from django.utils import timezone

from corsadmin.admin.inbox import completeness, views
from corsadmin.models import Traffic, Unseen
from tests.admin.callers import ago, sighted
from tests.admin.inbox import ALL, listed, of, text
from tests.messages.screens import assert_says, assert_silent, says

pytestmark = pytest.mark.slow

AS_BUSY = ("inbox-as-busy", "inbox-as-busy-at-least")


def test_nothing_was_left_out(superuser, acme):
    sighted(acme)
    shown = text(superuser)

    assert_silent(shown, "inbox-not-examined", "inbox-list-full", "inbox-overflows", *AS_BUSY)


def test_what_was_left_out_is_counted(superuser, acme, rival):
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for tenant, numbers in ((acme, (5, 1, 0)), (rival, (70, 30, 0)), (None, (900, 900, 2))):
        Unseen.objects.create(
            tenant=tenant,
            hour=hour,
            not_looked_at=numbers[0],
            turned_away=numbers[1],
            ring_full=numbers[2],
        )
    Unseen.objects.create(tenant=acme, hour=ago(days=40), not_looked_at=1_000)

    shown = text(superuser, of(acme))
    assert_says(shown, "inbox-not-examined", counter=5)
    assert_says(shown, "inbox-list-full", counter=1)
    assert_says(shown, "inbox-overflows", counter=2)
    assert_says(text(superuser), "inbox-not-examined", counter=75)
    assert_says(text(superuser, of(acme), days="all"), "inbox-not-examined", counter="1005")


def test_calls_without_a_rule_are_counted(superuser, acme):
    Traffic.objects.create(tenant=acme, outcome="no-rule", hour=ago(hours=1), calls=3, preflights=1)

    assert_says(text(superuser, of(acme)), "inbox-no-rule", counter=4)


def test_callers_that_are_as_busy_as_the_last_are_counted(superuser, acme, monkeypatch):
    monkeypatch.setattr(views, "PER_PAGE", 3)
    sighted(acme, "https://kin.example", is_kin=True, hours=1)
    sighted(acme, "https://busy.example", hours=9)
    for number in range(5):
        sighted(acme, f"https://n{number}.example", hours=4)
    sighted(acme, "https://rare.example", hours=1)

    shown = text(superuser)
    assert_says(shown, "inbox-as-busy", counter=4)
    assert_silent(text(superuser, lane="kin"), *AS_BUSY)
    Unseen.objects.create(tenant=acme, hour=ago(hours=1), turned_away=1)
    assert_says(text(superuser), "inbox-as-busy-at-least", counter=4)


def test_a_ranking_that_is_cut_says_so(superuser, acme, monkeypatch):
    monkeypatch.setattr(views, "MAX_READ_OF_ALL", 2)
    monkeypatch.setattr(views, "MAX_READ", 3)
    for number in range(4):
        sighted(acme, f"https://n{number}.example", hours=number + 1)

    assert listed(superuser) == [f"https://n{number}.example" for number in (3, 2)]
    assert_says(text(superuser), "inbox-more-origins")
    assert listed(superuser, of(acme)) == [f"https://n{number}.example" for number in (3, 2, 1)]


def test_calls_without_a_rule_are_added_up_as_far_as_a_page_can(superuser, acme, monkeypatch):
    for hours in (1, 5):
        Traffic.objects.create(tenant=acme, outcome="no-rule", hour=ago(hours=hours), calls=3)

    shown = text(superuser)
    assert_says(shown, "inbox-no-rule", counter=6)
    assert_silent(shown, "picture-starts-late")
    monkeypatch.setattr(completeness, "MAX_ROWS", 1)
    shown = text(superuser)
    assert_says(shown, "inbox-no-rule", counter=3)
    assert_says(shown, "picture-starts-late")


def test_recording_that_is_off_is_said(superuser, acme, settings):
    assert_silent(text(superuser), "inbox-recording-off")
    settings.CORSADMIN = {**settings.CORSADMIN, "SIGHTINGS": False}

    assert_says(text(superuser), "inbox-recording-off")


FIRST_STEPS = ["inbox-first-step", "inbox-none-waits", "inbox-longer-period", "inbox-no-dismissed"]
EMPTY = {
    "nothing recorded": (False, {}, ["inbox-first-step"]),
    "nothing waits": (True, {}, ["inbox-none-waits", "inbox-longer-period"]),
    "nothing dismissed": (True, {"show": "dismissed"}, ["inbox-no-dismissed"]),
}


@pytest.mark.parametrize(("recorded", "query", "expected"), EMPTY.values(), ids=EMPTY)
def test_an_empty_page_names_the_first_step(superuser, acme, recorded, query, expected):
    if recorded:
        Traffic.objects.create(tenant=acme, outcome="allowed", hour=ago(hours=1), calls=1)

    for page in (ALL, of(acme)):
        shown = text(superuser, page, **query)
        assert [code for code in FIRST_STEPS if says(shown, code)] == expected
