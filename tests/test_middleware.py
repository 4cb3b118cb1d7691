"""The thin shell: the decision on the request, merged Vary, and no query once warm."""

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, override_settings

from corsadmin.engine import Decision, Reason
from corsadmin.middleware import merge_vary, write
from corsadmin.serving.store import Store
from tests.asserts import PREFLIGHT_VARY, assert_cors
from tests.factories import make_site

APP = "https://app.example.com"


def decision_of(response):
    """Return what the view found on its request."""
    return response.wsgi_request.cors


@pytest.mark.parametrize(
    ("there", "added", "expected"),
    [
        pytest.param("Accept", "Origin", "Accept, Origin", id="V44 merged"),
        pytest.param("origin", "Origin", "origin", id="P25 another case"),
        pytest.param("Origin", "Origin", "Origin", id="P25 there already"),
        pytest.param("*", "Origin", "*", id="P25 star kept"),
        pytest.param("Accept, *", "Origin", "*", id="P25 star among others"),
        pytest.param(" ,Accept,, ", "Origin, X-Tenant", "Accept, Origin, X-Tenant", id="untidy"),
        pytest.param("Accept", PREFLIGHT_VARY, f"Accept, {PREFLIGHT_VARY}", id="P26 several"),
    ],
)
def test_vary_is_merged(there, added, expected):
    assert merge_vary(there, added) == expected


ALLOWED = Decision(
    Reason.ALLOWED,
    allow_origin=APP,
    headers=(("Access-Control-Allow-Credentials", "true"),),
    vary="Origin",
)
REFUSED = Decision(Reason.ORIGIN_NOT_LISTED, vary="Origin")
STATIC = Decision(Reason.ALLOWED, allow_origin="*")
UNMANAGED = Decision(Reason.NO_RULE, managed=False)
OWN = {"access-control-ALLOW-origin": "*", "Access-Control-Max-Age": "5", "vArY": "Accept"}


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        pytest.param(ALLOWED, {"origin": APP, "credentials": True}, id="V54 replaced"),
        pytest.param(REFUSED, {}, id="V53 removed"),
        pytest.param(STATIC, {"origin": "*"}, id="P20 any origin"),
    ],
)
def test_a_decision_is_the_only_author_however_often_it_writes(decision, expected):
    response = HttpResponse(headers={**OWN, "X-Access-Control-Note": "kept"})

    for earlier in (ALLOWED, STATIC, decision, decision):
        assert write(earlier, response) is response

    assert response.headers["X-Access-Control-Note"] == "kept"
    assert_cors(response.headers, vary="Accept, Origin", **expected)


def test_an_unmanaged_response_is_not_looked_at():
    response = HttpResponse(headers=OWN)

    assert write(UNMANAGED, response) is response
    assert_cors(response.headers, origin="*", max_age="5", vary="Accept")


def test_p29_a_stream_is_not_consumed():
    response = StreamingHttpResponse(map(pytest.fail, ["consumed"]))

    assert_cors(write(ALLOWED, response).headers, origin=APP, credentials=True)


def test_a_header_that_only_ends_in_vary_is_another_one():
    response = HttpResponse(headers={"X-Vary": "Accept"})

    assert_cors(write(REFUSED, response).headers, vary="Origin")


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        pytest.param({"": "nameless"}, "Origin", id="a header without a name"),
        pytest.param(
            {"Allow": "GET", "Age": "1", "Via": "x"}, "Origin", id="other headers on A and V"
        ),
        pytest.param({"Allow": "GET", "VARY": "Accept"}, "Accept, Origin", id="VARY after Allow"),
        pytest.param({"X-A": "1", "aCCESS-Control-Foo": "1"}, "Origin", id="a name of tomorrow"),
    ],
)
def test_what_a_view_set_is_kept_but_for_what_the_middleware_writes(view, expected):
    response = write(REFUSED, HttpResponse(headers=view))

    assert_cors(response.headers, vary=expected)
    others = {
        name: value for name, value in view.items() if not name.lower().startswith(("va", "acc"))
    }
    assert {name: response.headers[name] for name in others} == others


@pytest.fixture
def warm(transactional_db, settings, monkeypatch):
    """A client whose middleware has a snapshot that is good for an hour."""
    settings.ALLOWED_HOSTS = [".example.net"]
    make_site("acme", origins=[APP], paths=[{"path": "/"}])
    settings.CORSADMIN = {**settings.CORSADMIN, "REFRESH_SECONDS": 3600.0}
    store = Store()
    store.reload()
    monkeypatch.setattr("corsadmin.middleware.process_store", store)
    return Client(headers={"host": "acme.example.net"})


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        pytest.param("GET", {}, id="no origin"),
        pytest.param("GET", {"origin": APP}, id="allowed"),
        pytest.param("GET", {"origin": "https://evil.example"}, id="refused"),
        pytest.param(
            "OPTIONS", {"origin": APP, "access-control-request-method": "GET"}, id="preflight"
        ),
    ],
)
def test_a_warm_request_makes_no_query(method, headers, warm, django_assert_num_queries):
    warm.generic(method, "/orders", headers=headers)

    with django_assert_num_queries(0):
        warm.generic(method, "/orders", headers=headers)


def test_the_view_finds_the_decision_on_the_request(warm):
    response = warm.get("/orders", headers={"origin": APP})

    decision = decision_of(response)
    assert (decision.reason, decision.tenant, decision.allowed) == ("allowed", "acme", True)
    assert_cors(response.headers, origin=APP)


def test_the_middlewares_own_answers_have_no_content(warm):
    response = warm.options(
        "/orders", headers={"origin": APP, "access-control-request-method": "GET"}
    )

    assert (response.status_code, response.content) == (204, b"")
    assert not {"content-type", "content-length"} & {name.lower() for name in response.headers}


@override_settings(CORSADMIN={"REFRESH_SECONDS": 0})
@pytest.mark.django_db
def test_without_a_thread_each_request_sees_the_latest_change(settings):
    settings.ALLOWED_HOSTS = [".example.net"]
    tenant = make_site("acme", paths=[{"path": "/"}])
    client = Client(headers={"host": "acme.example.net", "origin": APP})
    before = decision_of(client.get("/orders")).reason

    tenant.origins.create(pattern=APP)
    allowed = decision_of(client.get("/orders")).reason
    tenant.origins.all().delete()
    after = decision_of(client.get("/orders")).reason

    assert [before, allowed, after] == ["origin-not-listed", "allowed", "origin-not-listed"]
