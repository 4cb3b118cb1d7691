"""System checks: exact ids, one case each, and no table needed for any of them."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.core import checks
from django.core.checks import CheckMessage
from django.db import connection
from django.test import override_settings
from django.urls import include, path

from corsadmin.checks import database, installation, options
from corsadmin.conf import Config, config, setting
from corsadmin.lint import rules as lint_rules
from corsadmin.middleware import CorsMiddleware
from tests.factories import PathRuleFactory, TenantFactory

CORS = "corsadmin.middleware.CorsMiddleware"
HISTORY = "simple_history.middleware.HistoryRequestMiddleware"
OTHER = "django.middleware.security.SecurityMiddleware"

urlpatterns: list[object] = [path("", include([]))]  # a site without an admin


class OwnMiddleware(CorsMiddleware):
    """A site's own subclass counts as ours."""


def not_two(request: object) -> None:
    """Take one argument only."""


async def asynchronous(request: object, snapshot: object) -> None:
    """Find no tenant, and take a while."""


class AsynchronousCall:
    async def __call__(self, request: object, snapshot: object) -> None:
        """Find no tenant, and take a while."""


class PlainCall:
    def __call__(self, request: object, snapshot: object) -> None:
        """Find no tenant."""


asynchronous_object = AsynchronousCall()
plain_object = PlainCall()


def ids(messages: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in messages]


def texts(messages: list[CheckMessage]) -> str:
    return " ".join(f"{message.msg} {message.hint}" for message in messages)


def run_checks(*, include_deployment_checks: bool = False) -> list[CheckMessage]:
    # No database is named: Django 6.1's own checks would ask it what it can do.
    return checks.run_checks(include_deployment_checks=include_deployment_checks, databases=[])


def test_the_test_site_is_in_order() -> None:
    found = run_checks()

    assert [message for message in found if str(message.id).startswith("corsadmin.")] == []


