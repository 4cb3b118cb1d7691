"""Rows that are wrong deny, and keep nothing else from being read (R28)."""

from typing import Any

import pytest
from django.db import connection

from corsadmin.engine import Reason
from corsadmin.models import Origin, Tenant
from corsadmin.serving import loader
from tests.factories import PathRuleFactory, make_site
from tests.serving.databases import Database
from tests.serving.snapshots import allowed, decision, execute

APP = "https://app.example.com"
GOOD = "https://good.example"


def spoil(tenant: Tenant, table: str, column: str, value: Any) -> None:
    """Write what no form would let through, as raw SQL does."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass",
                [table],
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE tenant_id = %s", [value, tenant.pk])
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


def assert_it_denies_and_the_others_load(pattern: str, never: str) -> None:
    bad = make_site(origins=["https://a.example"])
    make_site("rival", origins=[GOOD, "https://more.example"])
    spoil(bad, "corsadmin_origin", "pattern", pattern)

    snapshot = loader.load("default")

    assert not allowed(snapshot, never)
    assert not allowed(snapshot, pattern)
    assert allowed(snapshot, GOOD, tenant="rival")


@pytest.mark.parametrize(
    ("pattern", "never"),
    [
        pytest.param("https://a.example\nhttps://evil.example", "https://evil.example", id="V07 LF"),
        pytest.param("https://a.example\x1ehttps://evil.example", "https://evil.example", id="RS"),
        pytest.param("https://*.a.example\t1\t\t\t\nhttps://*.evil.example\t1\t\t\t", "https://x.evil.example", id="lines of a grant"),
    ],
)  # fmt: skip
def test_r28_an_origin_with_a_separator_denies_and_the_others_load(
    database: Database, pattern: str, never: str
) -> None:
    """Each database joins what it stores in its own way."""
    assert_it_denies_and_the_others_load(pattern, never)


@pytest.mark.parametrize(
    ("pattern", "never"),
    [
        pytest.param("https://*", "https://evil.example", id="V40 star host"),
        pytest.param("*", "https://evil.example", id="V40 star"),
        pytest.param("null", "null", id="null"),
        pytest.param("", "", id="blank"),
        pytest.param("https://x-*-*.evil.example", "https://x-1-2.evil.example", id="two stars inside a label"),
        pytest.param("https://-*.evil.example", "https://-x.evil.example", id="star beside a mark"),
        pytest.param("app://*:80", "app://evil:80", id="an application with any host and a port"),
        pytest.param("app://x/y", "app://x/y", id="an application with a path"),
        pytest.param("https://EVIL.example", "https://evil.example", id="upper case"),
        pytest.param("https://evil.example:443", "https://evil.example:443", id="default port"),
        pytest.param("https://evil.example/", "https://evil.example", id="trailing slash"),
        pytest.param("ws://evil.example", "ws://evil.example", id="a scheme no page has"),
        pytest.param("https://xn--a.example", "https://xn--a.example", id="broken punycode"),
    ],
)  # fmt: skip
def test_r28_an_origin_that_is_none_denies_and_the_others_load(
    sqlite: Database, pattern: str, never: str
) -> None:
    """The gate refuses it, whatever the database is."""
    assert_it_denies_and_the_others_load(pattern, never)


def test_r28_the_neighbours_of_a_torn_row_stay_whole(database: Database) -> None:
    acme = make_site(
        origins=[GOOD, "https://z.example", {"pattern": "https://c.example", "credentials": True}],
        paths=[{"credentials": True}],
    )
    Origin.objects.bulk_create([Origin(tenant=acme, pattern="https://a\x1eb://x")])

    snapshot = loader.load("default")

    assert allowed(snapshot, GOOD)
    assert allowed(snapshot, "https://z.example")
    assert ("access-control-allow-credentials", "true") in [
        (name.lower(), value) for name, value in decision(snapshot, "https://c.example").headers
    ]


def test_r28_a_host_with_a_separator_takes_no_other_host(database: Database) -> None:
    acme = make_site(origins=[APP])
    make_site("rival", origins=[GOOD])
    spoil(acme, "corsadmin_tenanthost", "host", "x.example\nrival.example.net")

    snapshot = loader.load("default")

    assert allowed(snapshot, GOOD, tenant="rival")
    assert snapshot.policy_of_host("x.example") is None


@pytest.mark.parametrize(
    ("fields", "origin"),
    [
        pytest.param({"pattern": "http://far.example"}, "http://far.example", id="plain http"),
        pytest.param(
            {"pattern": "http://localhost.evil.example:80"},
            "http://localhost.evil.example:80",
            id="not localhost",
        ),
        pytest.param({"pattern": "https://*.github.io"}, "https://x.github.io", id="suffix"),
    ],
)
def test_r28_a_danger_nobody_accepted_denies(
    sqlite: Database, fields: dict[str, Any], origin: str
) -> None:
    acme = make_site(paths=[{"credentials": True}])
    Origin.objects.bulk_create([Origin(tenant=acme, credentials=True, **fields)])

    assert not allowed(loader.load("default"), origin)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        pytest.param("methods", '"GET"', id="methods are a text"),
        pytest.param("methods", "5", id="methods are a number"),
        pytest.param("methods", "[1]", id="a method is a number"),
        pytest.param("request_headers", '{"a": 1}', id="headers are an object"),
        pytest.param("exposed_headers", "null", id="headers are null"),
        pytest.param("methods", '["G ET"]', id="a method is no token"),
        pytest.param("methods", "[" * 5000 + "]" * 5000, id="methods are lists within lists"),
        pytest.param("max_age", 90_000, id="max age out of range"),
    ],
)
def test_r28_a_rule_that_is_none_denies_on_its_path(
    database: Database, column: str, value: object
) -> None:
    bad = make_site(origins=[APP], paths=[{"path": "/api/"}])
    PathRuleFactory(tenant=Tenant.objects.platform(), path="/", any_origin=True)
    make_site("rival", origins=[APP])
    spoil(bad, "corsadmin_pathrule", column, value)

    snapshot = loader.load("default")

    assert decision(snapshot, APP).reason is Reason.POLICY_INVALID
    assert allowed(snapshot, APP, path="/")
    assert allowed(snapshot, APP, tenant="rival")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        pytest.param("methods", b"\xff\xfe", id="bytes"),
        pytest.param("max_age", "soon", id="text in a number"),
        pytest.param("max_age", float("inf"), id="a number that JSON has not"),
        pytest.param("refuse_unlisted", None, id="nothing in a boolean"),
        pytest.param("exclusive", "no", id="text in exclusive"),
    ],
)
def test_r28_sqlite_keeps_any_value_in_any_column(
    sqlite: Database, column: str, value: object
) -> None:
    bad = make_site(origins=[APP])
    make_site("rival", origins=[APP])
    if value is None:
        execute("PRAGMA writable_schema = ON")
        execute(
            "UPDATE sqlite_master SET sql = replace(sql, '\"refuse_unlisted\" bool NOT NULL',"
            " '\"refuse_unlisted\" bool NULL') WHERE name = 'corsadmin_pathrule'"
        )
        connection.close()
    spoil(bad, "corsadmin_pathrule", column, value)

    snapshot = loader.load("default")

    assert decision(snapshot, APP).reason is Reason.POLICY_INVALID
    assert allowed(snapshot, APP, tenant="rival")


@pytest.mark.parametrize("column", ["pattern", "scope"])
def test_r28_sqlite_bytes_for_a_text_deny(sqlite: Database, column: str) -> None:
    bad = make_site(origins=[{"pattern": "https://*.example.org", "scope": "/api/"}])
    make_site("rival", origins=[GOOD])
    spoil(bad, "corsadmin_origin", column, b"https://*.example.org")

    snapshot = loader.load("default")

    assert not allowed(snapshot, "https://a.example.org")
    assert allowed(snapshot, GOOD, tenant="rival")


@pytest.mark.parametrize("column", ["valid_from", "valid_until"])
@pytest.mark.parametrize("value", ["yesterday", "2026-13-01 00:00:00", "9999-99-99", 5, b"\xff"])
def test_r28_sqlite_a_window_that_is_none_denies(
    sqlite: Database, column: str, value: object
) -> None:
    bad = make_site(origins=[APP])
    make_site("rival", origins=[GOOD])
    spoil(bad, "corsadmin_origin", column, value)

    snapshot = loader.load("default")

    assert not allowed(snapshot, APP)
    assert allowed(snapshot, GOOD, tenant="rival")


def test_r28_sqlite_text_that_is_none_keeps_nothing_from_being_read(sqlite: Database) -> None:
    make_site(origins=[APP])
    make_site("rival", origins=[GOOD])
    execute(
        "UPDATE corsadmin_origin SET pattern = CAST(x'ff3a2f2f' AS TEXT) WHERE pattern = %s", APP
    )

    snapshot = loader.load("default")

    assert allowed(snapshot, GOOD, tenant="rival")
    assert connection.connection.text_factory is str


@pytest.mark.slow
@pytest.mark.parametrize(
    ("valid_from", "valid_until", "expected"),
    [
        pytest.param("-infinity", "infinity", True, id="always"),
        pytest.param(None, "-infinity", False, id="never again"),
        pytest.param("infinity", None, False, id="not ever"),
        pytest.param("4000-01-01 BC", "20000-01-01", True, id="years Python has not got"),
    ],
)
def test_r28_postgresql_has_moments_that_python_has_not(
    postgresql: Database, valid_from: str | None, valid_until: str | None, expected: bool
) -> None:
    acme = make_site(origins=[APP])
    spoil(acme, "corsadmin_origin", "valid_until", valid_until)
    spoil(acme, "corsadmin_origin", "valid_from", valid_from)

    assert allowed(loader.load("default"), APP) is expected
