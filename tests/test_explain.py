"""One evaluator, three faces: what explain says is what the middleware does."""

import json
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from corsadmin import loader
from corsadmin.engine import Decision, Reason
from corsadmin.explain import Explanation, Question, explain
from corsadmin.models import Origin, PathRule
from tests.asserts import cors_headers
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
    TenantHostFactory,
    make_site,
)

pytestmark = pytest.mark.django_db

VECTORS = json.loads(
    (Path(__file__).parent / "engine" / "vectors" / "origins.json").read_text(encoding="utf-8")
)
ALLOWLIST = ["https://app.example.com", "https://*.example.org", "http://localhost:*"]
HOST = "acme.example.net"
APP = "https://app.example.com"
EVIL = "https://evil.example"
JSON_BODY = {"Content-Type": "application/json"}
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [".example.net"]


def ask(origin: str = APP, path: str = "/api/x", **question: Any) -> Explanation:
    return explain(Question(host=HOST, path=path, origin=origin, **question))


def through_the_middleware(
    origin: str, path: str = "/api/x", **headers: str
) -> tuple[Decision, int, dict[str, str]]:
    """Send a request through the whole stack; a preflight where its header is given."""
    method = "OPTIONS" if "Access-Control-Request-Method" in headers else "GET"
    response = Client().generic(
        method, path, headers={"Host": HOST, "Origin": origin, **headers}, secure=True
    )
    request: Any = response.wsgi_request
    return request.cors, response.status_code, cors_headers(response.headers)


@pytest.mark.parametrize("row", VECTORS, ids=[row["id"] for row in VECTORS])
def test_explain_equals_reality(row: dict[str, Any]) -> None:
    origins = [
        {"pattern": pattern, "credentials": True, "risk_accepted": True}
        for pattern in row.get("allowlist", ALLOWLIST)
    ]
    make_site(origins=origins, paths=[{"methods": ["GET", "PUT"], "credentials": True}])

    found = ask(row["origin"], method="PUT")
    got = through_the_middleware(row["origin"])
    asked = through_the_middleware(row["origin"], **{"Access-Control-Request-Method": "PUT"})

    assert (found.actual.decision, cors_headers(found.actual.headers)) == (got[0], got[2])
    assert found.preflight is not None
    assert (found.preflight.decision, found.preflight.status) == asked[:2]
    assert cors_headers(found.preflight.headers) == asked[2]
    assert found.allowed is got[0].allowed is (row["expect"] == "allow")


def rich_site() -> None:
    """Make a tenant with a bit of everything, and a platform it inherits from."""
    platform = TenantFactory(slug="platform")
    PathRuleFactory(tenant=platform, path="/shared/", methods=["GET"])
    OriginFactory(tenant=platform, pattern="https://desk.example.com")
    make_site(
        origins=[
            {"pattern": APP, "credentials": True},
            {"pattern": "https://*.example.org", "scope": "/api/"},
            {"pattern": "https://old.example.com", "valid_until": timezone.now() - DAY},
        ],
        paths=[
            {"methods": ["GET", "PUT"], "request_headers": ["x-a"], "credentials": True},
            {"path": "/api/closed", "refuse_unlisted": True, "max_age": 60},
            {"path": "/open/", "any_origin": True, "exposed_headers": ["x-total"]},
        ],
    )
    PathRule.objects.filter(path="/api/closed").update(methods=["get"])  # does not compile


