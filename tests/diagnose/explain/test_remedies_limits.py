"""What no change of a row cures, and rows that reached the tables without the gate."""

from typing import Any

import pytest

from corsadmin.engine import Reason
from corsadmin.models import Origin, PathRule
from tests.diagnose.explain.mending import HTTP, asked_again, kinds, save
from tests.diagnose.explain.questions import APP, HOST, ask
from tests.factories import PathRuleFactory, TenantFactory, make_site

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rule", "question", "kind", "step"),
    [
        pytest.param({}, {"path": "/api/../x"}, "address", "rule", id="dot segments"),
        pytest.param(
            {"any_origin": True}, {"credentials": True}, "any-origin", "credentials",
            id="cookies where any origin is allowed",
        ),
        pytest.param(
            {"exposed_headers": ["*"]}, {"credentials": True}, "rule-credentials", "credentials",
            id="cookies where every response header is exposed",
        ),
        pytest.param(
            {}, {"headers": {f"x-{number}": "1" for number in range(65)}}, "headers", "headers",
            id="more request headers than a rule may list",
        ),
        pytest.param(
            {}, {"headers": {"x" * 200: "1"}}, "headers", "headers",
            id="a request header that is too long",
        ),
        pytest.param(
            {"request_headers": ["*"]}, {"headers": {f"x-{number}": "1" for number in range(65)}},
            "page-headers", "headers",
            id="more request headers than a preflight may ask for",
        ),
    ],
)  # fmt: skip
def test_what_no_change_of_a_row_cures_is_said(
    rule: dict[str, Any], question: dict[str, Any], kind: str, step: str
) -> None:
    make_site(origins=[APP], paths=[rule])

    found = ask(**question)
    last = found.mending.remedies[-1]

    assert (str(last.kind), last.step, last.row) == (kind, step, None)
    assert (last.as_dict()["model"], last.as_dict()["is_new"]) == (None, None)
    assert not found.mending.is_sufficient
    assert found.mending.rows == []


def test_an_https_page_of_the_same_host_calls_https() -> None:
    make_site(origins=[])

    found = ask(f"https://{HOST}", scheme="http")

    assert kinds(found) == ["page-scheme"]
    assert asked_again(found).allowed


@pytest.mark.parametrize("origin", ["", f"https://{HOST}"])
@pytest.mark.parametrize("tenants", [0, 1])
def test_a_page_of_the_site_itself_is_only_stopped_by_the_browser(
    origin: str, tenants: int
) -> None:
    if tenants:
        make_site()

    found = ask(origin, method="TRACE")

    assert kinds(found) == ["page-method"]
    assert found.mending.is_sufficient
    assert ask(origin, path="/other").changes == []


@pytest.mark.parametrize(
    ("values", "is_mended"),
    [
        pytest.param({"methods": ["GET", "patch"]}, True, id="a method in lower case"),
        pytest.param({"methods": ["GET", "GET"]}, True, id="a method twice"),
        pytest.param({"request_headers": ["x-a:"]}, True, id="a colon"),
        pytest.param({"methods": ["GET", "TRACE"]}, True, id="a forbidden method"),
        pytest.param({"methods": "GET"}, False, id="not a list"),
        pytest.param({"exposed_headers": ["*"], "credentials": True}, True, id="a star"),
    ],
)
def test_a_stored_rule_that_is_not_valid_is_mended_where_that_can_be_told(
    values: dict[str, Any], is_mended: bool
) -> None:
    make_site(origins=[APP])
    PathRule.objects.update(**values)

    found = ask()

    assert kinds(found) == ["rule-mend"]
    assert found.mending.is_sufficient is is_mended
    assert found.changes[0].startswith("/api/: ")
    save(found)
    assert ask().allowed is is_mended


def test_a_rule_of_the_platform_that_is_not_valid_is_named() -> None:
    rule = PathRuleFactory(tenant=TenantFactory(slug="platform"))
    PathRule.objects.filter(pk=rule.pk).update(methods=["get"])
    make_site(origins=[APP], paths=[])

    found = ask()

    assert (found.decision.reason, kinds(found)) == (Reason.POLICY_INVALID, ["rule-mend"])
    assert found.mending.rows == []


@pytest.mark.parametrize("credentials", [False, True])
def test_a_stored_entry_that_is_not_valid_is_mended(credentials: bool) -> None:
    make_site(origins=[HTTP], paths=[{"credentials": True}])
    Origin.objects.update(credentials=True)

    found = ask(HTTP, credentials=credentials)

    assert kinds(found) == ["origin-mend"]
    save(found)
    assert ask(HTTP, credentials=credentials).allowed
    entry = Origin.objects.get()
    assert (entry.credentials, entry.risk_accepted) == (credentials, credentials)
