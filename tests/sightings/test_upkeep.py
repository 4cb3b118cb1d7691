"""What the upkeep lets go, and that one process an hour does it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection, connections
from django.db.models import Sum

from corsadmin.models import (
    Dismissal,
    EntrySeen,
    Origin,
    PathRule,
    RuleNames,
    Sighting,
    Tenant,
    Traffic,
    Unseen,
    UpkeepTurn,
)
from corsadmin.models.counter import read_counter
from corsadmin.sightings import removing, retention
from corsadmin.sightings.batch import Calls, HourlyOutcome, SightingBatch
from corsadmin.sightings.removing import remove_sightings
from corsadmin.sightings.steps import StepReport
from corsadmin.sightings.upkeep import tidy
from tests.factories import OriginFactory, PathRuleFactory, make_site
from tests.sightings.batches import APP, HOUR, NOON, NOON_HOUR, stored, whole, write

MIDNIGHT = datetime(2026, 11, 30, tzinfo=UTC)
DAY = 24 * HOUR
TODAY = MIDNIGHT.date()


def put_in_order(now=NOON):
    """Tidy, even if another process has done so within the hour."""
    UpkeepTurn.objects.all().delete()
    report = tidy("default", now=now)
    assert (report.failed, report.error) == (0, "")
    return report.rows


def traffic(hours, tenants=("acme",), outcome="allowed"):
    """Return a batch with three calls and a preflight in each of some hours."""
    return SightingBatch(
        traffic={
            HourlyOutcome(slug, outcome, hour): Calls(3, 1) for slug in tenants for hour in hours
        }
    )


def totals():
    return Traffic.objects.aggregate(calls=Sum("calls"), preflights=Sum("preflights"))


@pytest.fixture
def few(monkeypatch):
    """Small transactions and small sweeps."""
    monkeypatch.setattr(removing, "MAX_REMOVED", 3)
    monkeypatch.setattr(retention, "MAX_REMOVED", 3)
    monkeypatch.setattr(retention, "MAX_SWEPT", 2)


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        pytest.param(0, False, id="at once"),
        pytest.param(HOUR - 1, False, id="within the hour"),
        pytest.param(HOUR, True, id="an hour later"),
        pytest.param(-HOUR + 1, False, id="by a clock that is late"),
        pytest.param(-DAY, True, id="the last one's clock was far ahead"),
    ],
)
def test_the_turn_comes_once_an_hour(database, elapsed, expected):
    make_site("acme")
    tidy("default", now=NOON)
    write(traffic([NOON_HOUR - 24 * 100]))

    assert (tidy("default", now=NOON + elapsed).rows > 0) == expected


@pytest.mark.parametrize("vendor", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_one_of_many_processes_gets_the_turn(vendor, request):
    request.getfixturevalue(vendor)
    make_site("acme")
    for now in (NOON, NOON + HOUR):
        write(traffic(range(NOON_HOUR - 24 * 100, NOON_HOUR - 24 * 99)))
        barrier = Barrier(6)

        def act(_number, now=now, barrier=barrier):
            try:
                barrier.wait(60)
                return tidy("default", now=now)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(6) as pool:
            reports = sorted((report.failed, report.rows) for report in pool.map(act, range(6)))

        assert reports == [(0, 0)] * 5 + [(0, 24 + 1)]


def test_hours_become_days_after_a_week(database, few):
    make_site("acme")
    make_site("rival")
    hours = range(NOON_HOUR - 24 * 9, NOON_HOUR)
    for outcome in ("allowed", "origin-not-listed"):
        write(traffic(hours, ("acme", "rival", ""), outcome))
    before = totals()

    put_in_order()

    assert totals() == before
    week_ago = MIDNIGHT - timedelta(days=7)
    merged = Traffic.objects.filter(hour__lt=week_ago)
    assert stored(Traffic, "hour", "calls", "preflights", tenant__slug="acme", outcome="allowed")[
        :3
    ] == [
        (week_ago - timedelta(days=2), 36, 12),
        (week_ago - timedelta(days=1), 72, 24),
        (week_ago, 3, 1),
    ]
    assert merged.count() == 2 * 2 * 3
    assert Traffic.objects.exclude(pk__in=merged).count() == (7 * 24 + 12) * 2 * 3


def test_days_stay_as_they_are(database):
    make_site("acme")
    write(traffic(range(NOON_HOUR - 24 * 20, NOON_HOUR)))
    put_in_order()
    before = stored(Traffic, "hour", "calls")

    put_in_order()
    put_in_order(NOON + 3 * HOUR)

    assert stored(Traffic, "hour", "calls") == before


def test_calls_that_come_late_are_added_to_their_day(database):
    make_site("acme")
    week_ago = NOON_HOUR - 24 * 10
    write(traffic([week_ago]))
    put_in_order()

    write(traffic([week_ago, week_ago + 1]))
    put_in_order()

    assert stored(Traffic, "hour", "calls") == [(MIDNIGHT - timedelta(days=10), 9)]


def test_what_is_ninety_days_old_goes(database, few):
    acme = make_site("acme")
    write(traffic([NOON_HOUR - 24 * days for days in (1, 89, 91, 100, 101, 102)]))
    Unseen.objects.create(tenant=acme, hour=MIDNIGHT - timedelta(days=89))
    Unseen.objects.create(hour=MIDNIGHT - timedelta(days=91))
    Dismissal.objects.create(tenant=acme, origin=APP, until=MIDNIGHT)
    Dismissal.objects.create(tenant=acme, origin=f"{APP}:8443", until=MIDNIGHT + timedelta(days=1))

    put_in_order()

    assert (Traffic.objects.count(), Unseen.objects.count()) == (2, 1)
    assert stored(Dismissal, "origin") == [(f"{APP}:8443",)]


def test_the_rows_of_a_tenant_follow_it(database, few):
    make_site("acme", origins=[APP])
    gone = make_site("gone", origins=[APP])
    write(whole(), whole("gone"))
    Dismissal.objects.create(tenant=gone, origin=APP)
    gone.delete()
    generation = read_counter("default")

    put_in_order()

    for model in (Sighting, RuleNames):
        assert stored(model, "tenant__slug") == [("acme",)]
    assert Traffic.objects.filter(tenant__isnull=False).count() == 2
    assert Traffic.objects.filter(tenant=None).count() == 1
    assert Unseen.objects.count() == 2
    assert Dismissal.objects.count() == 0
    assert EntrySeen.objects.count() == 1
    assert read_counter("default") == generation


def test_the_use_of_entries_and_rules_follows_them(database, few):
    acme = make_site("acme")
    platform = Tenant.objects.get(slug="platform")
    for number in range(7):
        path = f"/{number}/"
        PathRuleFactory(tenant=platform if number == 3 else acme, path=path)
        entry = OriginFactory(tenant=acme, pattern=f"https://{number}.example")
        day = TODAY - timedelta(days=2 * (number != 6))
        RuleNames.objects.create(tenant=acme, rule=path, first_day=day, last_day=day)
        EntrySeen.objects.create(entry=entry, first_day=day, last_day=day)
    PathRule.objects.exclude(path__in=["/2/", "/3/"]).delete()
    Origin.objects.exclude(pattern__in=["https://0.example", "https://5.example"]).delete()

    put_in_order()

    # The last rule answered today: perhaps it went a moment ago.
    assert stored(RuleNames, "rule") == [("/2/",), ("/3/",), ("/6/",)]
    assert stored(EntrySeen, "entry__pattern") == [("https://0.example",), ("https://5.example",)]


def test_all_that_is_kept_of_a_tenant_can_be_removed(database, few):
    acme = make_site("acme", origins=[APP])
    make_site("rival", origins=[APP])
    write(whole(), whole("rival"))
    Dismissal.objects.create(tenant=acme, origin=APP)

    removed = sum(remove_sightings(Tenant.objects.filter(slug="acme")))

    assert removed == 1 + 2 + 1 + 1 + 1 + 1
    assert not Sighting.objects.filter(tenant=acme).exists()
    assert stored(EntrySeen, "entry__tenant__slug") == [("rival",)]
    assert (Traffic.objects.count(), Unseen.objects.count(), Dismissal.objects.count()) == (3, 2, 0)


def test_without_the_tables_nothing_is_tidied(database):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE corsadmin_upkeepturn")

    report = tidy("default", now=NOON)

    assert (report.rows, report.failed) == (0, 1)
    assert "corsadmin_upkeepturn" in report.error


def test_one_missing_table_leaves_the_rest_to_be_tidied(database):
    make_site("acme")
    write(traffic([NOON_HOUR - 24 * 91]))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE corsadmin_sighting")

    report = tidy("default", now=NOON)

    assert report.failed == 2  # the lanes, and the rows of tenants that have gone
    assert Traffic.objects.count() == 0


@pytest.mark.slow
def test_one_row_that_a_writer_holds_keeps_no_other(postgresql, few):
    acme = make_site("acme")
    hours = [MIDNIGHT - timedelta(days=91, hours=number) for number in range(8)]
    held, *_rest = [Unseen.objects.create(tenant=acme, hour=hour) for hour in hours]
    other = connections.create_connection("default")
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT * FROM corsadmin_unseen WHERE digest = %s FOR UPDATE", [held.pk])
        put_in_order()
    finally:
        other.rollback()
        other.close()

    assert list(Unseen.objects.all()) == [held]


@pytest.mark.slow
def test_what_a_writer_holds_stays_for_the_next_time(postgresql, few):
    make_site("acme")
    old = NOON_HOUR - 24 * 91
    write(traffic([old - 48, old - 24, old, NOON_HOUR - 24 * 9]))
    other = connections.create_connection("default")
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT * FROM corsadmin_traffic FOR UPDATE")
        report = tidy("default", now=NOON)
    finally:
        other.rollback()
        other.close()

    assert report == StepReport()
    assert Traffic.objects.count() == 4

    put_in_order()
    assert stored(Traffic, "hour") == [(MIDNIGHT - timedelta(days=9),)]


def test_a_site_without_time_zones_has_days_of_its_own(sqlite, settings):
    make_site("acme")
    settings.USE_TZ = False
    write(traffic(range(NOON_HOUR - 24 * 9, NOON_HOUR)))

    put_in_order()
    put_in_order(NOON + HOUR)

    days = [hour for (hour,) in stored(Traffic, "hour")][:3]
    assert all(day.tzinfo is None and day == day.replace(hour=0) for day in days[:2])
    assert totals()["calls"] == 3 * 24 * 9
