"""Clocks: validity is judged at the moment of the request, by seconds since the epoch (R37)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from corsadmin.models import Origin, Tenant
from corsadmin.serving import loader
from tests.factories import OriginFactory, make_site
from tests.serving.databases import Database
from tests.serving.snapshots import allowed, execute

APP = "https://app.example.com"
NEW = "https://new.example.com"
END = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)
BERLIN = "Europe/Berlin"


@pytest.fixture
def ask(database: Database, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """Ask the middleware as a browser does whose request arrives at a moment."""
    settings.ALLOWED_HOSTS = [".example.net"]
    client = Client(HTTP_HOST="acme.example.net", HTTP_ORIGIN=APP)

    def ask_at(moment: datetime) -> bool:
        monkeypatch.setattr("corsadmin.serving.decision_cache.time", moment.timestamp)
        return "Access-Control-Allow-Origin" in client.get("/api/none").headers

    return ask_at


@pytest.mark.parametrize(
    ("microseconds", "expected"),
    [
        pytest.param(-1, True, id="a microsecond before the end"),
        pytest.param(0, False, id="the very second"),
        pytest.param(1, False, id="a microsecond later"),
    ],
)
def test_r37_an_entry_ends_at_the_exact_second(
    ask: Callable[..., bool], microseconds: int, expected: bool
) -> None:
    make_site(origins=[{"pattern": APP, "valid_until": END}])

    assert ask(END + timedelta(microseconds=microseconds)) is expected


def test_r37_an_entry_begins_at_the_exact_second(ask: Callable[..., bool]) -> None:
    make_site(origins=[{"pattern": APP, "valid_from": END}])

    assert not ask(END - timedelta(microseconds=1))
    assert ask(END)


@pytest.mark.parametrize(
    ("local", "fold", "end"),
    [
        pytest.param("2026-03-29T01:59", 0, "2026-03-29T00:59Z", id="before summer begins"),
        pytest.param("2026-03-29T03:00", 0, "2026-03-29T01:00Z", id="when it has begun"),
        pytest.param("2026-10-25T02:30", 0, "2026-10-25T00:30Z", id="the first 2:30"),
        pytest.param("2026-10-25T02:30", 1, "2026-10-25T01:30Z", id="the second 2:30"),
    ],
)
def test_r37_the_night_of_the_clock_change_moves_no_end(
    ask: Callable[..., bool], settings: Any, local: str, fold: int, end: str
) -> None:
    settings.TIME_ZONE = BERLIN
    until = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(BERLIN), fold=fold)
    make_site(origins=[{"pattern": APP, "valid_until": until}])
    moment = datetime.fromisoformat(end)

    assert ask(moment - timedelta(seconds=1))
    assert not ask(moment)


def test_r37_a_clock_change_makes_no_window_longer(ask: Callable[..., bool], settings: Any) -> None:
    settings.TIME_ZONE = BERLIN
    start = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    make_site(
        origins=[{"pattern": APP, "valid_from": start, "valid_until": start + timedelta(hours=2)}]
    )

    moments = [start + timedelta(minutes=15 * number) for number in range(-4, 16)]

    assert [ask(moment) for moment in moments] == [False] * 4 + [True] * 8 + [False] * 8


@pytest.mark.parametrize(
    ("local", "end"),
    [
        pytest.param("2026-03-29 03:30:00", "2026-03-29T01:30Z", id="summer"),
        pytest.param("2026-10-25 03:30:00", "2026-10-25T02:30Z", id="winter"),
    ],
)
def test_r37_without_time_zones_an_end_is_local_time(
    ask: Callable[..., bool], settings: Any, local: str, end: str
) -> None:
    settings.TIME_ZONE = BERLIN
    settings.USE_TZ = False
    acme = make_site()
    Origin.objects.bulk_create([Origin(tenant=acme, pattern=APP)])
    execute("UPDATE corsadmin_origin SET valid_until = %s", local)
    moment = datetime.fromisoformat(end)

    assert ask(moment - timedelta(seconds=1))
    assert not ask(moment)


@pytest.mark.parametrize("days", [-365, -1, 1, 365])
def test_r37_a_writer_whose_clock_is_wrong_is_heard_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    acme = make_site(origins=[APP])
    known = loader.load("default")
    now = timezone.now() + timedelta(days=days)
    monkeypatch.setattr(timezone, "now", lambda: now)

    OriginFactory(tenant=acme, pattern=NEW)
    seen = loader.load("default", known)
    Tenant.objects.get(slug="acme").origins.filter(pattern=APP).delete()
    after = loader.load("default", seen)

    assert allowed(seen, NEW)
    assert not allowed(after, APP)


def test_r37_two_nodes_differ_by_their_clocks_and_by_nothing_else(
    ask: Callable[..., bool],
) -> None:
    make_site(origins=[{"pattern": APP, "valid_until": END}])
    skew = timedelta(minutes=5)

    # At one true moment, a node that is ahead and one that is behind; neither for ever.
    for since, expected in ((-6, (True, True)), (0, (False, True)), (6, (False, False))):
        true = END + timedelta(minutes=since)
        assert (ask(true + skew), ask(true - skew)) == expected
