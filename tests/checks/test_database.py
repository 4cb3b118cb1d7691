"""The tables: missing, behind, never needed; and a rule in them that opens the admin."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.core import checks
from django.db import connection
from django.test import override_settings

from corsadmin.checks import database
from corsadmin.diagnose.lint import rules as lint_rules
from tests.checks.messages import ids, run_checks
from tests.factories import PathRuleFactory, TenantFactory
from tests.messages.screens import assert_says
from tests.projects import IN_TURN


def test_no_check_asks_a_database_unasked() -> None:
    """Without the django_db marker, any query fails the test."""
    run_checks(include_deployment_checks=True)


@pytest.mark.django_db
def test_a_migrated_database_is_in_order() -> None:
    found = checks.run_checks(tags=["database"], databases=["default"])

    assert found == []


@pytest.mark.django_db
def test_missing_tables_are_a_warning() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE corsadmin_pathrule RENAME TO gone")

    found = checks.run_checks(tags=["database"], databases=["default"])

    assert ids(found) == ["corsadmin.W005"]
    assert "tables" in found[0].msg


@pytest.mark.django_db
def test_missing_migrations_are_a_warning_that_names_them() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'corsadmin' AND name = '0002_first_rows'"
        )

    found = checks.run_checks(tags=["database"], databases=["default"])

    assert ids(found) == ["corsadmin.W005"]
    assert "(0002_first_rows)" in found[0].msg


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = connection.copy("other")
    broken.settings_dict["NAME"] = "/no/such/folder/db.sqlite3"
    monkeypatch.setattr(database, "connections", {"default": broken})

    found = database.check_tables(databases=["default"])

    assert ids(found) == ["corsadmin.W005"]
    assert_says(found[0].msg, "check-not-queried")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param([], [], id="no rule"),
        pytest.param([{"path": "/api/", "any_origin": True}], [], id="beside the admin"),
        pytest.param([{"path": "/", "any_origin": True}], ["/"], id="the whole site"),
        pytest.param([{"path": "/", "any_origin": False}], [], id="listed origins only"),
        pytest.param(
            [{"path": "/admin/", "credentials": True}], [], id="listed origins, with cookies"
        ),
        pytest.param([{"path": "/*/", "any_origin": True}], ["/*/"], id="one segment"),
        pytest.param([{"path": "/admin/", "any_origin": True}], ["/admin/"], id="the admin"),
        pytest.param(
            [{"path": "/admin/login/", "any_origin": True}], ["/admin/login/"], id="a page of it"
        ),
        pytest.param(
            [{"path": "/", "any_origin": True}, {"path": "/admin/"}], [], id="closed again"
        ),
        pytest.param([{"path": "/", "any_origin": True, "enabled": False}], [], id="disabled"),
    ],
)
def test_a_rule_of_the_platform_must_not_open_the_admin(
    rules: list[dict[str, object]], expected: list[str]
) -> None:
    platform = TenantFactory(slug="platform")
    for rule in rules:
        PathRuleFactory(tenant=platform, **rule)

    found = checks.run_checks(tags=["database"], databases=["default"])

    assert ids(found) == ["corsadmin.W006"] * len(expected)
    for message, path in zip(found, expected, strict=True):
        assert_says(message.msg, "check-admin-open", rule=path)


@pytest.mark.django_db
def test_a_site_without_admin_pages_cannot_open_them() -> None:
    PathRuleFactory(tenant=TenantFactory(slug="platform"), path="/", any_origin=True)

    with override_settings(ROOT_URLCONF="tests.checks.site"):
        assert database.check_admin_is_closed(databases=["default"]) == []


@pytest.mark.django_db
def test_a_site_without_the_admin_app_cannot_open_it(monkeypatch: pytest.MonkeyPatch) -> None:
    PathRuleFactory(tenant=TenantFactory(slug="platform"), path="/", any_origin=True)
    monkeypatch.setattr(lint_rules, "apps", SimpleNamespace(is_installed=lambda _name: False))

    assert database.check_admin_is_closed(databases=["default"]) == []


@pytest.mark.django_db
def test_without_tables_the_admin_is_not_looked_for() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE corsadmin_pathrule RENAME TO gone")

    assert database.check_admin_is_closed(databases=["default"]) == []


@pytest.mark.slow
def test_r33_commands_work_without_tables(tmp_path: Path) -> None:
    """In a new process: Django warns of queries while apps are loaded, and warnings are errors."""
    (tmp_path / "no_tests_here.py").write_text("", encoding="utf-8")
    commands = [
        ["check", "--deploy"],
        ["check", "--database", "default"],
        ["makemigrations", "--check", "--dry-run"],
        ["collectstatic", "--dry-run", "--no-input", "-v0"],
        ["test", str(tmp_path)],
        ["migrate", "-v0"],  # the last: then there are tables
    ]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IN_TURN, json.dumps(commands)],
        cwd=django_settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr
