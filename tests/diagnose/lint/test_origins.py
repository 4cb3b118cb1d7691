"""Lint origin entries: those that never count or add nothing."""

from typing import Any

import pytest

from corsadmin.engine import decide
from corsadmin.engine.wildcards import MAX_LABEL_LENGTHS
from corsadmin.models import Origin
from corsadmin.serving import loader
from corsadmin.serving.decision_cache import DecisionCache
from tests.asserts import assert_hold
from tests.diagnose.lint.findings import APP, CREDENTIALS, EARLY, LATE, NOW, codes, findings
from tests.engine.policies import ask
from tests.factories import (
    OriginFactory,
    TenantFactory,
    TenantHostFactory,
    make_site,
)
from tests.label_wildcards import fill, origin_of, same_lengths

pytestmark = pytest.mark.django_db


def test_an_expired_entry_says_when() -> None:
    make_site(origins=[{"pattern": APP, "valid_until": NOW}])

    (found,) = findings()

    assert (found.code, found.detail) == ("expired", "2026-06-01 12:00 UTC")


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
        pytest.param(
            {"pattern": "https://pr-*.acme.dev"},
            {"pattern": "https://pr-1.acme.dev"},
            True,
            id="a wildcard inside the label",
        ),
        pytest.param(
            {"pattern": "https://pr-*.acme.dev"},
            {"pattern": "https://pr-.acme.dev"},
            False,
            id="a wildcard inside the label that fits nothing",
        ),
        pytest.param(
            {"pattern": "https://pr-*.acme.dev:*"},
            {"pattern": "https://pr-a*-x.acme.dev:8443"},
            True,
            id="a wider wildcard inside the label",
        ),
        pytest.param(
            {"pattern": "https://pr-*-x.acme.dev"},
            {"pattern": "https://*-y.acme.dev"},
            False,
            id="wildcards inside the label that only overlap",
        ),
        pytest.param(
            {"pattern": "https://*.acme.dev"},
            {"pattern": "https://pr-*.acme.dev"},
            True,
            id="subdomains around a label",
        ),
        pytest.param(
            {"pattern": "app://*"}, {"pattern": "app://Main"}, True, id="every host of a scheme"
        ),
        pytest.param(
            {"pattern": "app://*"}, {"pattern": "app://Main:80"}, False, id="a port of an app"
        ),
        pytest.param(
            {"pattern": "app://Main"}, {"pattern": "app://main"}, False, id="another case"
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
            {"pattern": APP}, {"pattern": APP, "scope": "/"}, True, id="no scope and all paths"
        ),
        pytest.param(
            {"pattern": APP, "scope": "/", **CREDENTIALS},
            {"pattern": APP},
            True,
            id="all paths with credentials and no scope without",
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


def test_label_wildcards_that_are_too_many_are_errors() -> None:
    tenant = make_site()
    fill(tenant, MAX_LABEL_LENGTHS + 1)
    Origin.objects.create(tenant=tenant, pattern=same_lengths())
    denied = [found for found in findings() if found.code == "does-not-compile"]
    cache = DecisionCache(loader.load("default"))
    policy = cache.policy("acme")
    assert policy is not None

    allowed = {
        text: decide(policy, ask(origin_of(text)), NOW.timestamp()).allowed
        for text in Origin.objects.values_list("pattern", flat=True)
    }

    assert [found.name for found in denied] == [text for text in allowed if not allowed[text]]
    assert len(denied) == 1
    assert (denied[0].level, denied[0].kind) == ("error", "origin")


def test_what_an_older_version_took_is_an_error() -> None:
    make_site(origins=["capacitor://localhost:*", "capacitor://*.example.org"])

    assert codes() == ["does-not-compile", "does-not-compile"]


def test_a_host_that_django_never_serves_is_an_error() -> None:
    TenantHostFactory(tenant=make_site(origins=[APP]), host="my_app.example.net")

    (found,) = [found for found in findings() if found.code == "does-not-compile"]

    assert (found.level, found.kind, found.name) == ("error", "host", "my_app.example.net")
    assert "my_app.example.net" in found.detail


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
