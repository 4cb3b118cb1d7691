"""What a page of the inbox does not show, it says; an empty one names the first step."""

import pytest
from django.utils import timezone

from corsadmin.admin.inbox import completeness, views
from corsadmin.models import Traffic, Unseen
from tests.admin.callers import ago, sighted
from tests.admin.inbox import ALL, listed, of, text

pytestmark = pytest.mark.slow


def test_nothing_was_left_out(superuser, acme):
    sighted(acme)
    shown = text(superuser)

    for part in ("not examined", "not recorded", "could keep", "as busy as"):
        assert part not in shown


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
    assert "5 refused calls were not examined." in shown
    assert "1 refused call was not recorded, because" in shown
    assert "2 overflows: processes received more calls than they could keep." in shown
    assert "75 refused calls were not examined." in text(superuser)
    assert "1,005 refused calls" in text(superuser, of(acme), days="all").replace("1005", "1,005")


def test_calls_without_a_rule_are_counted(superuser, acme):
    Traffic.objects.create(tenant=acme, outcome="no-rule", hour=ago(hours=1), calls=3, preflights=1)

    assert "4 calls were for paths that no path rule covers." in text(superuser, of(acme))


def test_callers_that_are_as_busy_as_the_last_are_counted(superuser, acme, monkeypatch):
    monkeypatch.setattr(views, "PER_PAGE", 3)
    sighted(acme, "https://kin.example", is_kin=True, hours=1)
    sighted(acme, "https://busy.example", hours=9)
    for number in range(5):
        sighted(acme, f"https://n{number}.example", hours=4)
    sighted(acme, "https://rare.example", hours=1)

    shown = text(superuser)
    assert "4 more callers on other domains are as busy as the last one listed here." in shown
    assert "as busy as" not in text(superuser, lane="kin")
    Unseen.objects.create(tenant=acme, hour=ago(hours=1), turned_away=1)
    assert "At least 4 more callers on other domains are as busy as" in text(superuser)


def test_a_ranking_that_is_cut_says_so(superuser, acme, monkeypatch):
    monkeypatch.setattr(views, "MAX_READ_OF_ALL", 2)
    monkeypatch.setattr(views, "MAX_READ", 3)
    for number in range(4):
        sighted(acme, f"https://n{number}.example", hours=number + 1)

    assert listed(superuser) == [f"https://n{number}.example" for number in (3, 2)]
    assert "There are more refused origins than this page can show." in text(superuser)
    assert listed(superuser, of(acme)) == [f"https://n{number}.example" for number in (3, 2, 1)]


def test_calls_without_a_rule_are_added_up_as_far_as_a_page_can(superuser, acme, monkeypatch):
    for hours in (1, 5):
        Traffic.objects.create(tenant=acme, outcome="no-rule", hour=ago(hours=hours), calls=3)

    assert "6 calls were for paths that no path rule covers." in text(superuser)
    monkeypatch.setattr(completeness, "MAX_ROWS", 1)
    shown = text(superuser)
    assert "3 calls were for paths that no path rule covers. These numbers start at" in shown


def test_recording_that_is_off_is_said(superuser, acme, settings):
    assert "Recording is off" not in text(superuser)
    settings.CORSADMIN = {**settings.CORSADMIN, "SIGHTINGS": False}

    assert "Recording is off: the setting SIGHTINGS is False." in text(superuser)


EMPTY = {
    "nothing recorded": (False, {}, "Open a page that calls the API."),
    "nothing waits": (True, {}, "No refused origins are waiting here. Choose a longer period"),
    "nothing dismissed": (True, {"show": "dismissed"}, "No dismissed origin was refused"),
}


@pytest.mark.parametrize(("recorded", "query", "expected"), EMPTY.values(), ids=EMPTY)
def test_an_empty_page_names_the_first_step(superuser, acme, recorded, query, expected):
    if recorded:
        Traffic.objects.create(tenant=acme, outcome="allowed", hour=ago(hours=1), calls=1)

    for page in (ALL, of(acme)):
        assert expected in text(superuser, page, **query)