def test_explain_equals_reality_for_every_combination() -> None:
    rich_site()
    snapshot = loader.load("default")
    origins = [
        APP,
        "https://a.example.org",
        "https://old.example.com",
        "https://desk.example.com",
        EVIL,
        "null",
        f"https://{HOST}",
    ]
    paths = ["/api/x", "/api/closed", "/open/x", "/shared/x", "/other"]
    reasons = set()
    for origin, path, method, header in product(origins, paths, ("PUT", "PATCH"), ("x-a", "x-b")):
        question = Question(
            host=HOST, path=path, origin=origin, method=method, headers={header: "1"}
        )
        found = explain(question, snapshot=snapshot)
        got = through_the_middleware(origin, path)
        asked = through_the_middleware(
            origin,
            path,
            **{"Access-Control-Request-Method": method, "Access-Control-Request-Headers": header},
        )
        assert (found.actual.decision, cors_headers(found.actual.headers)) == (got[0], got[2])
        assert found.actual.status in (0, got[1])
        reasons |= {got[0].reason, asked[0].reason}
        if found.preflight is None:
            assert found.allowed
            assert question.is_same_origin
        else:
            assert found.preflight.decision == asked[0]
            assert cors_headers(found.preflight.headers) == asked[2]
            assert found.allowed is (got[0].allowed and asked[0].allowed)

    assert reasons == set(Reason) - {
        Reason.NOT_CORS,
        Reason.NO_TENANT,
        Reason.NOT_READY,
        Reason.TOO_STALE,
        Reason.ORIGIN_MALFORMED,
        Reason.ORIGIN_NOT_YET_VALID,
    }


def test_an_allowed_call_passes_every_step() -> None:
    make_site(
        origins=[{"pattern": APP, "credentials": True}],
        paths=[{"methods": ["PUT"], "credentials": True, "max_age": 60}],
    )

    found = ask(method="put", headers=JSON_BODY, credentials=True)

    assert found.allowed
    assert [(step.name, step.ok) for step in found.steps] == [
        ("tenant", True),
        ("rule", True),
        ("origin", True),
        ("method", True),
        ("headers", True),
        ("credentials", True),
    ]
    assert found.preflight is not None
    assert found.preflight.status == 204
    assert found.preflight.headers["Access-Control-Allow-Methods"] == "PUT"
    assert found.actual.headers == {
        "Access-Control-Allow-Origin": APP,
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin",
    }
    assert (found.console, found.near_misses, found.changes) == ("", [], [])


@pytest.mark.parametrize(
    ("question", "sent"),
    [
        pytest.param({}, False, id="a plain GET"),
        pytest.param({"method": "POST"}, False, id="a POST of a form"),
        pytest.param({"method": "PUT"}, True, id="a method"),
        pytest.param({"headers": JSON_BODY}, True, id="a content type"),
        pytest.param({"headers": {"Cookie": "a=b"}}, False, id="a header no page can set"),
        pytest.param({"origin": f"https://{HOST}", "method": "PUT"}, False, id="same origin"),
        pytest.param({"origin": "", "method": "PUT"}, False, id="no origin"),
    ],
)
def test_a_preflight_is_shown_where_a_browser_sends_one(
    question: dict[str, Any], sent: bool
) -> None:
    make_site(origins=[APP])

    assert (ask(**question).preflight is not None) is sent


def test_a_page_of_the_same_origin_needs_no_permission() -> None:
    make_site(origins=[APP])

    found = ask(f"https://{HOST}", credentials=True)

    assert found.allowed
    assert found.decision.reason is Reason.SAME_ORIGIN
    assert [step.ok for step in found.steps] == [True, True, True, True, True, None]


def test_a_request_without_origin_is_nobodys_page() -> None:
    make_site(origins=[APP])

    found = ask("")

    assert found.allowed
    assert found.decision.reason is Reason.NOT_CORS
    assert found.steps[2].sentence == "The request has no Origin, so it is not cross-origin."


def failed_step(found: Explanation) -> str:
    return next((step.name for step in found.steps if step.ok is False), "")


