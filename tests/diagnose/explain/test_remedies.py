"""All causes at once: each change is listed, and once all are made the call is allowed."""

from typing import Any

import pytest
from django.utils import timezone

from corsadmin.models import Origin, PathRule
from tests.diagnose.explain.mending import (
    DAY,
    HTTP,
    NEVER,
    NEW,
    OVER,
    PUT,
    asked_again,
    kinds,
    save,
)
from tests.diagnose.explain.questions import APP, ask
from tests.factories import PathRuleFactory, TenantFactory, make_site

pytestmark = pytest.mark.django_db

CASES = [
    pytest.param({}, {"origin": NEW}, ["origin-add"], id="an origin"),
    pytest.param(
        {},
        {"origin": NEW, **PUT},
        ["origin-add", "method", "headers"],
        id="an origin, a method and a header",
    ),
    pytest.param(
        {},
        {"origin": NEW, "path": "/other/x", "credentials": True, **PUT},
        [
            "rule-add",
            "origin-add",
            "method",
            "headers",
            "rule-credentials",
            "origin-credentials",
        ],
        id="everything but the host",
    ),
    pytest.param({"enabled": False}, {}, ["rule-enable"], id="a disabled rule"),
    pytest.param(
        {"enabled": False, "methods": []}, {"method": "PATCH"}, ["rule-enable", "method"],
        id="a disabled rule that lacks the method",
    ),
    pytest.param({"exclusive": True}, {}, ["origin-add"], id="an exclusive rule"),
    pytest.param({}, {"method": "patch"}, ["page-method", "method"], id="a method in lower case"),
    pytest.param({}, {"method": "purge"}, ["method"], id="a method that is not registered"),
    pytest.param(
        {}, {"method": "trace", "headers": {"x-a": "1"}}, ["page-method", "headers"],
        id="a forbidden method, and a header",
    ),
    pytest.param(
        {"request_headers": ["*"]}, {"headers": {"Authorization": "x"}}, ["headers"],
        id="what a star does not cover",
    ),
    pytest.param(
        {"methods": ["*"], "request_headers": ["*"]},
        {"credentials": True, **PUT},
        ["rule-credentials", "origin-credentials"],
        id="stars and cookies",
    ),
    pytest.param({}, {"path": "/"}, ["rule-add"], id="the root"),
    pytest.param({}, {"path": "/a//b"}, ["rule-add"], id="a path that no pattern can say"),
    pytest.param({}, {"path": "/a/" + "x" * 600}, ["rule-add"], id="a path that is too long"),
    pytest.param({}, {"path": "/other/*"}, ["rule-add"], id="a star in the path"),
    pytest.param(
        {}, {"origin": f"{APP}/", "method": "PUT"}, ["page-origin", "method"],
        id="an origin that no browser sends",
    ),
    pytest.param(
        {"exclusive": True}, {"origin": "null", "credentials": True, **PUT},
        ["page-origin", "method", "headers", "rule-credentials"],
        id="a page without an origin",
    ),
    pytest.param({}, {"origin": "https://[::", "method": "PUT"}, ["page-origin", "method"],
        id="nonsense",
    ),
    pytest.param(
        {}, {"origin": HTTP, "credentials": True},
        ["origin-add", "rule-credentials", "origin-credentials"],
        id="plain http with cookies",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "question", "expected"), CASES)
def test_all_changes_are_listed_and_enough(
    rule: dict[str, Any], question: dict[str, Any], expected: list[str]
) -> None:
    make_site(origins=[APP], paths=[rule])

    found = ask(**question)

    assert not found.allowed
    assert kinds(found) == expected
    assert found.mending.is_sufficient
    save(found)
    again = asked_again(found)
    assert again.allowed or "null" in question["origin"] or "[::" in question["origin"]
    assert not again.allowed or again.changes == []


