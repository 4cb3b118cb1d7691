"""One evaluator: remembering changes no decision, and explain decides as requests are decided.

Random policies that change, random requests that come again, a clock that moves, every resolver.
"""

import pytest
from django.test import RequestFactory, override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from corsadmin import tenants
from corsadmin.diagnose.explain import Question, explain
from corsadmin.engine import browser, decide
from corsadmin.engine.emergencies import Stop, StopLevel
from corsadmin.engine.packing import Allowance
from corsadmin.serving.decision_cache import DecisionCache, cache_of
from corsadmin.serving.evaluate import evaluate
from corsadmin.serving.request import cors_request
from corsadmin.serving.store import View
from tests.engine.policies import changed, record, snapshot

RESOLVERS = ["by_host", "by_subdomain", "by_path", "by_header", "single"]
KEYS = {"TENANT_BASE_DOMAIN": "example.net", "TENANT_PATH_PREFIX": "/t/"}
APP, OWN = "https://app.example.com", "https://acme.example.net"

flags = st.booleans()
moments = st.sampled_from([None, None, 10.0, 20.0])
allowances = st.builds(Allowance, flags, st.sampled_from(["", "", "/api/x/"]), moments, moments)
entries = st.lists(
    st.tuples(
        st.sampled_from([APP, APP, OWN, "https://*.example.com", "http://localhost:*", "rubbish"]),
        allowances,
    ),
    max_size=3,
)
rules = st.lists(
    st.fixed_dictionaries(
        {"path": st.sampled_from(["/", "/api/", "/api/{$}", "/api/x/", "/*/x", "/t/acme/", "bad"])},
        optional={
            "methods": st.sampled_from([["GET"], ["PUT"], ["*"], ["DELETE", "*"], ["put"]]),
            "request_headers": st.sampled_from([["x-a"], ["*"], ["x-b", "*"], ["authorization"]]),
            "exclusive": flags,
            "any_origin": flags,
            "credentials": flags,
            "refuse_unlisted": flags,
        },
    ),
    max_size=3,
    unique_by=lambda rule: rule["path"],
)
SLUGS = {1: "platform", 2: "acme", 3: "rival"}
HOSTS = ["acme.example.net", "rival.example.net"]


def records(key):
    """Return records of a tenant, with hosts that may be the other one's."""
    hosts = st.lists(st.sampled_from(HOSTS), max_size=2, unique=True)
    return st.builds(
        lambda own, origins, names, inherits: record(
            SLUGS[key], rules=own, origins=origins, hosts=names, inherits=inherits
        ),
        rules,
        entries,
        st.just([]) if key == 1 else hosts,
        flags,
    )


questions = st.builds(
    lambda host, path, origin, method, headers, tenant, credentials: Question(
        host=host,
        path=path,
        origin=origin,
        method=method,
        headers=headers | ({"X-Tenant": tenant} if tenant else {}),
        credentials=credentials,
    ),
    st.sampled_from([*HOSTS, "ACME.example.net:443", "nobody.example.net", "evil.example"]),
    st.sampled_from(
        ["/api/x", "/api/x/1", "/api/x/2", "/t/acme/x", "/t/rival/x", "/other", "/./x"]
    ),
    st.sampled_from([APP, OWN, "https://a.example.com", "https://evil.example", "null", "", "x"]),
    st.sampled_from(["GET", "PUT", "OPTIONS"]),
    st.sampled_from([{}, {"X-A": "1"}, {"x-a": "1", "Authorization": "Bearer x"}]),
    st.sampled_from(["", "acme", "rival"]),
    flags,
)
changes = st.integers(1, 3).flatmap(lambda key: st.tuples(st.just(key), records(key) | st.none()))
# Emergencies of any tenants, which begin with a change and end by the clock alone.
emergencies = st.dictionaries(
    st.sampled_from([*SLUGS.values()]),
    st.builds(Stop, st.sampled_from(StopLevel), st.sampled_from([None, 10.0, 15.0, 20.0])),
    max_size=2,
)
worlds = st.tuples(*(records(key) for key in SLUGS))


def requests_of(question, resolver):
    """Return what a browser sends: the call itself, and the preflight before it."""
    gateway = {name: value for name, value in question.headers.items() if name in resolver.vary}
    page = {name: value for name, value in question.headers.items() if name not in gateway}
    asked = browser.fetch_request(question.origin, question.method, page)
    own = {"host": question.host} | ({"origin": question.origin} if question.origin else {})
    flight = {"access-control-request-method": asked.method}
    if asked.unsafe:
        flight["access-control-request-headers"] = ",".join(asked.unsafe)
    return [
        RequestFactory().generic(method, question.path, secure=True, headers=headers)
        for method, headers in (
            (asked.method, {**own, **question.headers}),
            ("OPTIONS", {**own, **gateway, **flight}),
        )
    ]


def site(resolver):
    """Return the settings of a site that finds its tenants this way."""
    keys = {**KEYS, "TENANT_RESOLVER": f"corsadmin.tenants.{resolver}"}
    return override_settings(ALLOWED_HOSTS=[".example.net"], CORSADMIN=keys)


def truth(request, held, resolver, now):
    """Return the decision that nothing has been remembered for."""
    decision = decide(resolver(request, held), cors_request(request), now)
    names = resolver.vary if decision.managed else ()
    return decision._replace(vary=", ".join(filter(None, (decision.vary, *names))))


@pytest.mark.parametrize("name", RESOLVERS)
@settings(max_examples=20)  # for each of five resolvers
@given(
    worlds,
    st.lists(
        st.one_of(
            questions,
            questions,
            questions,
            changes,
            emergencies,
            st.sampled_from([5.0, 10.0, -5.0]),
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([1, 2, 1_024]),
)
def test_remembering_changes_no_decision(name, world, steps, size):
    resolver = getattr(tenants, name)
    now, held = 5.0, snapshot(*world)
    cache = DecisionCache(held, max_decisions=size)

    with site(name), pytest.MonkeyPatch.context() as patch:
        patch.setattr("corsadmin.serving.decision_cache.time", lambda: now)
        for step in steps:
            if isinstance(step, float):
                now += step
            elif isinstance(step, dict):
                held = changed(held, {}, stops=step)
                cache = cache_of(held, cache)
            elif isinstance(step, tuple):
                key, packed = step
                held = changed(held, {key: packed} if packed else {}, gone=[key])
                cache = cache_of(held, cache)
            else:
                for request in requests_of(step, resolver) * 3:
                    found = evaluate(request, View(cache, None), resolver)
                    assert found == truth(request, held, resolver, now)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("name", RESOLVERS)
@settings(max_examples=40)
@given(worlds, questions, emergencies, st.sampled_from([5.0, 10.0, 15.0, 20.0]))
def test_explain_decides_as_requests_are_decided(name, world, question, stops, now):
    held = snapshot(*world, stops=stops)
    resolver = getattr(tenants, name)

    with site(name), pytest.MonkeyPatch.context() as patch:
        patch.setattr("corsadmin.serving.decision_cache.time", lambda: now)
        found = explain(question, snapshot=held)
        actual, flight = requests_of(question, resolver)

        assert found.actual.decision == truth(actual, held, resolver, now)
        if found.preflight is not None:
            assert found.preflight.decision == truth(flight, held, resolver, now)