@pytest.mark.parametrize(
    ("rule", "question", "reason", "step", "change"),
    [
        pytest.param(
            {},
            {"origin": EVIL},
            "origin-not-listed",
            "origin",
            "Add the origin https://evil.example to acme, if its pages are to be trusted.",
            id="not listed",
        ),
        pytest.param(
            {},
            {"origin": "null"},
            "origin-null",
            "origin",
            "Serve the page from a web server: files and sandboxed frames send “null”.",
            id="null",
        ),
        pytest.param(
            {},
            {"origin": "https://app.example.com/"},
            "origin-malformed",
            "origin",
            "Try https://app.example.com: a browser would send that.",
            id="a slash at the end",
        ),
        pytest.param(
            {},
            {"origin": "https://[::"},
            "origin-malformed",
            "origin",
            "Copy the origin from the browser's console, or from its Origin header.",
            id="nonsense",
        ),
        pytest.param(
            {},
            {"path": "/other"},
            "no-rule",
            "rule",
            "Add a path rule to acme that covers /other.",
            id="no rule",
        ),
        pytest.param(
            {},
            {"method": "PUT"},
            "method-not-allowed",
            "method",
            "Add PUT to the methods of the rule /api/ of acme.",
            id="method",
        ),
        pytest.param(
            {"methods": ["PATCH"]},
            {"method": "patch"},
            "method-not-allowed",
            "method",
            "Write PATCH in the page: browsers send this one as it is.",
            id="method in lower case",
        ),
        pytest.param(
            {"methods": ["*"]},
            {"method": "trace"},
            "method-not-allowed",
            "method",
            "Use another method: no browser lets a page send this one.",
            id="a forbidden method",
        ),
        pytest.param(
            {"request_headers": ["x-a"]},
            {"headers": {"x-a": "1", "x-b": "1", "x-c": "1"}},
            "header-not-allowed",
            "headers",
            "Add x-b, x-c to the request headers of the rule /api/ of acme.",
            id="headers",
        ),
        pytest.param(
            {"request_headers": ["*"]},
            {"headers": {"authorization": "x", "x-c": "1"}},
            "header-not-allowed",
            "headers",
            "Add authorization to the request headers of the rule /api/ of acme.",
            id="a star does not cover authorization",
        ),
    ],
)
def test_a_refusal_names_step_and_change(
    rule: dict[str, Any], question: dict[str, Any], reason: str, step: str, change: str
) -> None:
    make_site(origins=[APP], paths=[rule])

    found = ask(**question)

    assert not found.allowed
    assert found.console
    assert found.decision.reason == reason
    assert failed_step(found) == step
    assert found.changes == [change]
    assert [row.ok for row in found.steps].count(False) == 1


def test_what_follows_a_failed_step_is_not_reached() -> None:
    make_site(origins=[APP])

    found = ask(path="/other")

    assert [step.ok for step in found.steps] == [True, False, None, None, None, None]


def test_a_forbidden_method_fails_in_the_page() -> None:
    make_site(origins=[APP])

    assert ask(method="TRACE").console == (
        "Failed to execute 'fetch' on 'Window': 'TRACE' HTTP method is unsupported."
    )


def test_the_console_line_of_a_refused_origin() -> None:
    make_site(origins=[APP])

    assert ask(EVIL).console == (
        "Access to fetch at 'https://acme.example.net/api/x' from origin 'https://evil.example' "
        "has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on "
        "the requested resource."
    )


@pytest.mark.parametrize(
    ("rule", "entry", "change"),
    [
        pytest.param(
            {"credentials": False},
            True,
            ["Grant credentials on the rule /api/ of acme."],
            id="the rule does not grant them",
        ),
        pytest.param(
            {"credentials": True},
            False,
            ["Grant credentials on the entry https://app.example.com."],
            id="the entry does not",
        ),
        pytest.param(
            {"credentials": False},
            False,
            [
                "Grant credentials on the rule /api/ of acme.",
                "Grant credentials on the entry https://app.example.com.",
            ],
            id="neither does",
        ),
        pytest.param(
            {"any_origin": True},
            True,
            ["List the origins that may ask with cookies: any origin never may."],
            id="any origin",
        ),
    ],
)
def test_cookies_need_both_rule_and_entry(
    rule: dict[str, Any], entry: bool, change: list[str]
) -> None:
    make_site(origins=[{"pattern": APP, "credentials": entry}], paths=[rule])

    without, with_cookies = ask(), ask(credentials=True)

    assert without.allowed
    assert (without.steps[-1].ok, without.changes) == (None, [])
    assert not with_cookies.allowed
    assert (with_cookies.steps[-1].ok, with_cookies.changes) == (False, change)
    assert "credentials mode is 'include'" in with_cookies.console


def test_a_preflight_without_credentials_blocks_a_call_with_cookies() -> None:
    make_site(origins=[APP], paths=[{"methods": ["PUT"]}])

    found = ask(method="PUT", credentials=True)

    assert found.decision.allowed
    assert not found.allowed
    assert "Response to preflight request" in found.console


