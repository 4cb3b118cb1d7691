"""Hostile calls: each counts for its own tenant, together as one by one."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from corsadmin.engine import Decision, Reason
from corsadmin.sightings.batch import SightingBatch
from corsadmin.sightings.ring import Item
from tests.sightings.calls import NOON, PREFLIGHT, FakeRequest, drain, left

# Some are the beginning of others, or words that texts in the ring contain; some calls have none.
TENANTS = ("", "a", "acme", "acme-x", "call", "allowed", "x" * 63)
RULES = ("", "/", "/api/", "/call\t/", f"/{'r' * 255}/")
ENTRIES = ("*", "https://app.example", "https://*.app.example")
MANY = 10_000  # looks
# Separators, what looks like other fields, and texts that are about as long as those that are kept.
SAID = st.one_of(
    st.sampled_from(["https://e.example", "null", "\t\n", "\n" * 590, "a\nb", "call\t\n", "x" * 8_000]),
    st.integers(500, 610).map("y".__mul__),
    st.text(alphabet="\n\tax:/.é", max_size=12),
)  # fmt: skip
REFUSALS = st.sampled_from([*(reason for reason in Reason if reason not in {
    Reason.ALLOWED, Reason.NOT_CORS, Reason.SAME_ORIGIN,
})])  # fmt: skip

Call = tuple[Decision, FakeRequest]


@st.composite
def calls(draw: st.DrawFn) -> Call:
    tenant, rule = draw(st.sampled_from(TENANTS)), draw(st.sampled_from(RULES))
    meta = {"HTTP_ORIGIN": draw(SAID) or "x"}
    is_preflight = draw(st.booleans())
    if is_preflight:
        meta |= {PREFLIGHT: draw(SAID), "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": draw(SAID)}
    request = FakeRequest(meta, "OPTIONS" if is_preflight else "GET")
    if not draw(st.booleans()):
        return Decision(draw(REFUSALS), tenant, rule), request
    return Decision(
        Reason.ALLOWED,
        tenant,
        rule,
        inherited=draw(st.booleans()),
        entry=draw(st.sampled_from(ENTRIES)),
        allow_origin=meta["HTTP_ORIGIN"],
        status=204 if is_preflight else 0,
    ), request


def drained(*batches: list[Item]) -> tuple[SightingBatch, int]:
    """Return what a drain has of these batches, and how many calls it examined."""
    found = drain()
    looks = sum(found.take_in([*items], NOON, max_looks=MANY) for items in batches)
    return found.take(everything=True), looks


@given(st.lists(calls(), max_size=30), st.randoms(use_true_random=False))
def test_each_call_counts_for_its_own_tenant_and_reason(some: list[Call], random: Random) -> None:
    made = [call for call in some for _ in range(random.choice([1, 1, 3]))]
    random.shuffle(made)
    expected = Counter(
        (decision.tenant, decision.reason.value, request.method == "OPTIONS")
        for decision, request in made
    )
    items = [item for call in made for item in left(*call)]

    batch, looks = drained(items)

    assert {
        (key.tenant, key.outcome, is_preflight): number
        for key, sums in batch.traffic.items()
        for is_preflight, number in ((False, sums.calls), (True, sums.preflights))
        if number
    } == expected
    alone, looks_alone = drained(*([item] for item in items))
    assert (batch.traffic, batch.missed, batch.allowed, batch.hosts, looks) == (
        alone.traffic,
        alone.missed,
        alone.allowed,
        alone.hosts,
        looks_alone,
    )
    assert refusals(batch) == refusals(alone)


def refusals(batch: SightingBatch) -> dict[object, tuple[int, int]]:
    """Return how often each refused caller called; samples of allowed ones depend on the order."""
    return {
        caller: (seen.calls, seen.preflights)
        for caller, seen in batch.callers.items()
        if caller.reason != Reason.ALLOWED
    }
