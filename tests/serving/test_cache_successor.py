"""What the decision cache of a new snapshot takes along, and what it forgets."""

import pytest

from corsadmin.serving.decision_cache import cache_of
from tests.engine.policies import APP, PLAIN, changed, record, snapshot
from tests.serving.caches import ask, cached, kept


def test_the_cache_of_the_same_snapshot_is_the_same():
    held = snapshot(record())
    cache = cache_of(held, None)

    assert cache_of(held, cache) is cache
    assert cache_of(snapshot(record()), cache) is not cache


def test_a_new_snapshot_begins_without_decisions():
    before = cached(record(origins=[(APP, PLAIN)]))
    first = before.decide(kept(before), ask(APP))

    after = cache_of(changed(before.snapshot, {}), before)

    assert after.decide(kept(after), ask(APP)) is not first


def test_only_changed_tenants_are_compiled_anew():
    before = cached(record("acme"), record("rival"))
    acme, rival = kept(before), kept(before, "rival")

    after = before.successor(changed(before.snapshot, {1: record("acme", rules=[])}))

    assert after.policy("rival") is rival
    assert after.policy("acme") is not acme
    assert before.policy("acme") is acme


def test_a_snapshot_that_was_read_anew_begins_with_nothing():
    records = ["acme", "platform"]
    before = cached(*map(record, records))
    found = kept(before)

    after = before.successor(snapshot(*map(record, records)))

    assert kept(after) is not found
    assert after.platform is not before.platform


def test_a_platform_that_goes_or_comes_changes_its_heirs():
    platform = record("platform", rules=[{"path": "/a/"}], origins=[("https://a.example", PLAIN)])
    before = cached(record("acme", rules=[]), platform)
    assert kept(before).rules.find("/a/") is not None

    without = before.successor(changed(before.snapshot, {}, gone=[2]))
    again = without.successor(changed(without.snapshot, {2: platform}, generation=3))

    assert without.platform is None
    assert without.policy("acme").rules.find("/a/") is None
    assert without.policy("acme").platform is None
    assert again.policy("acme").rules.find("/a/") is not None
    assert again.policy("acme").platform is again.platform


@pytest.mark.parametrize("name", ["policy", "policy_of_host"])
def test_a_kept_tenant_is_forgotten_when_it_changes_or_goes(name):
    before = cached(*(record(slug, hosts=[slug]) for slug in ("acme", "rival", "third")))
    for slug in ("acme", "rival", "third") * 3:
        assert getattr(before, name)(slug).slug == slug

    moved = {1: record("acme", hosts=["acme"], rules=[])}
    after = before.successor(changed(before.snapshot, moved, gone=[2]))

    assert getattr(after, name)("acme").rules.find("/api/x") is None
    assert getattr(after, name)("rival") is None
    assert getattr(after, name)("third") is getattr(before, name)("third")
    assert getattr(before, name)("acme").rules.find("/api/x") is not None


def test_a_host_that_moves_between_kept_tenants_is_answered_by_the_new_one():
    before = cached(record("acme", hosts=["h", "a"]), record("rival", hosts=["r"]))
    for host in ("h", "a", "r") * 3:
        assert before.policy_of_host(host) is not None

    moved = {1: record("acme", hosts=["a"]), 2: record("rival", hosts=["r", "h"])}
    after = before.successor(changed(before.snapshot, moved))
    back = {1: record("acme", hosts=["h", "a"]), 2: record("rival", hosts=["r"])}
    again = after.successor(changed(after.snapshot, back))

    assert [after.policy_of_host("h").slug for _ in range(3)] == ["rival"] * 3
    assert [again.policy_of_host("h").slug for _ in range(3)] == ["acme"] * 3


def test_it_can_be_freed_piece_by_piece():
    cache = cached(record("acme"), record("rival"))
    policy = kept(cache)

    pieces = cache.pieces()

    assert policy in pieces
    assert sum(isinstance(piece, dict) and "rival" in piece for piece in pieces) == 1
    assert len(pieces) == 3 * len(cache.snapshot.index.records.parts) + 1
