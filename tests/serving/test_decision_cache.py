"""What a process remembers of policies and decisions: what, for how long, and how much of it."""

import pytest
from django.test import RequestFactory

from corsadmin.engine import Reason
from corsadmin.engine.packing import Allowance
from corsadmin.serving import decision_cache
from corsadmin.serving.decision_cache import DecisionCache, cache_of
from tests.engine.policies import APP, EVIL, PLAIN, changed, record, snapshot

HOST = "acme.example.net"
WINDOW = Allowance(True, "", 0.0, 4e9)


def cached(*records, **bounds):
    return DecisionCache(snapshot(*records), **bounds)


def kept(cache, slug="acme"):
    """Return the policy of a tenant that is asked for often."""
    cache.policy(slug)
    return cache.policy(slug)


def ask(origin=None, path="/api/x", method="GET", host=HOST, **headers):
    given = {"host": host, **headers} | ({} if origin is None else {"origin": origin})
    return RequestFactory().generic(method, path, headers=given)


def preflight(origin, method="GET", names=None):
    given = {"access-control-request-method": method}
    given |= {} if names is None else {"access-control-request-headers": names}
    return ask(origin, method="OPTIONS", **given)


@pytest.mark.parametrize("find", ["policy", "policy_of_host"])
def test_it_finds_what_the_snapshot_finds(find):
    held = snapshot(record("platform", hosts=["platform"]), record("acme", hosts=["acme"]))
    cache = DecisionCache(held)

    for name in ("acme", "platform", "nobody", "") * 3:
        one, two = getattr(cache, find)(name), getattr(held, find)(name)
        assert (one and one.slug) == (two and two.slug)


def test_the_platform_is_one_policy_however_it_is_found():
    cache = cached(record("platform", hosts=["p.example"]), record("acme"))

    assert cache.policy("platform") is cache.policy_of_host("p.example") is cache.platform
    assert cache.policy("acme").platform is cache.platform


def test_tenants_with_equal_rules_share_one_table():
    cache = cached(record("a"), record("b"), record("c", rules=[]))

    assert cache.policy("a").rules is cache.policy("b").rules
    assert cache.policy("a").rules is not cache.policy("c").rules


def test_a_tenant_asked_for_again_is_kept():
    cache = cached(record("acme"), record("rival"))

    first, *others = (cache.policy_of_host(HOST) for _ in range(4))

    assert first is not others[0]
    assert others[0] is others[1] is others[2]


@pytest.mark.parametrize(
    "origins",
    [
        pytest.param([("https://*.example", PLAIN)], id="wildcards"),
        pytest.param([(f"https://a{number}.example", PLAIN) for number in range(90)], id="many"),
    ],
)
def test_a_tenant_that_takes_long_to_compile_is_kept_at_once(origins):
    cache = cached(record("acme", origins=origins))

    assert cache.policy("acme") is cache.policy("acme")


def test_compiled_policies_and_tables_are_bounded():
    rows = [record(f"t{number}", rules=[{"path": f"/{number}/"}]) for number in range(50)]
    cache = cached(*rows, max_compiled=1_000, max_tables=3)

    found = [kept(cache, row[0]) for row in rows]

    assert [policy.slug for policy in found] == [row[0] for row in rows]
    assert 0 < len(cache._by_slug) < 10
    assert len(cache._kept) == len(cache._by_slug)
    assert len(cache._tables) <= 3
    assert kept(cache, "t0").rules.find("/0/") is not None


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(ask(), id="no origin"),
        pytest.param(ask(""), id="an empty origin"),
        pytest.param(ask(APP, "/other"), id="no rule"),
        pytest.param(ask(APP), id="allowed"),
        pytest.param(ask(EVIL), id="refused"),
        pytest.param(preflight(APP, "PUT", "x-a"), id="preflight"),
    ],
)
def test_decisions_for_a_tenant_that_is_kept_are_remembered(request_):
    cache = cached(record(origins=[(APP, PLAIN)]))
    policy = kept(cache)

    first, again = cache.decide(policy, request_), cache.decide(policy, request_)

    assert again is first


