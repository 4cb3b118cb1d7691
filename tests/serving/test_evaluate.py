"""From a Django request to a decision: trust, the resolver, what it may do wrong, Vary."""

from dataclasses import replace

import pytest
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.test import RequestFactory, override_settings

from corsadmin.engine import Reason, decide
from corsadmin.engine.packing import Allowance
from corsadmin.serving.decision_cache import DecisionCache
from corsadmin.serving.evaluate import NO_TENANT, NOT_READY, NOT_READY_PREFLIGHT, evaluate
from corsadmin.serving.request import cors_request
from corsadmin.serving.store import View
from corsadmin.tenants import as_resolver, by_header, by_host
from tests.asserts import PREFLIGHT_VARY, assert_no_cors
from tests.engine.policies import record
from tests.engine.policies import snapshot as make
from tests.messages.screens import assert_says

HOST = "acme.example.net"
APP, OWN, EVIL = "https://app.example.com", "http://acme.example.net", "https://evil.example"
LISTED = [
    (APP, Allowance(credentials=True)),
    ("https://plain.example", Allowance(credentials=False)),
    ("https://*.example.org", Allowance(credentials=False)),
]

pytestmark = pytest.mark.usefixtures("any_host")


@pytest.fixture(scope="module")
def any_host():
    with override_settings(ALLOWED_HOSTS=["*"]):
        yield


def ask(method="GET", path="/api/x", **headers):
    return RequestFactory().generic(method, path, headers={"host": HOST, **headers})


def preflight(origin, method="GET", names=None, **headers):
    extra = {} if names is None else {"access-control-request-headers": names}
    return ask(
        "OPTIONS",
        origin=origin,
        **{"access-control-request-method": method},
        **extra,
        **headers,
    )


def serving(*records):
    return View(DecisionCache(make(*records)), None)


def view(**fields):
    return serving(record(origins=LISTED, **fields))


def test_a_request_is_read_as_it_came():
    request = preflight(APP, "PUT", "x-a", path="/api/x")

    read = cors_request(request)

    assert read == ("/api/x", "OPTIONS", APP, "PUT", "x-a", "")


@pytest.mark.parametrize(
    ("headers", "site"),
    [
        pytest.param({"origin": OWN}, OWN, id="the site itself"),
        pytest.param({"origin": f"{OWN}:8000", "host": f"{HOST}:8000"}, f"{OWN}:8000", id="a port"),
        pytest.param({"origin": APP}, "", id="cannot be the site"),
        pytest.param({"origin": "https://" + HOST}, OWN, id="another scheme"),
        pytest.param({"origin": "http://a b", "host": "a b"}, "", id="R40 a host that is none"),
    ],
)
def test_the_site_is_worked_out_where_it_may_matter(headers, site):
    assert cors_request(ask(**headers)).site == site


@override_settings(USE_X_FORWARDED_HOST=True)
def test_the_site_is_the_forwarded_host_where_django_trusts_it():
    request = ask(origin="http://front.example", **{"x-forwarded-host": "front.example"})

    assert cors_request(request).site == "http://front.example"


@pytest.mark.parametrize("headers", [{}, {"origin": ""}], ids=["absent", "V10 empty"])
def test_a_request_without_an_origin_is_no_cors_request(headers, caplog):
    assert evaluate(ask(**headers), view(), by_host).reason is Reason.NOT_CORS
    assert evaluate(ask(path="/other", **headers), view(), by_host).reason is Reason.NO_RULE
    assert caplog.text == ""


def test_r42_an_unknown_host_is_nothing_to_log(caplog):
    request = ask(origin=APP, host="nobody.example.net")

    assert evaluate(request, view(), by_host).reason is Reason.NO_TENANT
    assert caplog.text == ""


def test_nothing_loaded_refuses_preflights_only():
    nothing = View(None, Reason.NOT_READY)

    assert evaluate(ask(origin=APP), nothing, by_host) == NOT_READY
    assert evaluate(ask(), nothing, by_host) == NOT_READY
    assert evaluate(preflight(APP), nothing, by_host) == NOT_READY_PREFLIGHT


def test_an_untrusted_snapshot_is_not_trusted():
    untrusted = replace(view(), untrusted_because=Reason.TOO_STALE)

    decision = evaluate(ask(origin=APP), untrusted, by_host)

    assert (decision.reason, decision.allow_origin, decision.vary) == (
        Reason.TOO_STALE,
        "",
        "Origin",
    )


def test_a_resolver_that_fails_costs_the_headers_and_nothing_else(caplog):
    def broken(request, held):
        raise ZeroDivisionError

    decision = evaluate(ask(origin=APP), view(), as_resolver(broken))

    assert decision.reason is Reason.NO_TENANT
    assert_says(caplog.text, "log-resolver-failed")


@pytest.mark.parametrize("origin", [{}, {"origin": APP}], ids=["no origin", "origin"])
@pytest.mark.parametrize("rubbish", ["acme", 17, object()], ids=["text", "number", "object"])
def test_a_resolver_that_returns_no_policy_costs_the_headers_only(rubbish, origin, caplog):
    def sloppy(request, held):
        return rubbish

    decision = evaluate(ask(**origin), view(), as_resolver(sloppy))

    assert decision == NO_TENANT
    assert_says(caplog.text, "log-resolver-unusable")


