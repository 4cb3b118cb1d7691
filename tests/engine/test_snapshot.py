"""Finding packed tenants; one generation made from another."""

import pytest

from corsadmin.engine import snapshot
from corsadmin.engine.index import Draft
from corsadmin.engine.shards import MASK
from tests.engine.policies import PLAIN, changed, record
from tests.engine.policies import snapshot as make


def kept(held, slug):
    """Return the policy of a tenant that is asked for often."""
    held.policy(slug)
    return held.policy(slug)


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

    assert held.policy("platform") is held.platform
    assert held.policy_of_host("p.example") is held.platform


def test_rules_are_inherited_and_the_tenants_own_win():
    platform = record("platform", rules=[{"path": "/api/"}, {"path": "/health"}])
    heir = record("heir", rules=[{"path": "/api/", "max_age": 5}])
    orphan = record("orphan", rules=[], inherits=False)
    held = make(platform, heir, orphan)

    found = held.policy("heir").rules

    assert found.find("/health").inherited
    assert not found.find("/api/").inherited
    assert held.policy("heir").platform is held.platform
    assert held.policy("orphan").rules.find("/health") is None
    assert held.policy("orphan").platform is None


def test_tenants_with_equal_rules_share_one_table():
    held = make(record("a"), record("b"), record("c", rules=[]))

    assert held.policy("a").rules is held.policy("b").rules
    assert held.policy("a").rules is not held.policy("c").rules


def test_a_changed_tenant_is_replaced_and_the_rest_is_shared():
    before = make(record("acme", hosts=["old.example"]), record("rival"))

    after = changed(before, {1: record("renamed", hosts=["new.example"])})

    assert after.generation == 2
    assert after.policy_of_host("old.example") is None
    assert after.policy_of_host("new.example").slug == "renamed"
    assert after.policy("acme") is None
    assert after.index[2] is before.index[2]
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
    assert kept(before, "acme") is before.policy("acme")
    assert {before.policy_of_host("h.example").slug for _ in range(3)} == {"rival"}
    moved = {1: record("rival", hosts=["a.example", "h.example"]), 2: record("acme", hosts=[])}

    draft = Draft(before.index)
    for key in order:
        draft.add([key], [moved[key]])
    after = before.changed(2, draft.index(), {1, 2})

    assert after.policy_of_host("h.example").slug == "rival"
    assert after.policy_of_host("a.example").slug == "rival"
    assert after.index.slugs[hash("rival") & MASK]["rival"] is after.index[1]
    assert after.index.slugs[hash("acme") & MASK]["acme"] is after.index[2]
    assert before.policy_of_host("h.example").slug == "rival"


@pytest.mark.parametrize("order", [[1, 2], [2, 1]], ids=["taker first", "loser first"])
def test_the_name_of_the_platform_changes_hands_in_two_steps(order):
    before = make(record("acme", hosts=["a.example"]), record("platform", hosts=["p.example"]))
    moved = {1: record("platform", hosts=["a.example"]), 2: record("old", hosts=["p.example"])}

    draft = Draft(before.index)
    for key in order:
        draft.add([key], [moved[key]])
    after = before.changed(2, draft.index(), {1, 2})

    assert after.index.platform == 1
    assert after.policy_of_host("a.example") is after.platform
    assert after.policy_of_host("p.example").slug == "old"


def test_keys_of_one_shard_come_and_go_side_by_side():
    far = 1 + len(make(record()).index.records)
    before = make(record("acme"))

    after = changed(before, {1: record("again"), far: record("rival")})

    assert (after.index[1][0], after.index[far][0], len(after.index)) == ("again", "rival", 2)
    assert len(changed(after, {}, gone=[1, far]).index) == 0
    assert (len(before.index), len(after.index)) == (1, 2)


def test_a_changed_platform_changes_its_heirs():
    before = make(record("acme", rules=[]), record("platform", rules=[{"path": "/a/"}]))
    assert before.policy("acme").rules.find("/a/") is not None

    after = changed(before, {2: record("platform", rules=[{"path": "/b/"}])})

    assert after.policy("acme").rules.find("/a/") is None
    assert after.policy("acme").rules.find("/b/") is not None


def test_compiled_policies_are_bounded(monkeypatch):
    monkeypatch.setattr(snapshot, "COMPILED_LIMIT", 1_000)
    monkeypatch.setattr(snapshot, "TABLE_LIMIT", 3)
    rows = [record(f"t{number}", rules=[{"path": f"/{number}/"}]) for number in range(50)]
    held = make(*rows)

    found = [held.policy(row[0]) for row in rows]

    assert [policy.slug for policy in found] == [row[0] for row in rows]
    assert {kept(held, row[0]).slug for row in rows} == {row[0] for row in rows}
    assert 0 < len(held._of_slug) < 10
    assert len(held._tables) <= 3
    assert held.policy("t0").rules.find("/0/") is not None


