"""Batches as a process hands them over, in a few words."""

from typing import Any

from corsadmin.sightings.batch import (
    AllowedBy,
    Caller,
    CallerSeen,
    Calls,
    HourlyOutcome,
    Missed,
    Names,
    SightingBatch,
)
from corsadmin.sightings.writing import write_batch

APP = "https://app.example.com"
SHOP = "https://shop.example.com"
EVIL = "https://evil.example"
HOUR = 3_600
NOON = 1_796_040_000.0  # 2026-11-30 12:00 UTC
NOON_HOUR = int(NOON // HOUR)


def caller(
    tenant: str = "acme", origin: str = EVIL, reason: str = "origin-not-listed", rule: str = "/api/"
) -> Caller:
    return Caller(tenant, rule, origin, reason)


def seen(calls: int = 1, at: float = NOON, **given: Any) -> CallerSeen:
    return CallerSeen(**{"first": at, "last": at, "calls": calls, **given})


def refused(calls: int = 1, at: float = NOON, **given: Any) -> SightingBatch:
    """Return a batch with one refused caller."""
    return SightingBatch(callers={caller(**given): seen(calls, at)})


def allowed(
    calls: int = 1,
    tenant: str = "acme",
    entry: str = APP,
    rule: str = "/api/",
    inherited: bool = False,
) -> SightingBatch:
    """Return a batch with the calls that one entry let in."""
    return SightingBatch(allowed={AllowedBy(tenant, rule, inherited, entry): Calls(calls)})


def whole(tenant: str = "acme") -> SightingBatch:
    """Return a batch with something of every kind."""
    return SightingBatch(
        callers={caller(tenant): seen(3, methods={"PUT"}, headers={"x-a"})},
        allowed={AllowedBy(tenant, "/api/", False, APP): Calls(5, 1)},
        names={(tenant, "/api/"): Names({"GET"}, {"content-type"})},
        traffic={
            HourlyOutcome(tenant, "allowed", NOON_HOUR): Calls(5, 1),
            HourlyOutcome(tenant, "origin-not-listed", NOON_HOUR): Calls(3),
            HourlyOutcome("", "no-tenant", NOON_HOUR): Calls(2),
        },
        missed={(tenant, NOON_HOUR): Missed(7, 8)},
        ring_full={NOON_HOUR: 1},
        hosts={"api.example.org": 2},
    )


def write(*batches: SightingBatch) -> None:
    """Write batches, all of which must succeed."""
    for batch in batches:
        report = write_batch(batch, "default")
        assert (report.failed, report.error) == (0, "")


def stored(model, *fields, **given):
    return sorted(model.objects.filter(**given).values_list(*fields))
