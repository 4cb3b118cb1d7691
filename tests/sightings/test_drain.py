"""From the ring to a batch: every call counted, some looked at, nothing twice."""

from collections import Counter
from typing import Any

import pytest

from corsadmin.engine import Reason
from corsadmin.sightings import drain as module
from corsadmin.sightings.batch import (
    Caller,
    CallerSeen,
    Calls,
    HourlyOutcome,
    Missed,
    SightingBatch,
)
from corsadmin.sightings.drain import Drain
from corsadmin.sightings.ring import MAX_ITEMS, Item
from tests.engine.policies import PLAIN, record, snapshot
from tests.sightings.calls import (
    EVIL,
    NOON,
    NOON_HOUR,
    FakeRequest,
    allowed,
    drain,
    get,
    left,
    options,
    refused,
    text,
)

NOT_LISTED = "origin-not-listed"


def batch_of(
    *items: Item, looks: int = 2_000, found: Drain | None = None, **given: Any
) -> SightingBatch:
    found = found or drain()
    found.take_in([*items], NOON, max_looks=looks, **given)
    return found.take()


def caller(
    origin: str = EVIL, reason: str = NOT_LISTED, rule: str = "/api/", tenant: str = "acme"
) -> Caller:
    return Caller(tenant, rule, origin, reason)


def host(name: str) -> Item:
    return f"\nno-tenant\ncall\t\n\n{name}"


def test_nothing_came() -> None:
    assert batch_of() == SightingBatch()


def test_refused_callers_are_listed_with_what_they_asked_for() -> None:
    batch = batch_of(text(), text(), *left(refused(), options()), text("https://b.example"))

    assert batch.callers == {
        caller(): CallerSeen(NOON, NOON, calls=2, preflights=1, methods=("PUT",), headers=("x-a",)),
        caller("https://b.example"): CallerSeen(NOON, NOON, calls=1),
    }


@pytest.mark.parametrize("reason", [Reason.ORIGIN_NULL, Reason.ORIGIN_MALFORMED])
@pytest.mark.parametrize("origin", ["null", "https://Evil.example", "a\nb"])
def test_what_names_nobody_is_kept_without_its_text(reason: Reason, origin: str) -> None:
    batch = batch_of(text(origin, reason=reason))

    assert batch.callers == {caller("", reason): CallerSeen(NOON, NOON, calls=1)}


def test_kin_are_told_from_strangers() -> None:
    held = snapshot(record(origins=[("https://app.acme.dev", PLAIN)]))

    batch = batch_of(text("https://other.acme.dev"), text(), snapshot=held)

    assert {one.origin: seen.is_kin for one, seen in batch.callers.items()} == {
        "https://other.acme.dev": True,
        EVIL: False,
    }


def test_without_a_rule_the_site_alone_is_kept() -> None:
    item = left(refused(Reason.NO_RULE, rule=""), get("https://a.b.evil.example:8443"))

    batch = batch_of(*item)

    assert batch.callers == {caller(EVIL, "no-rule", ""): CallerSeen(NOON, NOON, calls=1)}


@pytest.mark.parametrize("reason", [Reason.NOT_READY, Reason.TOO_STALE])
def test_what_is_the_processs_own_fault_lists_nobody(reason: Reason) -> None:
    tenant = "" if reason is Reason.NOT_READY else "acme"

    batch = batch_of(text(tenant=tenant, reason=reason))

    assert batch.callers == {}
    assert batch.traffic == {HourlyOutcome(tenant, reason, NOON_HOUR): Calls(1)}


def test_every_call_is_in_the_totals() -> None:
    batch = batch_of(
        *(allowed(), allowed()),
        *left(allowed("*"), get()),
        *left(allowed(status=204), options()),
        *(text(), text(), text("null", reason=Reason.ORIGIN_NULL), text(tenant="other")),
        *left(refused(), options()),
        host("api.example.org"),
        looks=0,
    )

    assert batch.traffic == {
        HourlyOutcome("acme", "allowed", NOON_HOUR): Calls(3, 1),
        HourlyOutcome("acme", NOT_LISTED, NOON_HOUR): Calls(2, 1),
        HourlyOutcome("acme", "origin-null", NOON_HOUR): Calls(1),
        HourlyOutcome("other", NOT_LISTED, NOON_HOUR): Calls(1),
        HourlyOutcome("", "no-tenant", NOON_HOUR): Calls(1),
    }


def test_totals_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_OUTCOMES", 2)

    batch = batch_of(*(text(tenant=f"t{number % 4}") for number in range(8)), looks=0)

    assert list(batch.traffic.values()) == [Calls(2), Calls(2)]


def test_what_is_not_looked_at_is_said() -> None:
    batch = batch_of(*(text(f"https://c{number}.example") for number in range(50)), looks=10)

    assert batch.missed == {("acme", NOON_HOUR): Missed(not_looked_at=40)}
    assert [one.origin for one in batch.callers] == [
        f"https://c{number}.example" for number in range(0, 50, 5)
    ]


