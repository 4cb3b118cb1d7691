"""Finding packed tenants; one generation made from another."""

import pytest

from corsadmin.engine import IndexBuilder, Snapshot
from tests.engine.policies import changed, record
from tests.engine.policies import snapshot as make


def test_a_tenant_is_found_by_host_and_by_slug():
    held = make(record("acme", hosts=["a.example", "b.example"]), record("rival"))

    assert held.policy_of_host("b.example").slug == held.policy("acme").slug == "acme"
    assert held.policy_of_host("rival.example.net").slug == "rival"
    assert held.policy_of_host("c.example") is None
    assert held.policy("nobody") is None


def test_no_platform_is_no_policy():
    assert make(record("acme")).policy("platform") is None


def test_the_platform_is_one_policy_however_it_is_found():
    held = make(record("platform", hosts=["p.example"]), record("acme"))

    assert held.policy("platform").slug == held.policy_of_host("p.example").slug == "platform"
    assert held.policy("platform").platform is None


def test_rules_are_inherited_and_the_tenants_own_win():
    platform = record("platform", rules=[{"path": "/api/"}, {"path": "/health"}])
    heir = record("heir", rules=[{"path": "/api/", "max_age": 5}])
    orphan = record("orphan", rules=[], inherits=False)
    held = make(platform, heir, orphan)

    found = held.policy("heir").rules

    assert found.find("/health").inherited
    assert not found.find("/api/").inherited
    assert held.policy("heir").platform.slug == "platform"
    assert held.policy("orphan").rules.find("/health") is None
    assert held.policy("orphan").platform is None


def test_a_changed_tenant_is_replaced_and_the_rest_is_shared():
    before = make(record("acme", hosts=["old.example"]), record("rival"))

    after = changed(before, {1: record("renamed", hosts=["new.example"])})

    assert after.generation == 2
    assert after.policy_of_host("old.example") is None
    assert after.policy_of_host("new.example").slug == "renamed"
    assert after.policy("acme") is None
    assert after.index.records.get(2) is before.index.records.get(2)
    assert before.policy_of_host("old.example").slug == "acme"


def test_a_tenant_that_is_gone_is_not_found():
    before = make(record("acme"), record("rival"))

    after = changed(before, {}, gone=[1, 99])

    assert after.policy("acme") is None
    assert after.policy_of_host("acme.example.net") is None
    assert after.policy("rival").slug == "rival"


def test_a_host_that_moved_belongs_to_its_new_tenant():
    before = make(record("acme", hosts=["h.example"]), record("rival", hosts=[]))

    moved = {
        1: record("acme", hosts=[]),
        2: record("rival", hosts=["h.example"]),
    }

    assert changed(before, moved).policy_of_host("h.example").slug == "rival"
    assert changed(before, dict(reversed(moved.items()))).policy_of_host("h.example") is not None


@pytest.mark.parametrize("order", [[1, 2], [2, 1]], ids=["taker first", "loser first"])
def test_a_host_and_a_slug_that_change_hands_in_two_steps(order):
    before = make(record("acme", hosts=["a.example"]), record("rival", hosts=["h.example"]))
    assert before.policy("rival") is not None  # so that the next index finds slugs too
    moved = {1: record("rival", hosts=["a.example", "h.example"]), 2: record("acme", hosts=[])}

    after = in_steps(before, [{key: moved[key]} for key in order])

    assert after.index.hosts.get("h.example") is moved[1]
    assert after.index.hosts.get("a.example") is moved[1]
    assert after.index.slugs.get("rival") is moved[1]
    assert after.index.slugs.get("acme") is moved[2]
    assert before.policy_of_host("h.example").slug == "rival"


@pytest.mark.parametrize("order", [[1, 2], [2, 1]], ids=["taker first", "loser first"])
def test_the_name_of_the_platform_changes_hands_in_two_steps(order):
    before = make(record("acme", hosts=["a.example"]), record("platform", hosts=["p.example"]))
    moved = {
        1: record("platform", hosts=["a.example"]),
        2: record("old", hosts=["p.example"], inherits=False),
    }

    after = in_steps(before, [{key: moved[key]} for key in order])

    assert (after.index.platform, after.index.platform_record) == (1, moved[1])
    assert after.policy_of_host("a.example").slug == "platform"
    assert after.policy_of_host("p.example").slug == "old"


def test_a_tenant_under_the_key_of_a_platform_that_is_gone_is_an_ordinary_one():
    before = make(record("acme"), record("platform", rules=[{"path": "/health"}]))
    stranger = record("stranger", rules=[{"path": "/stranger/"}])

    after = changed(before, {2: stranger}, gone=[2])

    assert (after.index.platform, after.index.platform_record, after.platform) == (None, None, None)
    assert after.policy("acme").platform is None
    assert after.policy("acme").rules.find("/stranger/") is None


def in_steps(before, steps):
    """Return the snapshot after another one that takes in its changed tenants one step at a time."""
    draft = IndexBuilder(before.index)
    for records in steps:
        draft.add(list(records), list(records.values()))
    return Snapshot(2, before.rebuild, draft.index(), stops=before.stops)


def test_an_index_counts_its_tenants():
    held = make(record("acme"), record("rival"))

    assert (len(held.index), {packed[0] for packed in held.index}) == (2, {"acme", "rival"})