def test_any_origin_is_said_so() -> None:
    make_site(paths=[{"any_origin": True}])

    found = ask(EVIL)

    assert found.allowed
    assert found.steps[2].sentence == "The rule allows any origin."


def test_an_inherited_rule_is_the_platforms() -> None:
    PathRuleFactory(tenant=TenantFactory(slug="platform"), path="/", methods=["GET"])
    make_site(origins=[APP], paths=[])

    found = ask(method="PUT")

    assert found.steps[1].sentence == (
        "The rule / of platform is the most specific one for /api/x."
    )
    assert found.changes == ["Add PUT to the methods of the rule / of platform."]


def test_a_rule_that_does_not_compile_is_described() -> None:
    make_site(origins=[APP])
    PathRule.objects.update(methods=["GET", "get"])

    found = ask()

    assert (found.decision.reason, failed_step(found)) == ("policy-invalid", "rule")
    assert found.changes == [
        "/api/: “get” must be in upper case: methods are compared by case. Write GET."
    ]


@pytest.mark.parametrize("methods", ["GET", 5, {"GET": 1}, [5]])
def test_a_list_that_is_none_denies_on_its_path(methods: object) -> None:
    make_site(origins=[APP])
    PathRule.objects.update(methods=methods)

    found = ask()

    assert found.decision.reason is Reason.POLICY_INVALID
    assert found.changes[0].endswith("is no list of texts.")


def test_a_rule_replaced_meanwhile_is_not_described() -> None:
    """The snapshot given may be older than the rows."""
    make_site(origins=[APP])
    PathRule.objects.update(methods=["get"])
    snapshot = loader.load("default")
    PathRule.objects.update(methods=["GET"])

    found = explain(Question(host=HOST, path="/api/x", origin=APP), snapshot=snapshot)

    assert found.decision.reason is Reason.POLICY_INVALID
    assert found.changes == []


def test_a_disabled_rule_can_be_enabled() -> None:
    make_site(origins=[APP], paths=[{"enabled": False}, {"path": "/a/", "enabled": False}])

    assert ask().changes == ["Enable the path rule /api/."]


def near(found: Explanation) -> list[tuple[str, str]]:
    return [(miss.kind, miss.sentence) for miss in found.near_misses]


@pytest.mark.parametrize(
    ("entry", "origin", "expected"),
    [
        pytest.param(
            {"pattern": APP, "enabled": False},
            APP,
            ("disabled", "The entry https://app.example.com is disabled."),
            id="disabled",
        ),
        pytest.param(
            {"pattern": APP, "scope": "/other/"},
            APP,
            ("scope", "The entry https://app.example.com is only for /other/, not for /api/x."),
            id="another scope",
        ),
        pytest.param(
            {"pattern": APP},
            "https://App.example.com",
            (
                "case",
                (
                    "It differs only in case: a browser sends https://app.example.com, which "
                    "https://app.example.com covers."
                ),
            ),
            id="case",
        ),
        pytest.param(
            {"pattern": APP},
            "https://app.example.com:443",
            (
                "form",
                (
                    "A browser sends https://app.example.com instead, which the entry "
                    "https://app.example.com covers."
                ),
            ),
            id="the default port",
        ),
        pytest.param(
            {"pattern": "https://app.example.com"},
            "http://app.example.com",
            (
                "scheme",
                (
                    "The entry https://app.example.com differs only in the scheme: it would match "
                    "with https."
                ),
            ),
            id="scheme",
        ),
        pytest.param(
            {"pattern": "http://localhost:3000"},
            "http://localhost:3001",
            (
                "port",
                "The entry http://localhost:3000 differs only in the port: the page has 3001.",
            ),
            id="port",
        ),
        pytest.param(
            {"pattern": "http://localhost:3000"},
            "http://localhost",
            (
                "port",
                (
                    "The entry http://localhost:3000 differs only in the port: the page has the "
                    "default one."
                ),
            ),
            id="no port",
        ),
        pytest.param(
            {"pattern": "https://localhost:3000"},
            "http://localhost:8000",
            (
                "scheme-and-port",
                "The entry https://localhost:3000 has the same host, but another scheme and port.",
            ),
            id="scheme and port",
        ),
        pytest.param(
            {"pattern": "https://*.example.org"},
            "https://example.org",
            (
                "apex",
                (
                    "The entry https://*.example.org covers names below example.org, but not "
                    "example.org itself."
                ),
            ),
            id="apex",
        ),
        pytest.param(
            {"pattern": "https://example.com"},
            "https://shop.example.com",
            (
                "subdomain",
                "The entry https://example.com covers only that host and nothing below it.",
            ),
            id="subdomain",
        ),
        pytest.param(
            {"pattern": "https://www.example.com"},
            "https://example.com",
            ("www", "The entry https://www.example.com differs only in the www."),
            id="without www",
        ),
        pytest.param(
            {"pattern": "https://example.com"},
            "https://www.example.com",
            ("www", "The entry https://example.com differs only in the www."),
            id="with www",
        ),
        pytest.param(
            {"pattern": "https://app.example.com/"},
            APP,
            (
                "invalid-entry",
                (
                    "The entry https://app.example.com/ is not valid; written as "
                    "https://app.example.com it would match."
                ),
            ),
            id="an entry that does not compile",
        ),
    ],
)
def test_near_misses(entry: dict[str, Any], origin: str, expected: tuple[str, str]) -> None:
    make_site(origins=[entry])

    assert near(ask(origin)) == [expected]