def test_even_spacing_goes_across_reasons() -> None:
    items = [
        *(text(f"https://a{number}.example") for number in range(20)),
        *(text(f"https://b{number}.example", reason=Reason.ORIGIN_EXPIRED) for number in range(5)),
        *(text(f"https://c{number}.example", reason=Reason.POLICY_INVALID) for number in range(25)),
    ]

    batch = batch_of(*items, looks=10)

    assert Counter(one.origin[8] for one in batch.callers) == {"a": 4, "b": 1, "c": 5}


def test_tenants_are_looked_at_in_turns() -> None:
    crowd = [text(f"https://c{number}.example") for number in range(1_000)]

    batch = batch_of(*crowd, *(text(tenant="small") for _ in range(20)), looks=100)

    assert batch.callers[caller(tenant="small")].calls == 20
    assert batch.missed == {("acme", NOON_HOUR): Missed(not_looked_at=920)}


def test_a_text_that_was_too_long_was_not_looked_at() -> None:
    batch = batch_of(*left(refused(), get("x" * 700)), text())

    assert list(batch.callers) == [caller()]
    assert batch.missed == {("acme", NOON_HOUR): Missed(not_looked_at=1)}


def test_who_finds_the_lists_full_enters_with_the_second_call() -> None:
    crowd = [text(f"https://c{number}.example") for number in range(250)]
    late = [text("https://late.example") for _ in range(3)]

    batch = batch_of(*crowd, *late, text("https://once.example"))

    assert batch.missed == {("acme", NOON_HOUR): Missed(turned_away=2)}
    assert batch.callers[caller("https://late.example")].calls == 2


def test_who_finds_the_lists_full_is_counted() -> None:
    found = drain()

    batch = batch_of(*(text(f"https://c{number}.example") for number in range(300)), found=found)

    assert batch.missed == {("acme", NOON_HOUR): Missed(turned_away=50)}
    assert found.tally.turned_away == 50


def test_a_full_ring_is_counted_by_the_hour() -> None:
    found = drain()
    for count in (MAX_ITEMS, MAX_ITEMS - 1, MAX_ITEMS):
        found.take_in([allowed()] * count, NOON, max_looks=0)

    assert found.take().ring_full == {NOON_HOUR: 2}
    assert found.tally.ring_full == 2


def test_the_tally_says_what_was_done() -> None:
    found = drain()

    looks = found.take_in([text(), text(), allowed()], NOON, max_looks=1)

    assert looks == 1
    assert (found.tally.recorded, found.tally.looked_at) == (3, 1)


def test_hosts_without_a_tenant_are_counted() -> None:
    batch = batch_of(
        *(
            host(name)
            for name in ("a.example", "b.example", "a.example", "", "not valid", "A.example")
        )
    )

    assert batch.hosts == {"a.example": 2, "b.example": 1}
    assert batch.callers == {}


def test_the_host_of_a_tenant_is_not_unknown() -> None:
    batch = batch_of(host("acme.example.net"), host("b.example"), snapshot=snapshot(record()))

    assert batch.hosts == {"b.example": 1}


def test_hosts_are_bounded_and_those_seen_again_get_in() -> None:
    found = drain()
    crowd = [host(f"h{number}.example") for number in range(300)]

    found.take_in([*crowd, host("late.example")], NOON, max_looks=0)
    found.take_in([host("late.example")] * 3, NOON, max_looks=0)
    batch = found.take()

    assert len(batch.hosts) == 200
    assert batch.hosts["late.example"] == 3


def test_each_batch_begins_anew() -> None:
    found = drain()
    assert batch_of(text(), allowed(), host("a.example"), found=found) != SightingBatch()

    assert found.take() == SightingBatch()

    again = batch_of(text(), found=found)
    assert again.callers == {caller(): CallerSeen(NOON, NOON, calls=1)}


def test_new_callers_wait_their_turn_unless_all_are_wanted() -> None:
    found = drain()
    items = [text(f"https://c{number}.example") for number in range(230)]

    assert [len(batch_of(*items, found=found).callers) for _ in range(3)] == [100, 200, 230]
    other = drain()
    other.take_in([*items], NOON, max_looks=2_000)
    assert len(other.take(everything=True).callers) == 230


def test_a_caller_that_waits_keeps_what_it_did() -> None:
    found = drain()
    crowd = [text(f"https://c{number}.example") for number in range(100) for _ in range(9)]
    batch_of(*crowd, text(), *left(refused(), options()), found=found)

    [(_caller, seen)] = found.take().callers.items()

    assert seen == CallerSeen(NOON, NOON, calls=1, preflights=1, methods=("PUT",), headers=("x-a",))


def test_requests_beside_it_can_go_on() -> None:
    steps: list[None] = []

    crowd = [text(f"https://c{number}.example") for number in range(640)]

    batch_of(*crowd, on_step=lambda: steps.append(None))

    assert len(steps) >= 10


def test_options_without_a_method_is_a_call() -> None:
    batch = batch_of(*left(refused(), FakeRequest({"HTTP_ORIGIN": EVIL}, "OPTIONS")))

    assert batch.callers == {caller(): CallerSeen(NOON, NOON, calls=1)}
