"""Allowed calls: counted by what let them in, with a few origins and names as samples."""

import pytest

from corsadmin.sightings import allowed as module
from corsadmin.sightings.batch import AllowedBy, Calls, Names, SightingBatch
from corsadmin.sightings.drain import Drain
from corsadmin.sightings.ring import Item
from tests.engine.policies import PLAIN, record, snapshot
from tests.sightings.calls import (
    APP,
    EVIL,
    NOON,
    allowed,
    drain,
    get,
    left,
    options,
)

WILDCARD = "https://*.example.com"
ENTRY = AllowedBy("acme", "/api/", False, APP)
ANY = AllowedBy("acme", "/api/", False, "")
BELOW = AllowedBy("acme", "/api/", False, WILDCARD)


def batch_of(*items: Item, found: Drain | None = None, now: float = NOON) -> SightingBatch:
    found = found or drain()
    found.take_in([*items], now, max_looks=0)
    return found.take()


def samples(batch: SightingBatch) -> list[str]:
    assert {caller.reason for caller in batch.callers} <= {"allowed"}
    return [caller.origin for caller in batch.callers]


def test_calls_are_counted_by_tenant_rule_and_entry() -> None:
    one, other = allowed(), allowed("https://b.example")
    inherited, foreign = allowed(inherited=True), allowed(tenant="other")

    batch = batch_of(one, one, other, inherited, allowed(), foreign)

    assert batch.allowed == {
        ENTRY: Calls(3),
        AllowedBy("acme", "/api/", False, "https://b.example"): Calls(1),
        AllowedBy("acme", "/api/", True, APP): Calls(1),
        AllowedBy("other", "/api/", False, APP): Calls(1),
    }
    assert samples(batch) == []


def test_calls_that_left_a_text_are_counted_too() -> None:
    call = left(allowed(), get(APP))
    preflight = left(allowed(status=204), options(APP))

    batch = batch_of(allowed(), *call, *call, *preflight, *preflight, *preflight)

    assert batch.allowed == {ENTRY: Calls(3, 3)}


def test_where_any_origin_may_call_the_entry_is_blank() -> None:
    batch = batch_of(allowed("*"), *left(allowed("*"), get()))

    assert batch.allowed == {ANY: Calls(2)}
    assert samples(batch) == [EVIL]  # the middleware has chosen one in 64


def test_one_call_in_64_below_a_wildcard_is_a_sample() -> None:
    callers = [f"https://c{number}.example.com" for number in range(640)]
    found = drain()

    whole = batch_of(*(allowed(WILDCARD, origin) for origin in callers[:320]), found=found)
    texts = [
        item for origin in callers[320:] for item in left(allowed(WILDCARD, origin), get(origin))
    ]
    other = batch_of(*texts, found=found)

    assert (whole.allowed, other.allowed) == ({BELOW: Calls(320)}, {BELOW: Calls(320)})
    assert samples(whole) == callers[0:320:64]
    assert samples(other) == callers[320:640:64]


def test_a_sample_says_when_how_often_and_who() -> None:
    found = drain()
    call = allowed(WILDCARD, "https://c.example.com")
    for minute in range(3):
        found.take_in([call] * 64, NOON + 60 * minute, max_looks=0)

    [(caller, seen)] = found.take().callers.items()

    assert caller == ("acme", "/api/", "https://c.example.com", "allowed")
    assert (seen.first, seen.last, seen.calls, seen.preflights) == (NOON, NOON + 120, 3, 0)


def test_a_clock_that_is_set_back_never_puts_a_samples_last_call_before_its_first() -> None:
    found = drain()
    for now in (NOON, NOON - 60, NOON - 30):
        found.take_in(left(allowed("*"), get()), now, max_looks=0)

    [seen] = found.take().callers.values()

    assert (seen.first, seen.last, seen.calls) == (NOON - 60, NOON, 3)