@pytest.mark.parametrize(
    ("entry", "question", "expected"),
    [
        pytest.param({"enabled": False}, {}, ["origin-enable"], id="disabled"),
        pytest.param({"valid_until": OVER}, {}, ["origin-window"], id="expired"),
        pytest.param({"valid_from": NEVER}, {}, ["origin-window"], id="not yet valid"),
        pytest.param(
            {"valid_from": NEVER, "valid_until": NEVER + DAY}, {}, ["origin-window"], id="a window"
        ),
        pytest.param(
            {"enabled": False, "valid_until": OVER},
            {"credentials": True},
            ["origin-enable", "origin-window", "rule-credentials", "origin-credentials"],
            id="disabled and expired",
        ),
        pytest.param({"scope": "/other/"}, {}, ["origin-add"], id="another scope"),
        pytest.param({"scope": "/api/other/"}, {}, ["origin-scope"], id="a narrower scope"),
        pytest.param(
            {"scope": "/api/other/", "enabled": False}, {}, ["origin-add"],
            id="a narrower scope that is disabled",
        ),
        pytest.param(
            {"scope": "/api/", "enabled": False}, {}, ["origin-enable"], id="a scope, disabled"
        ),
        pytest.param(
            {"pattern": "https://*.example.com", "enabled": False}, {}, ["origin-add"],
            id="a disabled wildcard",
        ),
        pytest.param(
            {"pattern": "https://*.example.com", "valid_until": OVER}, {}, ["origin-window"],
            id="a wildcard that expired",
        ),
        pytest.param(
            {"pattern": "https://*.example.com", "scope": "/api/x"}, {"credentials": True},
            ["rule-credentials", "origin-add", "origin-credentials"],
            id="a wildcard without credentials",
        ),
    ],
)  # fmt: skip
def test_entries_that_are_there_are_mended(
    entry: dict[str, Any], question: dict[str, Any], expected: list[str]
) -> None:
    make_site(origins=[{"pattern": APP, **entry}])

    found = ask(**question)

    assert kinds(found) == expected
    save(found)
    assert ask(**question).allowed


def test_the_added_entry_holds_as_far_as_the_wildcard_that_it_stands_beside() -> None:
    make_site(origins=[{"pattern": "https://*.example.com", "scope": "/api/x"}])

    save(ask(credentials=True))

    added = Origin.objects.get(pattern=APP)
    assert (added.scope, added.credentials) == ("/api/x", True)


def test_an_entry_that_is_off_is_switched_on_before_another_one_is_added() -> None:
    wildcard = {"pattern": "https://*.example.com"}
    make_site(origins=[wildcard, {"pattern": APP, "enabled": False}], paths=[{"credentials": True}])

    found = ask(credentials=True)

    assert kinds(found) == ["origin-enable", "origin-credentials"]
    save(found)
    assert ask(credentials=True).allowed


def test_an_entry_that_has_expired_is_prolonged_before_another_one_is_added() -> None:
    wildcard = {"pattern": "https://*.example.com"}
    make_site(
        origins=[wildcard, {"pattern": APP, "valid_until": OVER}], paths=[{"credentials": True}]
    )

    assert kinds(ask(credentials=True)) == ["origin-window", "origin-credentials"]


def test_an_end_is_a_month_away_and_a_start_is_now() -> None:
    make_site(origins=[{"pattern": APP, "valid_until": OVER}])
    now = timezone.now()

    (row,) = ask().mending.rows

    assert isinstance(row, Origin)
    assert row.valid_until is not None
    assert now + 29 * DAY < row.valid_until < now + 31 * DAY


def test_a_disabled_rule_of_the_tenant_comes_before_a_copy_of_the_platforms() -> None:
    PathRuleFactory(tenant=TenantFactory(slug="platform"), path="/api/", methods=["GET"])
    make_site(origins=[APP], paths=[{"enabled": False, "methods": ["PATCH"]}])

    found = ask(method="PUT")

    assert kinds(found) == ["rule-enable", "method"]
    save(found)
    assert ask(method="PUT").allowed


def test_a_risk_that_must_be_accepted_is_named() -> None:
    make_site(origins=[HTTP], paths=[{"credentials": True}])

    found = ask(HTTP, credentials=True)

    assert kinds(found) == ["origin-credentials"]
    assert found.mending.remedies[0].fields == ("credentials", "risk_accepted")


def test_the_fields_of_a_row_are_those_of_all_its_changes() -> None:
    make_site(origins=[APP])

    mending = ask(credentials=True, **PUT).mending
    rows = {type(row): row for row in mending.rows}

    assert mending.fields_of(rows[PathRule]) == ("methods", "request_headers", "credentials")
    assert mending.fields_of(rows[Origin]) == ("credentials",)