def test_what_is_remembered_is_bounded_in_number_and_length(monkeypatch):
    monkeypatch.setattr(snapshot, "MEMORY_LIMIT", 2)
    held = make(record())

    held.remember(("long",), snapshot.MEMORY_LENGTH + 1, "never")
    for key in "abc":
        held.remember((key,), snapshot.MEMORY_LENGTH, key)

    assert held.memory == {("c",): "c"}


def test_a_snapshot_made_from_another_remembers_nothing_of_it():
    before = make(record("acme"), record("rival"))
    before.remember(("key",), 3, "old")

    assert changed(before, {}).memory == {}


def test_an_index_counts_its_tenants():
    held = make(record("acme"), record("rival"))

    assert (len(held.index), {packed[0] for packed in held.index}) == (2, {"acme", "rival"})


@pytest.mark.parametrize("asked", [True, False])
def test_an_index_is_ready_for_slugs_as_the_one_before(asked):
    before = make(record("acme"), record("rival"))
    if asked:
        assert before.policy("acme") is not None

    after = changed(before, {1: record("rival"), 2: record("acme")})

    assert after.index.finds_slugs is asked
    assert (after.policy("acme").slug, after.policy("rival").slug) == ("acme", "rival")
    assert after.index.slugs[hash("acme") & MASK]["acme"] is after.index[2]
    assert before.index.slugs[hash("acme") & MASK]["acme"] is before.index[1]


def test_a_snapshot_can_be_let_go_of_piece_by_piece():
    held = make(record("acme"), record("rival"))
    policy = kept(held, "acme")

    pieces = held.pieces()

    assert policy in pieces
    assert sum(isinstance(piece, dict) and "rival" in piece for piece in pieces) == 1
    assert len(pieces) == 3 * len(held.index.records) + 1


def test_only_changed_tenants_are_compiled_anew():
    before = make(record("acme"), record("rival"))
    acme, rival = kept(before, "acme"), kept(before, "rival")

    after = changed(before, {1: record("acme", rules=[{"max_age": 5}])})

    assert after.policy("rival") is rival
    assert after.policy("acme") is not acme
    assert before.policy("acme") is acme


def test_a_platform_that_goes_or_comes_changes_its_heirs():
    platform = record("platform", rules=[{"path": "/a/"}], origins=[("https://a.example", PLAIN)])
    before = make(record("acme", rules=[]), platform)
    assert kept(before, "acme").rules.find("/a/") is not None

    without = changed(before, {}, gone=[2])
    again = changed(without, {2: platform}, generation=3)

    assert without.platform is None
    assert without.policy("acme").rules.find("/a/") is None
    assert without.policy("acme").platform is None
    assert again.policy("acme").rules.find("/a/") is not None
    assert again.policy("acme").platform is again.platform


def test_a_tenant_asked_for_again_is_compiled_and_kept():
    held = make(record("acme"), record("rival"))

    first, *others = (held.policy_of_host("acme.example.net") for _ in range(4))

    assert not first.kept
    assert others[0].kept
    assert first is not others[0]
    assert others[0] is others[1] is others[2]
    assert list(held._of_host) == ["acme.example.net"]


@pytest.mark.parametrize(
    "origins",
    [
        pytest.param([("https://*.example", PLAIN)], id="wildcards"),
        pytest.param([(f"https://a{number}.example", PLAIN) for number in range(90)], id="many"),
    ],
)
def test_a_tenant_that_takes_long_to_compile_is_kept_at_once(origins):
    held = make(record("acme", origins=origins))

    assert held.policy("acme") is held.policy("acme")


@pytest.mark.parametrize("name", ["policy", "policy_of_host"])
def test_a_kept_tenant_is_forgotten_when_it_changes_or_goes(name):
    before = make(*(record(slug, hosts=[slug]) for slug in ("acme", "rival", "third")))
    for slug in ("acme", "rival", "third") * 3:
        assert getattr(before, name)(slug).slug == slug

    after = changed(before, {1: record("acme", hosts=["acme"], rules=[])}, gone=[2])

    assert getattr(after, name)("acme").rules.find("/api/x") is None
    assert getattr(after, name)("rival") is None
    assert getattr(after, name)("third") is getattr(before, name)("third")
    assert getattr(before, name)("acme").rules.find("/api/x") is not None


def test_a_host_that_moves_between_kept_tenants_is_answered_by_the_new_one():
    before = make(record("acme", hosts=["h", "a"]), record("rival", hosts=["r"]))
    for host in ("h", "a", "r") * 3:
        assert before.policy_of_host(host) is not None

    moved = {1: record("acme", hosts=["a"]), 2: record("rival", hosts=["r", "h"])}
    after = changed(before, moved)
    back = changed(after, {1: record("acme", hosts=["h", "a"]), 2: record("rival", hosts=["r"])})

    assert [after.policy_of_host("h").slug for _ in range(3)] == ["rival"] * 3
    assert [back.policy_of_host("h").slug for _ in range(3)] == ["acme"] * 3
