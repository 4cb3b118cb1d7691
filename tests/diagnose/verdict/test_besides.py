"""A verdict says what must be true besides the policies, by the project's settings."""

from typing import Any

import pytest

from corsadmin.diagnose.console import read
from corsadmin.diagnose.explain import Question
from corsadmin.diagnose.verdict import CallOutcome, Verdict, verdict_on_call
from corsadmin.diagnose.verdict.calls import GivenCall, question_from
from tests.factories import make_site
from tests.messages.screens import assert_says

pytestmark = pytest.mark.django_db

APP = "https://app.example.com"
HOST = "acme.example.net"


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [".example.net"]


@pytest.fixture(autouse=True)
def site() -> Any:
    return make_site(
        origins=[{"pattern": APP, "credentials": True}],
        paths=[{"methods": ["GET", "POST"], "credentials": True}],
    )


def verdict(**given: Any) -> Verdict:
    asked = {"host": HOST, "path": "/api/x", "origin": APP, **given}
    return verdict_on_call(Question(**asked))


def met(found: Verdict) -> dict[str, bool | None]:
    return {each.code: each.met for each in found.conditions}


def test_an_allowed_call_with_cookies_names_what_keeps_them_back() -> None:
    found = verdict(method="POST", credentials=True)

    assert found.outcome is CallOutcome.ALLOWED
    assert met(found) == {
        "session-cookie": False,
        "csrf-trusted-origin": False,
        "csrf-cookie": False,
        "csrf-token": False,
        "third-party-cookies": None,
        "other-cookies": None,
    }
    assert found.as_dict()["conditions"][0]["code"] == "session-cookie"


def test_the_header_of_the_token_is_asked_of_the_policies(site: Any) -> None:
    site.paths.update(request_headers=["x-csrftoken"])

    assert met(verdict(method="POST", credentials=True))["csrf-token"] is True
    refused = verdict(method="DELETE", credentials=True)
    assert refused.outcome is CallOutcome.BLOCKED
    assert met(refused)["csrf-token"] is None


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="without cookies"),
        pytest.param({"origin": f"https://{HOST}", "credentials": True}, id="the API's own page"),
        pytest.param({"origin": "", "credentials": True}, id="no page"),
    ],
)
def test_where_nothing_else_is_needed_nothing_is_said(given: dict[str, Any]) -> None:
    assert verdict(**given).conditions == []


def test_mixed_content_is_blocked_whatever_the_policies_say() -> None:
    found = verdict(scheme="http")

    assert found.outcome is CallOutcome.BLOCKED
    assert_says(found.sentence, "condition-mixed-content")
    assert found.explanation is not None
    assert found.explanation.allowed


def test_mixed_content_does_not_hide_what_the_policies_refuse() -> None:
    found = verdict(scheme="http", origin="https://new.example")

    assert (found.outcome, found.sentence) == (CallOutcome.BLOCKED, "")
    assert met(found) == {"mixed-content": False}


def test_what_nobody_said_is_not_judged() -> None:
    reading = read(
        f"Access to fetch at 'https://{HOST}/api/x' from origin '{APP}' has been blocked by CORS "
        "policy: No 'Access-Control-Allow-Origin' header is present on the requested resource."
    )
    question, unknown = question_from(GivenCall(), reading)

    assert verdict_on_call(question, unknown=unknown, reading=reading).conditions == []
    question, unknown = question_from(GivenCall(credentials=True), reading)
    found = verdict_on_call(question, unknown=unknown, reading=reading)
    assert (found.outcome, found.asks) == (CallOutcome.UNDECIDED, "method")
    assert "csrf-token" not in met(found)
    assert met(found)["session-cookie"] is False
