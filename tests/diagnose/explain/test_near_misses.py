"""Near misses: the entries that a refused origin almost meets, and in what it differs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from corsadmin.diagnose.explain import Explanation, Question, explain
from corsadmin.engine import Reason
from tests.asserts import assert_hold
from tests.diagnose.explain.questions import APP, EVIL, HOST, ask
from tests.factories import OriginFactory, TenantFactory, make_site

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def near(found: Explanation) -> list[str]:
    return [miss.kind for miss in found.near_misses]


@pytest.mark.parametrize(
    ("entry", "origin", "kind", "values"),
    [
        pytest.param({"pattern": APP, "enabled": False}, APP, "disabled", [APP], id="disabled"),
        pytest.param(
            {"pattern": APP, "scope": "/other/"},
            APP,
            "scope",
            [APP, "/other/", "/api/x"],
            id="another scope",
        ),
        pytest.param({"pattern": APP}, "https://App.example.com", "case", [APP], id="case"),
        pytest.param(
            {"pattern": "https://pr-*.acme.dev"},
            "https://pr-a.b.acme.dev",
            "label",
            ["https://pr-*.acme.dev", "pr-a.b.acme.dev"],
            id="a dot in the wildcard of a label",
        ),
        pytest.param(
            {"pattern": "https://pr-*.acme.dev"},
            "http://pr-1.acme.dev",
            "scheme",
            ["https://pr-*.acme.dev", "https"],
            id="another scheme of a label",
        ),
        pytest.param(
            {"pattern": "app://Main"},
            "app://main",
            "opaque-case",
            ["app://Main"],
            id="the case of an application",
        ),
        pytest.param(
            {"pattern": "app://*"},
            "app://main:80",
            "port",
            ["app://*", "80"],
            id="the port of an application",
        ),
        pytest.param(
            {"pattern": APP}, "https://app.example.com:443", "form", [APP], id="the default port"
        ),
        pytest.param(
            {"pattern": APP}, "http://app.example.com", "scheme", [APP, "https"], id="scheme"
        ),
        pytest.param(
            {"pattern": "http://localhost:3000"},
            "http://localhost:3001",
            "port",
            ["http://localhost:3000", "3001"],
            id="port",
        ),
        pytest.param(
            {"pattern": "http://localhost:3000"},
            "http://localhost",
            "port",
            ["http://localhost:3000"],
            id="no port",
        ),
        pytest.param(
            {"pattern": "https://localhost:3000"},
            "http://localhost:8000",
            "scheme-and-port",
            ["https://localhost:3000"],
            id="scheme and port",
        ),
        pytest.param(
            {"pattern": "https://*.example.org"},
            "https://example.org",
            "apex",
            ["https://*.example.org", " example.org"],
            id="apex",
        ),
        pytest.param(
            {"pattern": "https://example.com"},
            "https://shop.example.com",
            "subdomain",
            ["https://example.com"],
            id="subdomain",
        ),
        pytest.param(
            {"pattern": "https://www.example.com"},
            "https://example.com",
            "www",
            ["https://www.example.com"],
            id="without www",
        ),
        pytest.param(
            {"pattern": "https://example.com"},
            "https://www.example.com",
            "www",
            ["https://example.com"],
            id="with www",
        ),
        pytest.param(
            {"pattern": "https://app.example.com/"},
            APP,
            "invalid-entry",
            ["https://app.example.com/ ", "https://app.example.com,"],
            id="an entry that does not compile",
        ),
    ],
)
def test_near_misses(entry: dict[str, Any], origin: str, kind: str, values: list[str]) -> None:
    make_site(origins=[entry])

    (miss,) = ask(origin).near_misses

    assert (miss.kind, miss.tenant) == (kind, "acme")
    assert_hold([miss.sentence], [values])


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
        pytest.param("app://*", EVIL, id="any application, and a website"),
        pytest.param("app://*", f"{EVIL}:8443", id="any application, and a website with a port"),
        pytest.param("https://*.example.org", "app://A.example.org", id="no host of a website"),
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
    (miss,) = found.near_misses
    assert miss.kind == "expired"
    assert_hold([miss.sentence], [[APP, f"{until.astimezone(UTC):%Y-%m-%d %H:%M} UTC", "1\xa0day"]])
    assert len(found.changes) == 1


def test_an_entry_of_the_future_says_when() -> None:
    make_site(origins=[{"pattern": APP, "valid_from": datetime(2999, 1, 2, tzinfo=UTC)}])

    found = ask()

    assert found.decision.reason is Reason.ORIGIN_NOT_YET_VALID
    (miss,) = found.near_misses
    assert miss.kind == "not-yet-valid"
    assert_hold([miss.sentence], [[APP, "2999-01-02 00:00 UTC"]])
    assert len(found.changes) == 1


def test_an_entry_out_of_scope_can_be_widened() -> None:
    make_site(origins=[{"pattern": APP, "scope": "/other/"}])

    assert_hold(ask().changes, [[APP, "/api/"]])


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

    (miss,) = explain(question).near_misses
    assert (miss.kind, miss.tenant) == ("other-tenant", "rival")
    assert_hold([miss.sentence], [["rival"]])
    assert near(explain(question, visible=frozenset({rival.pk}))) == near(explain(question))
    assert near(explain(question, visible=frozenset())) == []
    assert near(ask(EVIL)) == []
