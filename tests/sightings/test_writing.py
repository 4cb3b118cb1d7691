"""What a batch leaves in the tables, on each database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from corsadmin.models import (
    EntrySeen,
    RuleNames,
    Sighting,
    Tenant,
    Traffic,
    UnknownHost,
    Unseen,
)
from corsadmin.models.counter import read_counter
from corsadmin.sightings.batch import (
    Calls,
    HourlyOutcome,
    Missed,
    Names,
    SightingBatch,
)
from corsadmin.sightings.steps import StepReport
from corsadmin.sightings.writing import write_batch
from tests.factories import make_site
from tests.sightings.batches import (
    APP,
    EVIL,
    HOUR,
    NOON,
    SHOP,
    allowed,
    caller,
    refused,
    seen,
    stored,
    whole,
    write,
)

NOON_MOMENT = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_a_batch_leaves_what_it_counts(database):
    acme = make_site("acme", origins=[APP])
    before = read_counter("default")

    report = write_batch(whole(), "default")

    assert report == StepReport(rows=9)
    row = Sighting.objects.get()
    assert (row.tenant, row.rule, row.origin, row.reason) == (
        acme,
        "/api/",
        EVIL,
        "origin-not-listed",
    )
    assert (row.hours, row.calls, row.preflights, row.is_kin) == (1, 3, 0, False)
    assert (row.first_seen, row.last_seen) == (NOON_MOMENT, NOON_MOMENT)
    assert (row.methods, row.request_headers) == (["PUT"], ["x-a"])
    assert stored(Traffic, "outcome", "hour", "calls", "preflights", tenant=acme) == [
        ("allowed", NOON_MOMENT, 5, 1),
        ("origin-not-listed", NOON_MOMENT, 3, 0),
    ]
    assert stored(Traffic, "outcome", "calls", tenant=None) == [("no-tenant", 2)]
    entry = EntrySeen.objects.get()
    assert (entry.entry, entry.calls, entry.earlier) == (acme.origins.get(), 5, 0)
    names = RuleNames.objects.get()
    assert (names.tenant, names.rule) == (acme, "/api/")
    assert (names.methods, names.request_headers) == (["GET"], ["content-type"])
    today = datetime.now(UTC).date()
    for day in (entry.first_day, entry.last_day, names.first_day, names.last_day):
        assert today - timedelta(days=1) <= day <= today
    assert stored(Unseen, "tenant__slug", "not_looked_at", "turned_away", tenant=acme) == [
        ("acme", 7, 8)
    ]
    assert stored(Unseen, "hour", "ring_full", tenant=None) == [(NOON_MOMENT, 1)]
    assert stored(UnknownHost, "host", "calls", "hours") == [("api.example.org", 2, 1)]
    assert read_counter("default") == before


def test_a_batch_adds_to_what_is_there(database):
    make_site("acme", origins=[APP])

    write(whole(), whole(), whole())

    assert stored(Sighting, "hours", "calls") == [(1, 9)]
    assert stored(Traffic, "outcome", "calls", "preflights") == [
        ("allowed", 15, 3),
        ("no-tenant", 6, 0),
        ("origin-not-listed", 9, 0),
    ]
    assert stored(Unseen, "not_looked_at", "turned_away", "ring_full") == [(0, 0, 3), (21, 24, 0)]
    assert stored(UnknownHost, "host", "calls", "hours") == [("api.example.org", 6, 1)]
    assert (EntrySeen.objects.count(), RuleNames.objects.count()) == (1, 1)


def test_an_empty_batch_writes_nothing(database):
    assert write_batch(SightingBatch(), "default") == StepReport()


@pytest.mark.parametrize(
    ("times", "hours"),
    [
        pytest.param([NOON, NOON + 10], 1, id="twice in an hour"),
        pytest.param([NOON, NOON + HOUR], 2, id="in two hours"),
        pytest.param([NOON - 1, NOON], 2, id="a second apart, in two hours"),
        pytest.param([NOON, NOON + 9 * HOUR], 2, id="with hours between"),
        pytest.param([NOON + HOUR, NOON, NOON + HOUR], 1, id="another process is late"),
        pytest.param([NOON + HOUR, NOON + HOUR - 1, NOON + HOUR + 1], 1, id="late in one hour"),
    ],
)
def test_hours_count_when_the_hour_of_the_last_sight_moves(database, times, hours):
    make_site("acme")

    for at in times:
        write(refused(at=at))

    row = Sighting.objects.get()
    assert row.calls == len(times)
    assert row.hours == hours
    assert row.first_seen.timestamp() == min(times)
    assert row.last_seen.timestamp() == max(times)


def test_hours_of_one_batch_are_told_apart(database):
    make_site("acme")
    early, late = refused(at=NOON - 1), refused(at=NOON, origin=SHOP)
    batch = SightingBatch(callers={**early.callers, **late.callers})

    write(batch, batch)

    assert stored(Sighting, "origin", "hours", "calls") == [(EVIL, 1, 2), (SHOP, 1, 2)]


def test_kinship_follows_the_latest_batch(database):
    make_site("acme")

    write(
        SightingBatch(callers={caller(): seen(is_kin=True)}),
        SightingBatch(callers={caller(): seen(is_kin=False)}),
    )

    assert stored(Sighting, "is_kin") == [(False,)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param({"GET"}, {"PUT"}, ["GET", "PUT"], id="new ones are added"),
        pytest.param({"GET"}, set(), ["GET"], id="none take nothing away"),
        pytest.param({"GET"}, {"get"}, ["GET", "get"], id="case counts"),
        pytest.param(
            {f"M{number:02}" for number in range(19)},
            {"PUT", "QUERY"},
            [*(f"M{number:02}" for number in range(19)), "PUT"],
            id="until there is no room",
        ),
        pytest.param({"A\0B", "\ud800", "x" * 101}, {"GET"}, ["GET"], id="odd ones are left out"),
    ],
)
def test_names_are_added_to_those_that_are_there(database, first, second, expected):
    make_site("acme")
    for names in (first, second):
        write(
            SightingBatch(
                callers={caller(): seen(methods=names, headers=names)},
                names={("acme", "/api/"): Names(names, names)},
            )
        )

    assert stored(Sighting, "methods", "request_headers") == [(expected, expected)]
    assert stored(RuleNames, "methods", "request_headers") == [(expected, expected)]


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param(refused(rule="/\0/"), id="NUL in a rule"),
        pytest.param(refused(origin="https://\ud800.example"), id="a lone surrogate in an origin"),
        pytest.param(refused(origin="https://" + "a" * 330), id="an origin that is too long"),
        pytest.param(refused(rule="/" + "a" * 512), id="a path that is too long"),
        pytest.param(refused(reason="x" * 31), id="a reason that is too long"),
        pytest.param(refused(tenant="a\0c"), id="NUL in a slug"),
        pytest.param(refused(tenant="\udfff"), id="a lone surrogate in a slug"),
        pytest.param(refused(tenant="ACME"), id="a slug in another case"),
        pytest.param(refused(tenant=""), id="no tenant"),
        pytest.param(allowed(entry="https://\0"), id="NUL in an entry"),
        pytest.param(allowed(rule="\0"), id="NUL in a rule that allows"),
        pytest.param(
            SightingBatch(names={("acme", "/\0"): Names({"GET"})}), id="NUL in a rule of names"
        ),
        pytest.param(
            SightingBatch(traffic={HourlyOutcome("acme", "\0", 1): Calls(1)}),
            id="NUL in an outcome",
        ),
        pytest.param(
            SightingBatch(traffic={HourlyOutcome("gone", "allowed", 1): Calls(1)}),
            id="traffic of none",
        ),
        pytest.param(SightingBatch(missed={("gone", 1): Missed(1)}), id="missed calls of none"),
        pytest.param(SightingBatch(hosts={"\0.example": 1, "a" * 254: 1}), id="odd hosts"),
    ],
)
def test_what_no_table_takes_costs_itself_only(database, batch):
    make_site("acme", origins=[APP])
    good = whole()
    both = SightingBatch(
        callers={**batch.callers, **good.callers},
        allowed={**batch.allowed, **good.allowed},
        names={**batch.names, **good.names},
        traffic={**batch.traffic, **good.traffic},
        missed={**batch.missed, **good.missed},
        ring_full=good.ring_full,
        hosts={**batch.hosts, **good.hosts},
    )

    assert write_batch(both, "default") == StepReport(rows=9)


def test_odd_characters_of_rules_and_origins_are_kept(database):
    make_site("acme")
    odd: dict[str, Any] = {"rule": "/ü/'; DROP TABLE x; --%s/", "origin": 'app://A"%s~'}

    write(refused(**odd), refused(**odd))

    assert stored(Sighting, "rule", "origin", "calls") == [(odd["rule"], odd["origin"], 2)]


def test_a_deleted_tenant_costs_its_own_rows_only(database):
    make_site("acme", origins=[APP])
    gone = make_site("gone", origins=[APP])
    write(whole("gone"))
    kept = Sighting.objects.get()
    gone.delete()
    batch, other = whole(), whole("gone")

    write(
        SightingBatch(
            callers={**batch.callers, **other.callers},
            allowed={**batch.allowed, **other.allowed},
            traffic={**batch.traffic, **other.traffic},
        )
    )

    kept.refresh_from_db()
    assert kept.calls == 3
    assert Sighting.objects.exclude(pk=kept.pk).get().tenant == Tenant.objects.get(slug="acme")


def test_new_hosts_enter_while_there_is_room(database):
    rows = [UnknownHost(host=f"h{number:03}.example") for number in range(198)]
    UnknownHost.objects.bulk_create(rows)

    write(
        SightingBatch(
            hosts={"rare.example": 1, "busy.example": 9, "known.example": 5, "h000.example": 4}
        )
    )
    write(SightingBatch(hosts={"rare.example": 1, "busy.example": 1}))

    assert UnknownHost.objects.count() == 200
    assert UnknownHost.objects.get(pk="h000.example").calls == 4
    assert UnknownHost.objects.get(pk="busy.example").calls == 10
    assert not UnknownHost.objects.filter(pk="rare.example").exists()


def test_many_rows_are_written_in_transactions_of_500(database):
    make_site("acme")
    callers = {caller(origin=f"https://h{number}.example"): seen() for number in range(1_201)}
    pauses: list[int] = []

    report = write_batch(
        SightingBatch(callers=callers),
        "default",
        between=lambda: pauses.append(Sighting.objects.count()),
    )

    assert report.rows == 1_202  # with the rule
    assert pauses == [500, 1_000, 1_201, 1_201]
