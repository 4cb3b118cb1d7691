"""Lint origin entries: those that never count or add nothing."""

from typing import Any

import pytest

from corsadmin.models import Origin
from tests.asserts import assert_hold
from tests.diagnose.lint.findings import APP, CREDENTIALS, EARLY, LATE, NOW, codes, findings
from tests.factories import (
    OriginFactory,
    TenantFactory,
    make_site,
)

pytestmark = pytest.mark.django_db


def test_an_expired_entry_says_when() -> None:
    make_site(origins=[{"pattern": APP, "valid_until": NOW}])

    (found,) = findings()

    assert found.message == "It expired at 2026-06-01 12:00 UTC."


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        pytest.param(
            {"pattern": "https://*.example.com"}, {"pattern": APP}, True, id="a wildcard above"
        ),
        pytest.param(
            {"pattern": "https://*.com.example"}, {"pattern": APP}, False, id="a wildcard beside"
        ),
        pytest.param(
            {"pattern": "https://*.example.com"},
            {"pattern": "https://*.a.example.com"},
            True,
            id="a wider wildcard",
        ),
        pytest.param(
            {"pattern": "https://app.example.com:*"}, {"pattern": APP}, True, id="any port"
        ),
        pytest.param(
            {"pattern": "https://*.example.com:*"},
            {"pattern": "https://app.example.com:*"},
            True,
            id="any port below a wildcard",
        ),
        pytest.param(
            {"pattern": "https://*.example.com"},
            {"pattern": "https://app.example.com:*"},
            False,
            id="no port below a wildcard",
        ),
        pytest.param(
            {"pattern": "https://*.example.com"},
            {"pattern": APP, **CREDENTIALS},
            False,
            id="credentials add something",
        ),
        pytest.param(
            {"pattern": "https://*.example.com", **CREDENTIALS},
            {"pattern": APP},
            True,
            id="no less",
        ),
        pytest.param({"pattern": APP}, {"pattern": APP, "scope": "/api/x"}, True, id="a scope"),
        pytest.param(
            {"pattern": APP, "scope": "/api/"},
            {"pattern": APP, "scope": "/api/x/"},
            True,
            id="a wider scope",
        ),
        pytest.param(
            {"pattern": "https://*.example.com", "scope": "/api/"},
            {"pattern": APP, "scope": "/api/"},
            True,
            id="the same scope",
        ),
        pytest.param(
            {"pattern": APP, "scope": "/api/y/"},
            {"pattern": APP, "scope": "/api/x/"},
            False,
            id="scopes beside each other",
        ),
        pytest.param(
            {"pattern": "https://*.example.com", "valid_from": EARLY, "valid_until": LATE},
            {"pattern": APP, "valid_from": EARLY, "valid_until": LATE},
            True,
            id="the same window",
        ),
        pytest.param(
            {"pattern": "https://*.example.com", "valid_from": EARLY},
            {"pattern": APP},
            False,
            id="a begin",
        ),
        pytest.param(
            {"pattern": "https://*.example.com", "valid_until": LATE},
            {"pattern": APP},
            False,
            id="an end",
        ),
    ],
)
def test_entries_that_add_nothing(
    wide: dict[str, Any], narrow: dict[str, Any], expected: bool
) -> None:
    make_site(origins=[wide, narrow], paths=[CREDENTIALS])
    row = Origin.objects.order_by("pk").last()
    others = [found for found in findings() if found.code not in {"risk", "exposed"}]

    if expected:
        assert [(found.name, found.code) for found in others] == [(str(row), "redundant-origin")]
        assert others[0].message.startswith(f"acme: {wide['pattern']}")
    else:
        assert others == []


def test_an_entry_that_repeats_the_platforms_adds_nothing() -> None:
    OriginFactory(tenant=TenantFactory(slug="platform"), pattern=APP)
    make_site(origins=[APP])
    make_site("rival", origins=[APP], inherits_platform=False)

    (found,) = findings()
    assert (found.tenant, found.code) == ("acme", "redundant-origin")
    assert_hold([found.message], [["platform", APP]])


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param({"scope": "/api/x"}, [], id="a scope within"),
        pytest.param({"scope": "/"}, [], id="a scope around"),
        pytest.param({"scope": "/*/x"}, [], id="a scope across"),
        pytest.param({"scope": "/other/"}, ["scope-without-rule"], id="a scope beside"),
        pytest.param({"scope": "/api"}, ["scope-without-rule"], id="a scope one slash short"),
        pytest.param(CREDENTIALS, ["credentials-unused"], id="no rule grants credentials"),
    ],
)
def test_entries_must_meet_a_rule(entry: dict[str, Any], expected: list[str]) -> None:
    make_site(origins=[{"pattern": APP, **entry}])

    assert codes() == expected