@pytest.mark.parametrize(
    ("middleware", "expected"),
    [
        pytest.param([CORS, OTHER], [], id="once and first"),
        pytest.param([], ["corsadmin.E001"], id="missing"),
        pytest.param([OTHER], ["corsadmin.E001"], id="only another one"),
        pytest.param([OTHER, CORS], ["corsadmin.W001"], id="not first"),
        pytest.param([CORS, OTHER, CORS], ["corsadmin.E002"], id="twice"),
        pytest.param([OTHER, CORS, CORS], ["corsadmin.W001", "corsadmin.E002"], id="both"),
        pytest.param(["tests.test_checks.OwnMiddleware"], [], id="a subclass"),
        pytest.param([CORS, "tests.test_checks.OwnMiddleware"], ["corsadmin.E002"], id="two kinds"),
        pytest.param([CORS, "no.such.Middleware"], [], id="one that cannot be imported"),
        pytest.param([CORS, "tests.test_checks.not_two"], [], id="a function"),
        pytest.param(
            [CORS, "corsheaders.middleware.CorsMiddleware"],
            ["corsadmin.E003"],
            id="django-cors-headers too",
        ),
    ],
)
def test_middleware(middleware: list[str], expected: list[str]) -> None:
    with override_settings(MIDDLEWARE=middleware):
        assert ids(installation.check_middleware()) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, [], id="all there"),
        pytest.param(
            {"INSTALLED_APPS": ["corsadmin", "django.contrib.auth", "django.contrib.contenttypes"]},
            ["corsadmin.E004"],
            id="no simple_history",
        ),
        pytest.param(
            {"INSTALLED_APPS": [*django_settings.INSTALLED_APPS, "corsheaders"]},
            ["corsadmin.W002"],
            id="corsheaders left",
        ),
        pytest.param({"MIDDLEWARE": [CORS]}, ["corsadmin.W003"], id="history without a user"),
    ],
)
def test_apps(change: dict[str, object], expected: list[str]) -> None:
    with override_settings(**change):
        assert ids(installation.check_apps()) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(None, [], id="not set"),
        pytest.param({}, [], id="empty"),
        pytest.param([("REFRESH_SECONDS", 1)], ["E010"], id="a list"),
        pytest.param("auto", ["E010"], id="a text"),
        pytest.param(5, ["E010"], id="a number"),
        pytest.param({"REFRESH": 1}, ["E011"], id="unknown key"),
        pytest.param({"refresh_seconds": 1}, ["E011"], id="a key in lower case"),
        pytest.param({1: 1}, ["E011"], id="a key that is no text"),
        pytest.param({"TENANT_RESOLVER": "corsadmin.tenants.single"}, [], id="shipped resolver"),
        pytest.param({"TENANT_RESOLVER": "tests.test_checks.plain_object"}, [], id="an object"),
        pytest.param({"TENANT_RESOLVER": "no.such.module"}, ["E012"], id="no such module"),
        pytest.param({"TENANT_RESOLVER": "corsadmin.tenants.nobody"}, ["E012"], id="no such name"),
        pytest.param({"TENANT_RESOLVER": ""}, ["E012"], id="resolver is blank"),
        pytest.param({"TENANT_RESOLVER": not_two}, ["E012"], id="resolver is no text"),
        pytest.param({"TENANT_RESOLVER": "corsadmin.engine.PLATFORM"}, ["E013"], id="a constant"),
        pytest.param({"TENANT_RESOLVER": "tests.test_checks.not_two"}, ["E013"], id="one argument"),
        pytest.param({"TENANT_RESOLVER": "tests.test_checks.asynchronous"}, ["E014"], id="async"),
        pytest.param(
            {"TENANT_RESOLVER": "tests.test_checks.asynchronous_object"},
            ["E014"],
            id="async object",
        ),
        pytest.param(
            {"TENANT_RESOLVER": "corsadmin.tenants.by_subdomain"}, ["E015"], id="no base domain"
        ),
        pytest.param(
            {
                "TENANT_RESOLVER": "corsadmin.tenants.by_subdomain",
                "TENANT_BASE_DOMAIN": "api.example.com",
            },
            [],
            id="base domain",
        ),
        pytest.param({"TENANT_BASE_DOMAIN": "API.example.com"}, ["E015"], id="upper-case domain"),
        pytest.param({"TENANT_BASE_DOMAIN": None}, ["E015"], id="base domain is None"),
        pytest.param({"TENANT_PATH_PREFIX": "/t/"}, [], id="path prefix"),
        pytest.param({"TENANT_PATH_PREFIX": "/t"}, ["E016"], id="prefix without last slash"),
        pytest.param({"TENANT_PATH_PREFIX": "t/"}, ["E016"], id="prefix without first slash"),
        pytest.param({"TENANT_PATH_PREFIX": ""}, ["E016"], id="prefix is blank"),
        pytest.param({"TENANT_PATH_PREFIX": "/a//b/"}, ["E016"], id="prefix with two slashes"),
        pytest.param({"TENANT_PATH_PREFIX": "/*/"}, ["E016"], id="prefix with a wildcard"),
        pytest.param({"TENANT_PATH_PREFIX": 5}, ["E016"], id="prefix is a number"),
        pytest.param({"TENANT_HEADER": "X-Customer"}, [], id="header"),
        pytest.param({"TENANT_HEADER": "X Tenant"}, ["E017"], id="header is no token"),
        pytest.param({"TENANT_HEADER": "X_Tenant"}, ["E017"], id="header with an underscore"),
        pytest.param({"TENANT_HEADER": "Cookie"}, ["E017"], id="a header preflights lack"),
        pytest.param({"TENANT_HEADER": b"X-Tenant"}, ["E017"], id="header is bytes"),
        pytest.param({"REFRESH_SECONDS": 0}, [], id="no thread"),
        pytest.param({"REFRESH_SECONDS": -1}, ["E018"], id="refresh is negative"),
        pytest.param({"REFRESH_SECONDS": "1"}, ["E018"], id="refresh is a text"),
        pytest.param({"REFRESH_SECONDS": True}, ["E018"], id="refresh is a truth value"),
        pytest.param({"REFRESH_SECONDS": float("nan")}, ["E018"], id="refresh is no number"),
        pytest.param({"REFRESH_SECONDS": None}, ["E018"], id="refresh is None"),
        pytest.param({"MAX_STALE_SECONDS": None}, [], id="stale for ever"),
        pytest.param({"MAX_STALE_SECONDS": 2}, [], id="stale for twice the refresh"),
        pytest.param({"MAX_STALE_SECONDS": 1.9}, ["E019"], id="stale for less than that"),
        pytest.param({"MAX_STALE_SECONDS": 0}, ["E019"], id="stale is 0"),
        pytest.param({"MAX_STALE_SECONDS": "60"}, ["E019"], id="stale is a text"),
        pytest.param(
            {"REFRESH_SECONDS": "1", "MAX_STALE_SECONDS": 1}, ["E018"], id="only one is known"
        ),
        pytest.param({"PUSH": "off"}, [], id="no push"),
        pytest.param({"PUSH": "redis://cache:6379/0"}, [], id="push by Redis"),
        pytest.param({"PUSH": "valkeys://cache:6379"}, [], id="push by Valkey"),
        pytest.param({"PUSH": "postgres"}, ["E020"], id="unknown push"),
        pytest.param({"PUSH": None}, ["E020"], id="push is None"),
        pytest.param({"DATABASE": "default"}, [], id="database"),
        pytest.param({"DATABASE": "policies"}, ["E022"], id="no such database"),
        pytest.param({"DATABASE": None}, ["E022"], id="database is None"),
    ],
)
def test_settings(given: object, expected: list[str]) -> None:
    with override_settings(CORSADMIN=given):
        assert ids(options.check_settings()) == [f"corsadmin.{number}" for number in expected]


