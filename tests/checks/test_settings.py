"""The setting CORSADMIN: exact ids, one case each, and what is written instead."""

from pathlib import Path

import pytest
from django.test import override_settings

from corsadmin.checks import options
from corsadmin.conf import KEYS, Config, setting, written_config
from tests.checks.messages import ids, run_checks, texts
from tests.checks.site import not_two
from tests.messages.screens import assert_says, filled


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
        pytest.param({"TENANT_RESOLVER": "tests.checks.site.plain_object"}, [], id="an object"),
        pytest.param({"TENANT_RESOLVER": "no.such.module"}, ["E012"], id="no such module"),
        pytest.param({"TENANT_RESOLVER": "corsadmin.tenants.nobody"}, ["E012"], id="no such name"),
        pytest.param({"TENANT_RESOLVER": ""}, ["E012"], id="resolver is blank"),
        pytest.param({"TENANT_RESOLVER": not_two}, ["E012"], id="resolver is no text"),
        pytest.param({"TENANT_RESOLVER": "corsadmin.engine.PLATFORM"}, ["E013"], id="a constant"),
        pytest.param({"TENANT_RESOLVER": "tests.checks.site.not_two"}, ["E013"], id="one argument"),
        pytest.param({"TENANT_RESOLVER": "tests.checks.site.asynchronous"}, ["E014"], id="async"),
        pytest.param(
            {"TENANT_RESOLVER": "tests.checks.site.asynchronous_object"},
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
        pytest.param({"PROBE_PRIVATE_ADDRESSES": True}, [], id="private addresses"),
        pytest.param({"PROBE_PRIVATE_ADDRESSES": 1}, ["E025"], id="private addresses, a number"),
        pytest.param({"PROBE_PRIVATE_ADDRESSES": "no"}, ["E025"], id="private addresses, a text"),
        pytest.param({"SIGHTINGS": False}, [], id="sightings"),
        pytest.param({"SIGHTINGS": 0}, ["E026"], id="sightings, a number"),
        pytest.param({"SIGHTINGS": "off"}, ["E026"], id="sightings, a text"),
    ],
)
def test_settings(given: object, expected: list[str]) -> None:
    with override_settings(CORSADMIN=given):
        assert ids(options.check_settings()) == [f"corsadmin.{number}" for number in expected]


@pytest.mark.parametrize("given", [None, [], "auto", 5, [("PUSH", "off")]])
def test_a_setting_that_is_no_dict_means_the_defaults(given: object) -> None:
    with override_settings(CORSADMIN=given):
        assert written_config() == Config()
        assert setting("PUSH") == "auto"


def test_an_unknown_key_gets_the_key_that_was_meant() -> None:
    with override_settings(CORSADMIN={"REFRESH_SECOND": 1, "QQ": 1}):
        first, second = options.check_settings()

    assert first.hint == filled("check-key-meant", key="'REFRESH_SECONDS'")
    assert second.hint == filled("check-keys", keys=", ".join(sorted(KEYS)))


def test_a_wrong_host_gets_the_host_that_was_meant() -> None:
    with override_settings(CORSADMIN={"TENANT_BASE_DOMAIN": "https://api.example.com/"}):
        (found,) = options.check_settings()

    assert_says(str(found.hint), "message-write", suggestion="api.example.com")


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


@pytest.mark.parametrize(
    ("given", "is_warned"),
    [
        pytest.param({"PROBE_PRIVATE_ADDRESSES": True}, True, id="set"),
        pytest.param({"PROBE_PRIVATE_ADDRESSES": False}, False, id="unset"),
        pytest.param({}, False, id="not named"),
    ],
)
def test_private_addresses_are_a_warning_on_deployment(given: object, is_warned: bool) -> None:
    with override_settings(CORSADMIN=given):
        plain, deployed = (
            ids(run_checks(include_deployment_checks=is_deployed)) for is_deployed in (False, True)
        )

    assert "corsadmin.W012" not in plain
    assert ("corsadmin.W012" in deployed) is is_warned