def test_a_vary_that_fails_costs_the_headers_only(caplog):
    def sloppy(request, held):
        return held.policy("acme")

    sloppy.vary = lambda: 1 / 0  # type: ignore[attr-defined]

    assert evaluate(ask(origin=APP), view(), as_resolver(sloppy)).reason is Reason.NO_TENANT
    assert_says(caplog.text, "log-resolver-unusable")


def test_a_request_made_by_hand_without_any_header_is_answered():
    request = HttpRequest()
    request.META["HTTP_ORIGIN"] = APP

    assert evaluate(request, view(), by_host).reason is Reason.NO_TENANT


def test_a_resolver_that_meets_a_hostile_host_says_nothing(caplog):
    def strict(request, held):
        raise DisallowedHost

    assert evaluate(ask(origin=APP), view(), as_resolver(strict)).reason is Reason.NO_TENANT
    assert caplog.text == ""


def test_v46_nothing_loaded_varies_on_the_header_all_the_same():
    nothing = View(None, Reason.NOT_READY)

    assert evaluate(ask(origin=APP), nothing, by_header).vary == "Origin, X-Tenant"


@pytest.mark.parametrize(
    ("rules", "path", "vary"),
    [
        pytest.param([{}], "/api/x", "Origin, X-Tenant", id="V46 a policy by header"),
        pytest.param([{"any_origin": True}], "/api/x", "X-Tenant", id="V46 even any origin"),
        pytest.param([{}], "/other", "", id="an unmanaged path is left alone"),
    ],
)
def test_the_header_that_chose_the_tenant_is_in_vary(rules, path, vary):
    request = ask(path=path, origin=APP, **{"x-tenant": "acme"})

    assert evaluate(request, view(rules=rules), by_header).vary == vary


def test_the_sites_own_origin_is_allowed_where_it_is_listed():
    held = serving(record(origins=[(OWN, Allowance(True))]))

    for _ in range(2):
        assert evaluate(ask(origin=OWN), held, by_host).allowed


def test_the_same_origin_is_judged_by_the_host_it_was_sent_to():
    hosts = [HOST, "other.example.net"]
    held = serving(record(hosts=hosts, origins=[]))

    reasons = [evaluate(ask(origin=OWN, host=host), held, by_host).reason for host in hosts * 4]

    assert reasons == [Reason.SAME_ORIGIN, Reason.ORIGIN_NOT_LISTED] * 4


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(ask(origin=APP), ask(origin=EVIL), id="origin"),
        pytest.param(ask(origin=APP), ask(origin=APP, path="/closed/x"), id="rule"),
        pytest.param(ask(origin=APP), ask(origin=APP, path="/other"), id="no rule"),
        pytest.param(ask(origin=APP), preflight(APP), id="preflight"),
        pytest.param(preflight(APP), ask("OPTIONS", origin=APP), id="requested method or none"),
        pytest.param(preflight(APP, "GET"), preflight(APP, "PUT"), id="requested method"),
        pytest.param(preflight(APP), preflight(APP, names="x-b"), id="requested headers or none"),
        pytest.param(
            preflight(APP, names="x-a"), preflight(APP, names="x-b"), id="requested headers"
        ),
        pytest.param(
            ask(origin=APP), ask(origin=APP, host="rival.example.net"), id="V26 another tenant"
        ),
    ],
)
def test_what_is_remembered_of_one_request_answers_no_other(first, second, caplog):
    rules = [{"request_headers": ["x-a"]}, {"path": "/closed/", "exposed_headers": ["x-c"]}]
    both = make(record(origins=LISTED, rules=rules), record("rival"))
    held = View(DecisionCache(both), None)

    def judged(request):
        return decide(by_host(request, both), cors_request(request), 0.0)

    assert judged(first) != judged(second)
    for request in (first, second, first, second):
        assert evaluate(request, held, by_host) == judged(request)
    assert caplog.text == ""


def test_a_stale_decision_keeps_nothing_but_vary():
    held = view(rules=[{"exposed_headers": ["x-a"]}])

    allowed, flight, untouched = (
        evaluate(request, replace(held, untrusted_because=Reason.TOO_STALE), by_host)
        for request in (ask(origin=APP), preflight(APP), ask(origin=APP, path="/other"))
    )

    assert (allowed.reason, allowed.status) == (Reason.TOO_STALE, 0)
    assert_no_cors(allowed.response_headers)
    assert (flight.reason, flight.status) == (Reason.TOO_STALE, 403)
    assert_no_cors(flight.response_headers, vary=PREFLIGHT_VARY)
    assert untouched == evaluate(ask(origin=APP, path="/other"), held, by_host)


def test_not_ready_refuses_preflights_and_adds_nothing():
    assert_no_cors(NOT_READY.response_headers)
    assert_no_cors(NOT_READY_PREFLIGHT.response_headers, vary=PREFLIGHT_VARY)
    assert (NOT_READY.status, NOT_READY_PREFLIGHT.status) == (0, 403)
