"""Which pace holds while a project's tests run, and when its thread ends."""

import pytest
from django.apps import apps
from django.test import override_settings
from django.test.utils import setup_test_environment, teardown_test_environment

from corsadmin import conf
from corsadmin.conf import config, written_config

PROJECTS = {"REFRESH_SECONDS": 2.0, "PUSH": "off"}


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> None:
    """A project that has set a pace of its own, which Django has started with."""
    monkeypatch.setattr(conf, "_of_the_project", None)
    with override_settings(CORSADMIN=PROJECTS):
        conf.remember_the_project()


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        pytest.param(PROJECTS, 0, id="the project's settings"),
        pytest.param({**PROJECTS, "PUSH": "auto"}, 0, id="another key overridden"),
        pytest.param({"REFRESH_SECONDS": 0}, 0, id="no thread"),
        pytest.param({"REFRESH_SECONDS": 0.5}, 0.5, id="a pace of the test's own"),
        pytest.param({}, 1.0, id="the default, which is not the project's"),
    ],
)
def test_the_pace_in_tests(given: dict[str, object], seconds: float, project: None) -> None:
    with override_settings(CORSADMIN=given):
        assert config().refresh_seconds == seconds
        assert written_config().refresh_seconds == given.get("REFRESH_SECONDS", 1.0)


def test_apps_that_are_made_ready_again_do_not_change_what_the_project_has_set(
    project: None,
) -> None:
    with override_settings(CORSADMIN={"REFRESH_SECONDS": 0.5}):
        apps.get_app_config("corsadmin").ready()

    with override_settings(CORSADMIN=PROJECTS):
        assert config().refresh_seconds == 0


def test_outside_tests_the_projects_pace_holds(project: None) -> None:
    teardown_test_environment()
    try:
        with override_settings(CORSADMIN=PROJECTS):
            assert config() == written_config()
    finally:
        setup_test_environment()