@pytest.mark.parametrize(
    ("pattern", "origin"),
    [
        pytest.param("https://app.example.com/", EVIL, id="invalid and other"),
        pytest.param("https://[::1", EVIL, id="invalid beyond mending"),
        pytest.param("https://*.example.org", "https://evilexample.org", id="no label boundary"),
        pytest.param("https://*.example.org", "http://example.org:1", id="all different"),
        pytest.param("https://app.example.com", "http://app.example.com.evil.example", id="suffix"),
        pytest.param("https://app.example.com", "null", id="null"),
        pytest.param("https://app.example.com", "https://[::", id="nonsense"),
    ],
)
def test_what_is_no_near_miss(pattern: str, origin: str) -> None:
    make_site(origins=[pattern])

    assert near(ask(origin)) == []


def test_an_expired_entry_says_when() -> None:
    until = timezone.now() - DAY
    make_site(origins=[{"pattern": APP, "valid_until": until}])

    found = ask()

    assert found.decision.reason is Reason.ORIGIN_EXPIRED
    assert near(found) == [
        (
            "expired",
            f"The entry {APP} expired on {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC, 1\xa0day ago.",
        )
    ]
    assert found.changes == ["Give the entry a later end, if its pages are still to be trusted."]


def test_an_entry_of_the_future_says_when() -> None:
    make_site(origins=[{"pattern": APP, "valid_from": datetime(2999, 1, 2, tzinfo=UTC)}])

    found = ask()

    assert found.decision.reason is Reason.ORIGIN_NOT_YET_VALID
    assert near(found) == [
        ("not-yet-valid", f"The entry {APP} becomes valid on 2999-01-02 00:00 UTC.")
    ]
    assert found.changes == ["Give the entry an earlier begin, or wait."]


def test_an_entry_out_of_scope_can_be_widened() -> None:
    make_site(origins=[{"pattern": APP, "scope": "/other/"}])

    assert ask().changes == ["Widen the entry's scope so that it covers /api/x."]


def test_the_nearest_five_are_shown_the_nearest_first() -> None:
    ports = [f"http://localhost:{port}" for port in range(3000, 3009)]
    make_site(origins=[*ports, {"pattern": "http://localhost:*", "enabled": False}])

    kinds = [miss.kind for miss in ask("http://localhost:4000").near_misses]

    assert kinds == ["disabled", "port", "port", "port", "port"]


def test_entries_of_the_platform_count_as_near() -> None:
    OriginFactory(tenant=TenantFactory(slug="platform"), pattern="http://app.example.com")
    make_site(origins=[])

    (miss,) = ask().near_misses

    assert (miss.kind, miss.tenant) == ("scheme", "platform")


def test_a_tenant_that_inherits_nothing_is_not_near_to_the_platform() -> None:
    OriginFactory(tenant=TenantFactory(slug="platform"), pattern="http://app.example.com")
    make_site(origins=[], inherits_platform=False)

    assert ask().near_misses == []


def test_another_tenant_is_named_only_to_those_who_may_see_it() -> None:
    make_site(origins=[])
    rival = make_site("rival", origins=[APP])
    OriginFactory(tenant=rival, pattern=EVIL, enabled=False)
    question = Question(host=HOST, path="/api/x", origin=APP)

    assert near(explain(question)) == [
        ("other-tenant", "It is listed for rival, to which this request does not belong.")
    ]
    assert near(explain(question, visible=frozenset({rival.pk}))) == near(explain(question))
    assert near(explain(question, visible=frozenset())) == []
    assert near(ask(EVIL)) == []


def test_an_unknown_host_can_be_added() -> None:
    found = explain(Question(host="new.example.net", path="/api/x", origin=APP))

    assert (found.decision.reason, failed_step(found)) == ("no-tenant", "tenant")
    assert found.changes == ["Add the host new.example.net to its tenant."]
    assert found.near_misses == []


@pytest.mark.parametrize("host", ["evil.example", "[::1", "acme.example.net@evil"])
def test_a_host_that_django_refuses_is_named(host: str) -> None:
    make_site(origins=[APP])

    found = explain(Question(host=host, path="/api/x", origin=APP))

    assert found.changes == [f"Add {host} to ALLOWED_HOSTS: Django refuses it."]


def test_an_inactive_tenant_is_named_to_those_who_may_see_it() -> None:
    make_site(origins=[APP], is_active=False)
    question = Question(host=HOST, path="/api/x", origin=APP)

    assert explain(question).changes == ["Set the tenant acme active."]
    assert explain(question, visible=frozenset()).changes == [
        "Add the host acme.example.net to its tenant."
    ]


def test_the_gateways_header_names_the_tenant(settings: Any) -> None:
    settings.CORSADMIN = {
        **settings.CORSADMIN,
        "TENANT_RESOLVER": "corsadmin.tenants.by_header",
        "TENANT_HEADER": "X-Tenant",
    }
    make_site(origins=[APP], paths=[{"methods": ["PUT"]}])

    found = ask(method="PUT", headers={"X-Tenant": "acme"})
    unknown = ask(method="PUT")

    assert found.allowed
    assert found.steps[0].sentence == "by_header finds the tenant acme."
    assert found.actual.headers["Vary"] == "Origin, X-Tenant"
    assert unknown.changes == ["Ask for a host or path of an active tenant."]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        pytest.param("/api/x?page=2#top", "allowed", id="query and fragment do not count"),
        pytest.param("/api/caf%C3%A9", "allowed", id="percent-encoded"),
        pytest.param("/api/café", "allowed", id="as people write it"),
        pytest.param("/%61pi/x", "allowed", id="decoded once"),
        pytest.param("/%2561pi/x", "no-rule", id="and not twice"),
        pytest.param("/api/%2e%2e/x", "no-rule", id="dot segments"),
    ],
)
def test_the_path_is_what_a_server_hands_over(path: str, reason: str) -> None:
    make_site(origins=[APP])

    assert ask(path=path).decision.reason == reason


def test_the_answer_as_plain_values() -> None:
    make_site(origins=[APP])

    found = ask("http://app.example.com", method="PUT").as_dict()

    assert json.loads(json.dumps(found)) == found
    assert found["reason"] == "origin-not-listed"
    assert found["preflight"]["status"] == 403
    assert found["actual"]["status"] is None
    assert found["near_misses"][0]["kind"] == "scheme"
    assert ask().as_dict()["preflight"] is None


def test_explaining_writes_nothing(django_assert_max_num_queries: Any) -> None:
    make_site(origins=[APP])
    before = list(Origin.objects.values_list("modified", flat=True))

    with django_assert_max_num_queries(12):
        ask(EVIL)

    assert list(Origin.objects.values_list("modified", flat=True)) == before


def test_a_header_of_the_body_is_understood() -> None:
    make_site(origins=[APP])
    TenantHostFactory(host="b.example.net")

    assert ask(headers=JSON_BODY).allowed