@pytest.mark.parametrize("given", [None, [], "auto", 5, [("PUSH", "off")]])
def test_a_setting_that_is_no_dict_means_the_defaults(given: object) -> None:
    with override_settings(CORSADMIN=given):
        assert config() == Config()
        assert setting("PUSH") == "auto"


def test_an_unknown_key_gets_the_key_that_was_meant() -> None:
    with override_settings(CORSADMIN={"REFRESH_SECOND": 1, "QQ": 1}):
        first, second = options.check_settings()

    assert first.hint == "Did you mean 'REFRESH_SECONDS'?"
    assert str(second.hint).startswith("The keys are DATABASE, MAX_STALE_SECONDS, ")


def test_a_wrong_host_gets_the_host_that_was_meant() -> None:
    with override_settings(CORSADMIN={"TENANT_BASE_DOMAIN": "https://api.example.com/"}):
        (found,) = options.check_settings()

    assert str(found.hint).endswith("Write api.example.com.")


def test_redis_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "find_spec", lambda _name: None)
    with override_settings(CORSADMIN={"PUSH": "redis://cache:6379/0"}):
        assert ids(options.check_settings()) == ["corsadmin.E021"]


def test_a_password_in_push_is_not_shown() -> None:
    with override_settings(CORSADMIN={"PUSH": "amqp://user:hunter2@queue"}):
        assert "hunter2" not in texts(options.check_settings())


def test_a_broken_module_of_the_site_is_only_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_site_module.py").write_text("1 / 0", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    with override_settings(CORSADMIN={"TENANT_RESOLVER": "broken_site_module.resolve"}):
        assert ids(options.check_settings()) == ["corsadmin.E012"]


def test_by_header_is_a_warning_on_deployment_only() -> None:
    with override_settings(CORSADMIN={"TENANT_RESOLVER": "corsadmin.tenants.by_header"}):
        plain = ids(run_checks())
        deployed = ids(run_checks(include_deployment_checks=True))

    assert "corsadmin.W004" not in plain
    assert "corsadmin.W004" in deployed


def test_other_resolvers_are_no_warning_on_deployment() -> None:
    assert options.check_trusted_header() == []


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
    assert "its tables are missing" in found[0].msg


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
    assert "cannot be asked" in found[0].msg


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param([], [], id="no rule"),
        pytest.param([{"path": "/api/", "any_origin": True}], [], id="beside the admin"),
        pytest.param([{"path": "/", "any_origin": True}], ["/"], id="the whole site"),
        pytest.param([{"path": "/", "any_origin": False}], [], id="listed origins only"),
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
    assert [message.msg.split()[3] for message in found] == expected


@pytest.mark.django_db
def test_a_site_without_admin_pages_cannot_open_them() -> None:
    PathRuleFactory(tenant=TenantFactory(slug="platform"), path="/", any_origin=True)

    with override_settings(ROOT_URLCONF="tests.test_checks"):
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
@pytest.mark.parametrize(
    "command",
    [
        pytest.param("check --deploy", id="check"),
        pytest.param("check --database default", id="check of the database"),
        pytest.param("makemigrations --check --dry-run", id="makemigrations"),
        pytest.param("collectstatic --dry-run --no-input -v0", id="collectstatic"),
        pytest.param("migrate -v0", id="migrate"),
        pytest.param("test tests.no_tests_here", id="test"),
    ],
)
def test_a_command_works_without_tables(command: str, tmp_path: Path) -> None:
    """In a new process: Django warns of queries while apps are loaded, and warnings are errors."""
    (tmp_path / "no_tests_here.py").write_text("", encoding="utf-8")
    line = command.replace("tests.no_tests_here", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *line.split()],
        cwd=django_settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr


def test_every_id_is_used_once() -> None:
    folder = Path(installation.__file__).parent
    source = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    used = Counter(re.findall(r"corsadmin\.[EW]\d{3}", source))

    assert len(used) > 20
    assert [number for number, count in used.items() if count > 1] == []
