"""A project below a prefix: explain takes the address that a browser shows."""

from typing import Any

import pytest
from django.test import Client

from corsadmin.diagnose.explain import Explanation
from corsadmin.engine import Reason
from tests.asserts import assert_hold, cors_headers
from tests.diagnose.explain.mending import kinds
from tests.diagnose.explain.questions import APP, HOST, ask
from tests.factories import make_site

pytestmark = pytest.mark.django_db


def first_step(found: Explanation) -> tuple[str, bool | None]:
    return found.steps[0].name, found.steps[0].ok


@pytest.mark.parametrize(
    ("path", "seen", "is_below"),
    [
        pytest.param("/backend/api/x", "/api/x", True, id="below the prefix"),
        pytest.param("/backend/api/x?y=1", "/api/x", True, id="with a query"),
        pytest.param("/%62ackend/api/x", "/api/x", True, id="the prefix encoded"),
        pytest.param("/backend", "/", True, id="the prefix itself"),
        pytest.param("/backend/", "/", True, id="the prefix with its slash"),
        pytest.param("/backend/backend/api/", "/backend/api/", True, id="the prefix twice"),
        pytest.param("/backendx/api/", "/backendx/api/", None, id="no boundary of a segment"),
        pytest.param("/Backend/api/", "/Backend/api/", None, id="the prefix in another case"),
        pytest.param("/api/x", "/api/x", None, id="not below it"),
    ],
)
@pytest.mark.parametrize("prefix", ["/backend", "/backend/"], ids=["plain", "with a slash"])
def test_the_prefix_is_taken_off_and_a_step_says_so(
    prefix: str, path: str, seen: str, is_below: bool | None, settings: Any
) -> None:
    make_site(origins=[APP], paths=[{"path": "/"}])
    settings.FORCE_SCRIPT_NAME = prefix

    found = ask(path=path)

    assert (found.path, found.as_dict()["path"]) == (seen, seen)
    assert first_step(found) == ("path", is_below)
    assert_hold([found.steps[0].sentence], [["/backend", seen]])
    assert found.question.url.endswith(path)


def test_the_prefix_of_a_server_counts_like_that_of_the_setting() -> None:
    make_site(origins=[APP])

    found = ask(path="/app/api/x", script_prefix="/app")

    assert (found.allowed, found.path, found.decision.rule) == (True, "/api/x", "/api/")
    assert first_step(found) == ("path", True)


def test_the_setting_wins_over_the_server(settings: Any) -> None:
    make_site(origins=[APP])
    settings.FORCE_SCRIPT_NAME = ""

    found = ask(path="/app/api/x", script_prefix="/app")

    assert (found.decision.reason, found.path) == (Reason.NO_RULE, "/app/api/x")
    assert found.steps[0].name == "tenant"


@pytest.mark.parametrize("path", ["/api/x", "/only/x", "/backend/only/x", "/other", "/"])
def test_explain_says_what_the_middleware_does_below_a_prefix(path: str, settings: Any) -> None:
    make_site(origins=[APP], paths=[{}, {"path": "/backend/only/"}])
    settings.FORCE_SCRIPT_NAME = "/backend"

    found = ask(path=f"/backend{path}")
    # What a proxy in front hands over: the path without the prefix.
    response = Client().get(path, headers={"Host": HOST, "Origin": APP}, secure=True)

    live: Any = response.wsgi_request
    assert live.path == f"/backend{path}"
    assert found.actual.decision == live.cors
    assert cors_headers(found.actual.headers) == cors_headers(response.headers)


def test_advice_names_the_path_that_a_rule_is_compared_with(settings: Any) -> None:
    make_site(origins=[APP])
    settings.FORCE_SCRIPT_NAME = "/backend"

    found = ask(path="/backend/other/x")

    assert kinds(found) == ["rule-add"]
    assert "/other/x" in found.changes[0]


def test_a_rule_that_holds_the_prefix_by_mistake_is_near(settings: Any) -> None:
    make_site(origins=[APP], paths=[{"path": "/backend/only/"}])
    settings.FORCE_SCRIPT_NAME = "/backend"

    (miss,) = ask(path="/backend/only/x").near_misses

    assert (miss.kind, miss.entry) == ("script-prefix", "/backend/only/")
    assert_hold([miss.sentence], [["/backend/only/", "/backend,", "/only/x"]])
