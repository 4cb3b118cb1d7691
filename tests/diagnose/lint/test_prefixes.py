"""Lint paths that hold the prefix where the project is mounted."""

from typing import Any

import pytest
from django.urls import set_script_prefix

from tests.diagnose.lint.findings import APP, codes, findings
from tests.factories import make_site

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/app/api/", ["script-prefix"], id="below the prefix"),
        pytest.param("/app", ["script-prefix"], id="the prefix itself"),
        pytest.param("/app/", ["script-prefix"], id="the prefix with its slash"),
        pytest.param("/api/app/", [], id="the prefix later in the path"),
        pytest.param("/apple/", [], id="no boundary of a segment"),
        pytest.param("/*/api/", [], id="a star in its place"),
    ],
)
def test_a_rule_that_holds_the_prefix(path: str, expected: list[str], settings: Any) -> None:
    make_site(paths=[{"path": path}])
    settings.FORCE_SCRIPT_NAME = "/app"

    assert codes("acme") == expected
    assert all("/app" in found.message for found in findings("acme"))


def test_a_scope_that_holds_the_prefix(settings: Any) -> None:
    make_site(origins=[APP, {"pattern": APP, "scope": "/app/api/"}], paths=[{"path": "/app/api/"}])
    settings.FORCE_SCRIPT_NAME = "/app/"

    found = [(one.kind, one.name) for one in findings("acme") if one.code == "script-prefix"]

    assert found == [("rule", "/app/api/"), ("origin", f"{APP} (/app/api/)")]


def test_the_prefix_of_the_server_counts_where_the_setting_is_silent() -> None:
    make_site(paths=[{"path": "/app/api/"}])

    assert codes("acme") == []

    set_script_prefix("/app/")
    try:
        assert codes("acme") == ["script-prefix"]
    finally:
        set_script_prefix("/")