def test_decisions_on_different_paths_of_one_rule_are_one():
    cache = cached(record(origins=[(APP, PLAIN)]))
    policy = kept(cache)

    for headers in ({}, {"origin": APP}):
        found = {
            id(cache.decide(policy, ask(path=f"/api/{number}", **headers))) for number in range(9)
        }
        assert len(found) == 1


def test_decisions_for_a_tenant_that_is_asked_rarely_are_not_remembered():
    cache = cached(record(origins=[(APP, PLAIN)]))
    policy = cache.policy("acme")

    assert cache.decide(policy, ask(APP)) is not cache.decide(policy, ask(APP))
    assert cache.decide(policy, ask()) is not cache.decide(policy, ask())


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([record(origins=[(APP, WINDOW)])], id="its own window"),
        pytest.param([record(origins=[(EVIL, WINDOW)])], id="the window of another entry"),
        pytest.param([record(origins=[(APP, Allowance(True, "/api/"))])], id="a scope"),
        pytest.param(
            [record(origins=[(APP, PLAIN)]), record("platform", origins=[(EVIL, WINDOW)])],
            id="the platform's window",
        ),
    ],
)
def test_only_what_hinges_on_neither_time_nor_path_is_remembered(records):
    cache = cached(*records)
    policy = kept(cache)

    first, again = cache.decide(policy, ask(APP)), cache.decide(policy, ask(APP))

    assert first == again
    assert first is not again
    assert cache.decide(policy, ask()) is cache.decide(policy, ask())


def test_decisions_for_the_platform_are_remembered():
    cache = cached(record("platform", origins=[(APP, PLAIN)]))

    for request in (ask(APP), ask()):
        first = cache.decide(cache.platform, request)
        assert cache.decide(cache.platform, request) is first


@pytest.mark.parametrize("forwarded", [False, True], ids=["Host", "X-Forwarded-Host"])
def test_a_refusal_is_not_remembered_where_the_origin_may_be_the_sites_own(forwarded, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.USE_X_FORWARDED_HOST = forwarded
    own = f"http://{HOST}"
    cache = cached(record(origins=[(APP, PLAIN)]))
    policy = kept(cache)
    asks = [
        ask(own, host="other.example", **({"x-forwarded-host": host} if forwarded else {}))
        if forwarded
        else ask(own, host=host)
        for host in ("other.example", HOST) * 2
    ]

    reasons = [cache.decide(policy, request).reason for request in asks]

    assert reasons == [Reason.ORIGIN_NOT_LISTED, Reason.SAME_ORIGIN] * 2


@pytest.mark.parametrize(
    ("origin", "host", "other"),
    [
        pytest.param(f"https://{HOST}", HOST, "other.example", id="TLS ends before Django"),
        pytest.param(f"https://{HOST}", f"{HOST}:443", "other.example:443", id="port 443"),
        pytest.param(f"http://{HOST}", f"{HOST}:80", f"{HOST}:443", id="port 80"),
        pytest.param(f"https://{HOST}:8443", f"{HOST}:8443", HOST, id="another port"),
    ],
)
def test_a_refusal_is_not_remembered_for_the_sites_own_page(origin, host, other, settings):
    settings.ALLOWED_HOSTS = ["*"]
    cache = cached(record(origins=[(APP, PLAIN)]))
    policy = kept(cache)

    reasons = [cache.decide(policy, ask(origin, host=name)).reason for name in (other, host) * 2]

    assert reasons == [Reason.ORIGIN_NOT_LISTED, Reason.SAME_ORIGIN] * 2


def test_remembered_decisions_are_bounded_in_number_and_length(monkeypatch):
    cache = cached(record(), max_decisions=10)
    policy = kept(cache)

    for number in range(35):
        cache.decide(policy, ask(f"https://a{number}.example"))
        assert len(cache._decisions) <= 10
    cache.decide(policy, preflight(APP, "GET", "x" * decision_cache.MAX_KEY_LENGTH))

    assert cache._decisions
    assert not any("xxx" in str(key) for key in cache._decisions)


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