def test_a_sample_may_be_kin() -> None:
    found = drain()
    held = snapshot(record(origins=[("https://app.example.com", PLAIN)]))
    found.kinship.follow(held, ["acme"], lambda: None)

    batch = batch_of(
        *left(allowed("*"), get("https://b.example.com")), *left(allowed("*"), get()), found=found
    )

    assert [seen.is_kin for seen in batch.callers.values()] == [True, False]


@pytest.mark.parametrize("origin", ["null", "nonsense", "a\nb"])
def test_a_sample_is_an_origin_that_browsers_send(origin: str) -> None:
    batch = batch_of(*left(allowed("*"), get(origin)))

    assert (batch.allowed, samples(batch)) == ({ANY: Calls(1)}, [])


def test_developers_machines_are_one_sample() -> None:
    calls = [
        item for port in (1, 2) for item in left(allowed("*"), get(f"http://localhost:{port}"))
    ]

    assert samples(batch_of(*calls)) == ["http://127.0.0.1"]


def test_an_entry_has_20_samples_an_hour_and_old_ones_count_on() -> None:
    found = drain()
    calls = [left(allowed("*"), get(f"https://c{number}.example"))[0] for number in range(30)]

    assert len(samples(batch_of(*calls, found=found))) == 20
    assert len(samples(batch_of(*calls, found=found))) == 20
    assert samples(batch_of(calls[29], found=found)) == []
    assert samples(batch_of(calls[29], found=found, now=NOON + 3_600)) == ["https://c29.example"]


def test_the_samples_of_a_process_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SAMPLED", 3)
    calls = [left(allowed("*", tenant=f"t{number}"), get())[0] for number in range(5)]

    assert len(samples(batch_of(*calls))) == 3


def test_entries_are_bounded_between_two_flushes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ALLOWANCES", 2)
    found = drain()
    calls = [allowed(f"https://c{number}.example") for number in range(4)]

    first = batch_of(*calls, *calls, found=found)

    assert list(first.allowed.values()) == [Calls(2), Calls(2)]
    assert sum(calls.calls for calls in first.traffic.values()) == 8  # the totals lack nothing
    assert len(batch_of(calls[3], found=found).allowed) == 1


def ask(*asked: tuple[str, str]) -> list[Item]:
    return [
        item
        for method, names in asked
        for item in left(allowed(status=204), options(APP, method, names))
    ]


def test_preflights_leave_the_names_they_asked_for() -> None:
    batch = batch_of(*ask(("PUT", "x-a,X-B"), ("PUT", "x-c"), ("DELETE", ""), ("P T", "x d")))

    assert batch.names == {("acme", "/api/"): Names({"PUT", "DELETE"}, {"x-a", "x-b", "x-c"})}


def test_names_of_a_rule_are_bounded() -> None:
    batch = batch_of(*ask(*((f"M{number}", f"x-{number}") for number in range(30))))

    [names] = batch.names.values()
    assert (len(names.methods), len(names.headers)) == (20, 20)


def test_no_names_are_kept_where_nothing_valid_was_asked_for() -> None:
    assert batch_of(*ask(("P T", "x y"))).names == {}


def test_names_of_all_rules_are_bounded_between_two_flushes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_ALLOWED_NAMES", 3)
    found = drain()

    for _ in range(2):
        [names] = batch_of(*ask(("PUT", "x-a,x-b,x-c,x-d")), found=found).names.values()
        assert (names.methods, names.headers) == ({"PUT"}, {"x-a", "x-b"})


def test_the_names_of_few_texts_of_a_drain_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_NAME_LOOKS", 2)

    batch = batch_of(*ask(*(("PUT", f"x-{number}") for number in range(5))))

    assert batch.names == {("acme", "/api/"): Names({"PUT"}, {"x-0", "x-1"})}
    assert batch.allowed == {ENTRY: Calls(0, 5)}


def test_a_text_that_was_too_long_is_in_the_totals_only() -> None:
    batch = batch_of(*left(allowed("*")._replace(rule="/" + "x" * 700), get()))

    assert (batch.allowed, samples(batch)) == ({}, [])
    assert list(batch.traffic.values()) == [Calls(1)]
