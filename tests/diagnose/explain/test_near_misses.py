"""Near misses: the entries that a refused origin almost meets, and in what it differs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from corsadmin.diagnose.explain import Explanation, Question, explain
from corsadmin.engine import Reason
from tests.diagnose.explain.questions import APP, EVIL, HOST, ask
from tests.factories import OriginFactory, TenantFactory, make_site

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


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
