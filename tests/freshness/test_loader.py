"""What the loader makes of the tables: all of it, only what changed, and whatever is wrong in it."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction

from corsadmin import generation, loader
from corsadmin.engine import CorsRequest, Packed, Reason, Snapshot, decide, shards
from corsadmin.loader import database as reading
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from tests.factories import OriginFactory, PathRuleFactory, TenantHostFactory, make_site
from tests.freshness.databases import Database

APP = "https://app.example.com"
SITE = "https://acme.example.net"


def allowed(snapshot: Snapshot, origin: str, tenant: str = "acme", path: str = "/api/x") -> bool:
    found: bool = decision(snapshot, origin, tenant, path).allowed
    return found


def decision(snapshot: Snapshot, origin: str, tenant: str = "acme", path: str = "/api/x") -> Any:
    asked = CorsRequest(path, "GET", origin, None, None, SITE, 0.0)
    return decide(snapshot.policy_of_host(f"{tenant}.example.net"), asked)


def contents(snapshot: Snapshot) -> tuple[Any, ...]:
    """Everything a snapshot holds, comparable."""
    index = snapshot.index
    slugs = {packed[0]: index.key_of_slug(packed[0]) for packed in index}
    return (
        dict(shards.items(index.records)),
        dict(shards.items(index.hosts)),
        slugs,
        index.platform,
        snapshot.generation,
        snapshot.rebuild,
    )


def packed(snapshot: Snapshot, tenant: Tenant) -> Packed:
    return snapshot.index[tenant.pk]


def execute(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


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
        monkeypatch.setattr(reading.Reader, "vendor", "other", raising=False)
        monkeypatch.setattr(reading.Reader, "__init__", other_reader(reading.Reader.__init__))

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
    assert snapshot.policy_of_host("second.example.net") is snapshot.policy_of_host(
        "acme.example.net"
    )


def other_reader(real: Callable[..., None]) -> Callable[..., None]:
    def init(self: reading.Reader, *arguments: Any) -> None:
        real(self, *arguments)
        self.vendor = "other"

    return init


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


# A random history -------------------------------------------------------------------------------


class Edits:
    """Random edits of every kind, through every way to write."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.number = 0

    def text(self) -> str:
        self.number += 1
        return f"n{self.number}"

    def one(self, rows: Any) -> Any:
        found = list(rows.order_by("pk"))
        return self.random.choice(found) if found else None

    def tenant(self) -> Any:
        return self.one(Tenant.objects.all())

    def create_tenant(self) -> None:
        make_site(self.text(), origins=[f"https://{self.text()}.example"])

    def save_tenant(self) -> None:
        row = self.tenant()
        row.is_active = row.slug == "platform" or self.random.random() < 0.6
        row.inherits_platform = self.random.random() < 0.5
        if row.slug != "platform":
            row.slug = self.text()
        row.save()

    def update_tenants(self) -> None:
        Tenant.objects.filter(pk=self.tenant().pk).update(name=self.text())

    def delete_tenant(self) -> None:
        row = self.tenant()
        if row.slug != "platform":
            row.delete()

    def delete_tenants(self) -> None:
        Tenant.objects.filter(pk=self.tenant().pk).exclude(slug="platform").delete()

    def create_origin(self) -> None:
        OriginFactory(tenant=self.tenant(), pattern=f"https://*.{self.text()}.example")

    def move_origin(self) -> None:
        if row := self.one(Origin.objects.all()):  # pragma: no branch (chance)
            row.tenant = self.tenant()
            row.save()

    def move_hosts(self) -> None:
        if row := self.one(TenantHost.objects.all()):  # pragma: no branch (chance)
            TenantHost.objects.filter(pk=row.pk).update(tenant=self.tenant())

    def rename_host(self) -> None:
        if row := self.one(TenantHost.objects.all()):  # pragma: no branch (chance)
            row.host = f"{self.text()}.example.net"
            row.save()

    def bulk_create(self) -> None:
        rows = [Origin(tenant=self.tenant(), pattern=f"https://{self.text()}.example")]
        Origin.objects.bulk_create(rows)

    def bulk_update(self) -> None:
        rows = list(Origin.objects.all()[:3])
        for row in rows:
            row.enabled = not row.enabled
        Origin.objects.bulk_update(rows, ["enabled"])

    def delete_origins(self) -> None:
        if row := self.one(Origin.objects.all()):  # pragma: no branch (chance)
            Origin.objects.filter(pattern=row.pattern).delete()

    def save_rule(self) -> None:
        PathRule.objects.update_or_create(
            tenant=self.tenant(), path="/api/", defaults={"max_age": self.random.randrange(100)}
        )

    def rolled_back(self) -> None:
        try:
            with transaction.atomic():
                self.create_tenant()
                raise InterruptedError
        except InterruptedError:
            pass

    def half_rolled_back(self) -> None:
        with transaction.atomic():
            self.create_origin()
            self.rolled_back()
            self.save_tenant()

    def several_at_once(self) -> None:
        with generation.change():
            self.create_origin()
            self.save_tenant()
            self.rename_host()

    def announce(self) -> None:
        generation.announce()

    def edit(self) -> str:
        names = [
            name
            for name, member in vars(Edits).items()
            if callable(member) and name not in {"__init__", "text", "one", "tenant", "edit"}
        ]
        name = self.random.choice(names)
        getattr(self, name)()
        return name


@pytest.mark.parametrize("seed", range(3))
def test_after_any_history_what_changed_adds_up_to_everything(
    database: Database, seed: int
) -> None:
    edits = Edits(seed)
    known = loader.load("default")
    for _ in range(60):
        done = [edits.edit() for _ in range(edits.random.choice([1, 1, 3]))]

        known = loader.load("default", known)

        assert contents(known) == contents(loader.load("default")), done


