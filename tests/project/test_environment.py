"""The demo's settings: what each variable of the environment becomes."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from project.environment import (
    CORSADMIN_READERS,
    read_corsadmin,
    read_database,
    read_proxy_header,
    read_seconds,
    read_secret_key,
)

PROXY_HEADER = "SECURE_PROXY_SSL_HEADER"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "DATABASE_URL",
        "SECRET_KEY",
        PROXY_HEADER,
        *(f"CORSADMIN_{key}" for key in CORSADMIN_READERS),
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param("TENANT_RESOLVER", "corsadmin.tenants.single", None, id="resolver"),
        pytest.param("TENANT_BASE_DOMAIN", "api.example.com", None, id="base domain"),
        pytest.param("TENANT_PATH_PREFIX", "/t/", None, id="path prefix"),
        pytest.param("TENANT_HEADER", "X-Tenant", None, id="header"),
        pytest.param("REFRESH_SECONDS", "0.25", 0.25, id="seconds may be fractions"),
        pytest.param("REFRESH_SECONDS", "0", 0, id="seconds may be none at all"),
        pytest.param("MAX_STALE_SECONDS", " 60 ", 60, id="spaces around a number"),
        pytest.param("MAX_STALE_SECONDS", "none", ..., id="none, for ever"),
        pytest.param("MAX_STALE_SECONDS", "None", ..., id="None, as Python writes it"),
        pytest.param("PUSH", "auto", None, id="push"),
        pytest.param("DATABASE", "policies", None, id="database"),
        pytest.param("PROBE_PRIVATE_ADDRESSES", "on", True, id="yes"),
        pytest.param("PROBE_PRIVATE_ADDRESSES", "0", False, id="no"),
    ],
)
def test_a_variable_becomes_a_key_of_corsadmin(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, expected: Any
) -> None:
    monkeypatch.setenv(f"CORSADMIN_{name}", text)

    wanted = {None: text, ...: None}.get(expected, expected)
    assert read_corsadmin() == {name: wanted}


def test_nothing_set_means_the_defaults_of_the_app() -> None:
    assert read_corsadmin() == {}


def test_variables_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORSADMIN_PORT", "tcp://10.0.0.1:80")

    assert read_corsadmin() == {}


def test_seconds_that_are_no_number_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORSADMIN_REFRESH_SECONDS", "often")

    with pytest.raises(ImproperlyConfigured, match='CORSADMIN_REFRESH_SECONDS is "often"'):
        read_seconds("CORSADMIN_REFRESH_SECONDS")


def test_the_database_is_sqlite_unless_named(tmp_path: Path) -> None:
    database = read_database(tmp_path / "a #1?.sqlite3")

    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"] == str(tmp_path / "a #1?.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]


def test_a_database_url_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://ada:secret@db.example:5433/cors")

    database = read_database(tmp_path / "unused")

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["NAME"], database["HOST"], database["PORT"]) == ("cors", "db.example", 5433)
    assert database["CONN_HEALTH_CHECKS"] is True


def test_sqlite_by_url_is_as_patient_as_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/other.sqlite3")

    database = read_database(tmp_path / "unused")

    assert database["NAME"] == f"{tmp_path}/other.sqlite3"
    assert database["OPTIONS"]["timeout"] == 20


def test_the_secret_key_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRET_KEY", "from outside")

    assert read_secret_key(tmp_path / "key") == "from outside"
    assert list(tmp_path.iterdir()) == []


def test_a_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = read_secret_key(tmp_path / "key")

    assert len(first) >= 50
    assert read_secret_key(tmp_path / "key") == first
    assert [file.name for file in tmp_path.iterdir()] == ["key"]
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_the_first_of_two_processes_chooses_the_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key_file = tmp_path / "key"
    key_file.write_text("the other process's")
    monkeypatch.setattr(Path, "exists", lambda _path: False)

    assert read_secret_key(key_file) == "the other process's"


def test_a_folder_that_cannot_be_written_asks_for_a_secret_key(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="Set SECRET_KEY"):
        read_secret_key(tmp_path / "missing" / "key")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", None, id="not set"),
        pytest.param(
            "X-Forwarded-Proto: https", ("HTTP_X_FORWARDED_PROTO", "https"), id="as it is sent"
        ),
        pytest.param("x-ssl:on", ("HTTP_X_SSL", "on"), id="without a space"),
    ],
)
def test_the_header_of_a_proxy_is_written_as_it_is_sent(
    monkeypatch: pytest.MonkeyPatch, text: str, expected: tuple[str, str] | None
) -> None:
    monkeypatch.setenv(PROXY_HEADER, text)

    assert read_proxy_header() == expected


@pytest.mark.parametrize("text", ["https", "X-Forwarded-Proto:", ": https"])
def test_half_a_header_of_a_proxy_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(PROXY_HEADER, text)

    with pytest.raises(ImproperlyConfigured, match=PROXY_HEADER):
        read_proxy_header()
