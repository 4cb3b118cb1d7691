"""What the loader makes of the tables: every kind of row, in one state of the database."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction

from corsadmin.engine import Reason, Snapshot
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.serving import loader
from corsadmin.serving.loader import sql
from tests.factories import PathRuleFactory, TenantHostFactory, make_site
from tests.serving.databases import Database
from tests.serving.snapshots import allowed, contents, decision, execute

APP = "https://app.example.com"


def test_empty_tables_are_a_snapshot_without_policies(database: Database) -> None:
    Tenant.objects.all().delete()

    snapshot = loader.load("default")

    assert len(snapshot.index) == 0
    assert snapshot.platform is None


def test_nothing_changed_gives_the_known_snapshot_with_one_query(
    database: Database, django_assert_num_queries: Any
) -> None:
    make_site(origins=[APP])
    known = loader.load("default")

    with django_assert_num_queries(1):
        assert loader.load("default", known) is known


@pytest.mark.parametrize("vendor", ["as it is", "one that cannot join text"])
def test_every_kind_of_row_arrives(
    database: Database, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_with_every_kind()
    joined = contents(loader.load("default"))
    if vendor != "as it is":
        monkeypatch.setattr(connections["default"], "vendor", "other")

    snapshot = loader.load("default")

    assert contents(snapshot) == joined
    assert allowed(snapshot, "https://a.example")
    assert allowed(snapshot, "https://x.wild.example")
    assert allowed(snapshot, "http://localhost:3000")
    assert allowed(snapshot, "http://plain.example")
    assert allowed(snapshot, "https://scoped.example", path="/api/scoped/x")
    assert decision(snapshot, "https://scoped.example").reason is Reason.ORIGIN_OUT_OF_SCOPE
    assert decision(snapshot, "https://old.example").reason is Reason.ORIGIN_EXPIRED
    assert not allowed(snapshot, "https://off.example")
    assert not allowed(snapshot, APP, tenant="idle")
    assert decision(snapshot, APP, path="/off/").reason is Reason.NO_RULE
    assert allowed(snapshot, "https://a.example", tenant="second")


def fill_with_every_kind() -> None:
    acme = make_site(
        origins=[
            "https://a.example",
            {"pattern": "https://b.example", "credentials": True},
            "https://*.wild.example",
            {"pattern": "https://scoped.example", "scope": "/api/scoped/"},
            {"pattern": "https://old.example", "valid_until": "1960-01-01T00:00:00Z"},
            {"pattern": "https://off.example", "enabled": False},
            {"pattern": "http://localhost:3000", "credentials": True},
            {"pattern": "http://localhost", "credentials": True},
            {"pattern": "http://127.0.0.1:*", "credentials": True},
            {"pattern": "http://plain.example"},
            {"pattern": "http://risky.example", "credentials": True, "risk_accepted": True},
        ],
        paths=[{"credentials": True, "max_age": 5}, {"path": "/off/", "enabled": False}],
    )
    TenantHostFactory(tenant=acme, host="second.example.net")
    make_site("idle", origins=[APP], is_active=False)
    make_site("bare", paths=[], inherits_platform=False)
    PathRuleFactory(tenant=Tenant.objects.platform(), path="/health", any_origin=True)


def test_moments_are_the_same_everywhere(database: Database) -> None:
    make_site(origins=[{"pattern": APP, "valid_from": "2026-03-29T02:30:00.250000+02:00"}])

    (policy,) = filter(None, [loader.load("default").policy("acme")])

    assert [allowance.valid_from for allowance in policy.allowances[APP]] == [1774744200.25]


def test_without_time_zones_moments_are_local(sqlite: Database, settings: Any) -> None:
    settings.USE_TZ = False
    acme = make_site()
    Origin.objects.bulk_create([Origin(tenant=acme, pattern=APP)])
    execute("UPDATE corsadmin_origin SET valid_from = '1970-01-01 00:00:10'")

    (policy,) = filter(None, [loader.load("default").policy("acme")])

    assert [allowance.valid_from for allowance in policy.allowances[APP]] == [10.0]


def test_a_change_in_the_middle_of_a_load_is_seen_whole_or_not_at_all(
    database: Database,
    in_a_thread: Callable[[Callable[[], object]], object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sql, "MAX_ROW_TENANTS", dict.fromkeys(sql.MAX_ROW_TENANTS, 2))
    slugs = ("acme", "rival")
    for slug in slugs:
        make_site(slug, origins=["https://a.example"], paths=[{"path": "/one/"}])
    done: list[bool] = []

    def change_all() -> None:
        with transaction.atomic():
            Origin.objects.update(pattern="https://b.example")
            PathRule.objects.update(path="/two/")

    def interrupt(execute: Any, sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        done.extend([True] * ("corsadmin_origin" in sql))
        if len(done) == 1:  # the platform and one of the two are read
            in_a_thread(change_all)
        return answer

    with connection.execute_wrapper(interrupt):
        torn = loader.load("default")
    after = loader.load("default", torn)

    assert len(done) == {"sqlite": 2, "postgresql": 1}[database.vendor]
    for slug in slugs:
        assert allowed(torn, "https://a.example", slug, "/one/")
        assert not allowed(torn, "https://b.example", slug, "/one/")
        assert allowed(after, "https://b.example", slug, "/two/")


def test_a_load_does_not_queue_behind_a_writer(
    sqlite: Database, in_a_thread: Callable[[Callable[[], object]], object]
) -> None:
    make_site(origins=[APP])
    with transaction.atomic():  # transaction_mode is IMMEDIATE: the write lock is taken
        Origin.objects.all().delete()

        found = in_a_thread(lambda: loader.load("default"))

    assert isinstance(found, Snapshot)
    assert allowed(found, APP)


def test_inside_a_transaction_its_own_changes_are_seen(database: Database) -> None:
    known = loader.load("default")
    with transaction.atomic():
        make_site(origins=[APP])

        inside = loader.load("default", known)

        transaction.set_rollback(True)

    assert allowed(inside, APP)
    assert not allowed(loader.load("default", known), APP)


def test_inside_a_transaction_that_changed_nothing_the_known_snapshot_is_kept(
    database: Database,
) -> None:
    known = loader.load("default")

    with transaction.atomic():
        assert loader.load("default", known) is known


def test_mysql_is_told_of_the_isolation_before_the_transaction_begins(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_with_every_kind()
    expected = contents(loader.load("default"))
    told: list[bool] = []

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        if not sql.startswith("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"):
            return execute(sql, *rest)
        return told.append(connection.in_atomic_block)

    monkeypatch.setattr(connections["default"], "vendor", "mysql")

    with connection.execute_wrapper(watch):
        found = loader.load("default")

    assert contents(found) == expected
    assert told == [False]


def test_a_database_that_is_neither_is_read_in_a_plain_transaction(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_with_every_kind()
    expected = contents(loader.load("default"))
    monkeypatch.setattr(connections["default"], "vendor", "other")

    assert contents(loader.load("default")) == expected