def test_only_stamped_tenants_are_read_again(database: Database) -> None:
    acme, rival = make_site(), make_site("rival", origins=[APP])
    before = loader.load("default")
    kept = before.policy("rival")
    OriginFactory(tenant=acme, pattern=APP)

    after = loader.load("default", before)

    assert allowed(after, APP)
    assert not allowed(before, APP)
    assert packed(after, rival) is packed(before, rival)
    assert after.policy("rival") is kept


def test_r08_a_counter_that_went_backwards_is_a_reason_to_read_everything(
    database: Database,
) -> None:
    acme = make_site(origins=[APP])
    OriginFactory(tenant=acme)
    known = loader.load("default")
    # A backup is restored: rows and counter are what they were some time ago.
    execute("DELETE FROM corsadmin_origin")
    execute("UPDATE corsadmin_generation SET value = 1")

    assert not allowed(loader.load("default", known), APP)


def test_r08_rebuild_is_a_reason_to_read_everything(database: Database) -> None:
    make_site(origins=[APP])
    known = loader.load("default")
    execute("DELETE FROM corsadmin_origin")  # nobody is told
    assert loader.load("default", known) is known

    generation.announce()

    assert not allowed(loader.load("default", known), APP)


def test_slugs_that_were_asked_for_are_ready_in_the_next_snapshot(database: Database) -> None:
    make_site(origins=[APP])
    known = loader.load("default")
    assert known.policy("acme") is not None
    generation.announce()

    after = loader.load("default", known)

    assert after.index._slugs is not None


# Rows that are wrong ----------------------------------------------------------------------------

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


@pytest.mark.parametrize(
    ("pattern", "never"),
    [
        pytest.param("https://a.example\nhttps://evil.example", "https://evil.example", id="V07 LF"),
        pytest.param("https://a.example\x1ehttps://evil.example", "https://evil.example", id="RS"),
        pytest.param("https://*.a.example\t1\t\t\t\nhttps://*.evil.example\t1\t\t\t", "https://x.evil.example", id="lines of a grant"),
        pytest.param("https://*", "https://evil.example", id="V40 star host"),
        pytest.param("*", "https://evil.example", id="V40 star"),
        pytest.param("null", "null", id="null"),
        pytest.param("", "", id="blank"),
        pytest.param("https://*evil.example", "https://xevil.example", id="star inside a label"),
        pytest.param("https://EVIL.example", "https://evil.example", id="upper case"),
        pytest.param("https://evil.example:443", "https://evil.example:443", id="default port"),
        pytest.param("https://evil.example/", "https://evil.example", id="trailing slash"),
        pytest.param("ws://evil.example", "ws://evil.example", id="a scheme no page has"),
        pytest.param("https://xn--a.example", "https://xn--a.example", id="broken punycode"),
    ],
)  # fmt: skip
def test_r28_an_origin_that_is_none_denies_and_the_others_load(
    database: Database, pattern: str, never: str
) -> None:
    bad = make_site(origins=["https://a.example"])
    make_site("rival", origins=[GOOD, "https://more.example"])
    spoil(bad, "corsadmin_origin", "pattern", pattern)

    snapshot = loader.load("default")

    assert not allowed(snapshot, never)
    assert not allowed(snapshot, pattern)
    assert allowed(snapshot, GOOD, tenant="rival")


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
    database: Database, fields: dict[str, Any], origin: str
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
        pytest.param("refuse_unlisted", None, id="nothing in a boolean"),
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
    make_site(origins=[APP])
    execute(
        "UPDATE corsadmin_origin SET valid_from = %s, valid_until = %s", valid_from, valid_until
    )

    assert allowed(loader.load("default"), APP) is expected


def test_moments_are_the_same_everywhere(database: Database) -> None:
    make_site(origins=[{"pattern": APP, "valid_from": "2026-03-29T02:30:00.250000+02:00"}])

    (policy,) = filter(None, [loader.load("default").policy("acme")])

    assert [grant.valid_from for grant in policy.grants[APP]] == [1774744200.25]


def test_without_time_zones_moments_are_local(sqlite: Database, settings: Any) -> None:
    settings.USE_TZ = False
    acme = make_site()
    Origin.objects.bulk_create([Origin(tenant=acme, pattern=APP)])
    execute("UPDATE corsadmin_origin SET valid_from = '1970-01-01 00:00:10'")

    (policy,) = filter(None, [loader.load("default").policy("acme")])

    assert [grant.valid_from for grant in policy.grants[APP]] == [10.0]


# One state --------------------------------------------------------------------------------------


def test_a_change_in_the_middle_of_a_load_is_seen_whole_or_not_at_all(
    database: Database, in_a_thread: Callable[[Callable[[], object]], object]
) -> None:
    acme = make_site(origins=["https://a.example"], paths=[{"path": "/one/"}])
    done: list[bool] = []

    def change_all() -> None:
        with transaction.atomic():
            acme.origins.update(pattern="https://b.example")
            acme.paths.update(path="/two/")

    def interrupt(execute: Any, sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        if "corsadmin_pathrule" in sql and not done:
            done.append(True)
            in_a_thread(change_all)
        return answer

    with connection.execute_wrapper(interrupt):
        torn = loader.load("default")
    after = loader.load("default", torn)

    assert done
    assert allowed(torn, "https://a.example", path="/one/")
    assert not allowed(torn, "https://b.example", path="/one/")
    assert allowed(after, "https://b.example", path="/two/")


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


def test_a_database_that_is_neither_is_read_in_a_plain_transaction(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_with_every_kind()
    expected = contents(loader.load("default"))
    monkeypatch.setattr(connections["default"], "vendor", "other")

    assert contents(loader.load("default")) == expected
