"""What a process remembers of policies and decisions: what, for how long, and how much of it."""

import pytest

from corsadmin.engine import Reason
from corsadmin.engine.emergencies import Stop, StopLevel
from corsadmin.engine.packing import Allowance
from corsadmin.serving import decision_cache
from corsadmin.serving.decision_cache import DecisionCache
from tests.engine.policies import APP, CREDENTIALS, EVIL, PLAIN, record, snapshot
from tests.serving.caches import HOST, ask, cached, kept, preflight

WINDOW = Allowance(True, "", 0.0, 4e9)


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


def test_names_looked_up_once_are_forgotten_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(decision_cache, "MAX_RECENT_NAMES", 1)
    cache = cached(record("acme"), record("rival"))

    first, _other, second, third, fourth = map(
        cache.policy, ["acme", "rival", "acme", "acme", "acme"]
    )

    assert first is not second is not third
    assert third is fourth


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


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        pytest.param(None, ("", "Origin"), id="until it is lifted"),
        pytest.param(0.0, ("*", ""), id="over"),
    ],
)
def test_an_emergency_takes_the_star_from_requests_without_an_origin(until, expected):
    stops = {"acme": Stop(StopLevel.ALL, until)}
    cache = DecisionCache(snapshot(record(rules=[{"any_origin": True}]), stops=stops))

    for _asked_once_or_kept in range(3):
        policy = cache.policy("acme")
        assert policy is not None
        decision = cache.decide(policy, ask())
        assert (decision.allow_origin, decision.vary) == expected


@pytest.mark.parametrize("level", StopLevel)
def test_no_decision_of_an_emergency_is_remembered(monkeypatch, level):
    """The clock alone ends it, and a clock that is set back brings it back."""
    now = 5.0
    monkeypatch.setattr(decision_cache, "time", lambda: now)
    rules, stops = [{"credentials": True}], {"acme": Stop(level, 10.0)}
    cache = DecisionCache(snapshot(record(rules=rules, origins=[(APP, CREDENTIALS)]), stops=stops))
    found = []
    for now in (5.0, 9.0, 10.0, 11.0, 5.0):  # noqa: B007 (the clock reads it)
        for _asked_once_or_kept in range(3):
            policy = cache.policy("acme")
            assert policy is not None
            decision = cache.decide(policy, ask(APP))
            found.append(
                (decision.allowed, "Access-Control-Allow-Credentials" in dict(decision.headers))
            )

    stopped = (level is StopLevel.CREDENTIALS, False)
    assert found == [stopped] * 6 + [(True, True)] * 6 + [stopped] * 3


def test_what_was_compiled_before_an_emergency_or_under_it_is_not_kept():
    tenant = record(origins=[(APP, PLAIN)])
    calm, stopped = snapshot(tenant), snapshot(tenant, stops={"acme": Stop(StopLevel.ALL)})
    caches = [DecisionCache(calm)]
    for following in (stopped, calm):
        kept(caches[-1])
        caches.append(caches[-1].successor(following))

    found = [cache.decide(kept(cache), ask(APP)).allowed for cache in caches]

    assert found == [True, False, True]


def test_decisions_that_a_rule_alone_makes_are_bounded_with_the_policies():
    rules = [{"path": f"/{number}/"} for number in range(50)]
    cache = cached(record(rules=rules), record("platform", rules=[]), max_compiled=1_000)
    policy = kept(cache)

    for number in range(50):
        for slug in (policy, cache.platform):
            assert cache.decide(slug, ask(path=f"/{number}/x")).tenant == slug.slug
        held = sum(len(one.by_rule) for one in cache._kept.values())
        assert held <= 1_000 / decision_cache.DECISION_WEIGHT

    assert policy not in cache._kept
    assert cache.decide(cache.platform, ask()) is cache.decide(cache.platform, ask())


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
