"""What a Django request is to the engine, and that remembering changes no answer."""

import pytest
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.test import RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st

from corsadmin.answer import answer, cors_request
from corsadmin.engine import NOT_READY, NOT_READY_PREFLIGHT, Grant, Reason, decide, snapshot
from corsadmin.serving.store import View
from corsadmin.tenants import by_header, by_host
from tests.engine.policies import record
from tests.engine.policies import snapshot as make

HOST = "acme.example.net"
APP, OWN, EVIL = "https://app.example.com", "http://acme.example.net", "https://evil.example"
LISTED = [
    (APP, Grant(credentials=True)),
    ("https://plain.example", Grant(credentials=False)),
    ("https://*.example.org", Grant(credentials=False)),
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


def view(**fields):
    return View(make(record(origins=LISTED, **fields)), None)


def test_a_request_is_read_as_it_came():
    request = preflight(APP, "PUT", "x-a", path="/api/x")

    read = cors_request(request)

    assert read[:-1] == ("/api/x", "OPTIONS", APP, "PUT", "x-a", "")
    assert read.now > 1_700_000_000


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
    assert answer(ask(**headers), view(), by_host).reason is Reason.NOT_CORS
    assert answer(ask(path="/other", **headers), view(), by_host).reason is Reason.NO_RULE
    assert caplog.text == ""


def test_r42_an_unknown_host_is_nothing_to_log(caplog):
    request = ask(origin=APP, host="nobody.example.net")

    assert answer(request, view(), by_host).reason is Reason.NO_TENANT
    assert caplog.text == ""


def test_nothing_loaded_refuses_preflights_only():
    nothing = View(None, Reason.NOT_READY)

    assert answer(ask(origin=APP), nothing, by_host) == NOT_READY
    assert answer(ask(), nothing, by_host) == NOT_READY
    assert answer(preflight(APP), nothing, by_host) == NOT_READY_PREFLIGHT


def test_a_doubtful_snapshot_is_not_trusted():
    doubtful = View(view().snapshot, Reason.TOO_STALE)

    decision = answer(ask(origin=APP), doubtful, by_host)

    assert (decision.reason, decision.allow_origin, decision.vary) == (
        Reason.TOO_STALE,
        "",
        "Origin",
    )


def test_a_resolver_that_fails_costs_the_headers_and_nothing_else(caplog):
    def broken(request, held):
        raise ZeroDivisionError

    decision = answer(ask(origin=APP), view(), broken)

    assert decision.reason is Reason.NO_TENANT
    assert "The tenant resolver failed" in caplog.text


@pytest.mark.parametrize("origin", [{}, {"origin": APP}], ids=["no origin", "origin"])
@pytest.mark.parametrize("rubbish", ["acme", 17, object()], ids=["text", "number", "object"])
def test_a_resolver_that_returns_no_policy_costs_the_headers_only(rubbish, origin, caplog):
    def sloppy(request, held):
        return rubbish

    decision = answer(ask(**origin), view(), sloppy)

    assert decision == decide(None, cors_request(ask()))
    assert "on what the tenant resolver returned" in caplog.text


def test_a_vary_that_fails_costs_the_headers_only(caplog):
    def sloppy(request, held):
        return held.policy("acme")

    sloppy.vary = lambda: 1 / 0  # type: ignore[attr-defined]

    assert answer(ask(origin=APP), view(), sloppy).reason is Reason.NO_TENANT
    assert "on what the tenant resolver returned" in caplog.text


def test_a_request_made_by_hand_without_any_header_is_answered():
    request = HttpRequest()
    request.META["HTTP_ORIGIN"] = APP

    assert answer(request, view(), by_host).reason is Reason.NO_TENANT


def test_a_resolver_that_meets_a_hostile_host_says_nothing(caplog):
    def strict(request, held):
        raise DisallowedHost

    assert answer(ask(origin=APP), view(), strict).reason is Reason.NO_TENANT
    assert caplog.text == ""


def test_v46_nothing_loaded_varies_on_the_header_all_the_same():
    nothing = View(None, Reason.NOT_READY)

    assert answer(ask(origin=APP), nothing, by_header).vary == "Origin, X-Tenant"


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

    assert answer(request, view(rules=rules), by_header).vary == vary


def test_answers_are_remembered_for_one_origin_and_not_for_another():
    held = view()

    first, again = [answer(ask(origin=APP), held, by_host) for _ in range(4)][2:]

    assert again is first
    assert first.allowed
    assert not answer(ask(origin=EVIL), held, by_host).allowed


def test_an_answer_that_depends_on_time_is_not_remembered():
    held = View(make(record(origins=[(APP, Grant(True, "", 0.0, 4e9))])), None)

    first, again = [answer(ask(origin=APP), held, by_host) for _ in range(4)][2:]

    assert first == again
    assert first is not again


def test_the_sites_own_origin_is_allowed_where_it_is_listed():
    held = View(make(record(origins=[(OWN, Grant(True))])), None)

    for _ in range(2):
        assert answer(ask(origin=OWN), held, by_host).allowed


def test_the_same_origin_is_judged_by_the_host_it_was_sent_to():
    hosts = [HOST, "other.example.net"]
    held = View(make(record(hosts=hosts, origins=[])), None)

    reasons = [answer(ask(origin=OWN, host=host), held, by_host).reason for host in hosts * 4]

    assert reasons == [Reason.SAME_ORIGIN, Reason.ORIGIN_NOT_LISTED] * 4


def test_the_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(snapshot, "MEMORY_LIMIT", 10)
    held = view()

    for number in range(35):
        answer(ask(origin=f"https://a{number}.example"), held, by_host)
    answer(preflight(APP, "GET", "x" * 4000), held, by_host)

    assert 0 < len(held.snapshot.memory) <= 10
    assert not any("xxx" in str(key) for key in held.snapshot.memory)


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
    held = View(both, None)

    def judged(request):
        return decide(by_host(request, both), cors_request(request))

    assert judged(first) != judged(second)
    for request in (first, second, first, second):
        assert answer(request, held, by_host) == judged(request)
    assert caplog.text == ""


origins = st.sampled_from(
    [APP, "https://plain.example", "https://a.example.org", OWN, EVIL, "null"]
)
asked = st.one_of(
    st.builds(lambda origin: ask(origin=origin), origins),
    st.builds(lambda origin: ask(origin=origin, path="/api/open"), origins),
    st.builds(lambda origin: ask("OPTIONS", origin=origin), origins),
    st.builds(
        preflight,
        origins,
        st.sampled_from(["GET", "PUT", ""]),
        st.sampled_from([None, "", "x-a", "x-b"]),
    ),
)


@given(st.lists(asked, max_size=12))
def test_remembering_changes_no_answer(requests):
    rules = [
        {"credentials": True, "request_headers": ["x-a"]},
        {"path": "/api/open", "any_origin": True},
    ]
    held = view(rules=rules)

    for request in requests:
        policy = by_host(request, held.snapshot)
        assert answer(request, held, by_host) == decide(policy, cors_request(request))
