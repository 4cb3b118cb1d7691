"""PostgreSQL is asked for a change once, and the answer is what many questions would tell."""

from collections.abc import Callable
from typing import Any

import pytest

import corsadmin
from corsadmin.engine import Snapshot
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.serving import loader
from tests.factories import OriginFactory, make_site
from tests.serving.databases import Database
from tests.serving.snapshots import allowed, contents, execute
from tests.serving.test_loader import fill_with_every_kind

APP = "https://app.example.com"
NEW = "https://new.example.com"


@pytest.fixture
def known(postgresql: Database) -> Snapshot:
    """What a process knows before a hint."""
    make_site("rival")
    make_site(origins=[APP])
    return loader.load("default")


def bulk(count: int) -> None:
    Tenant.objects.bulk_create([Tenant(slug=f"t{number}") for number in range(count)])


def acme() -> Tenant:
    return Tenant.objects.get(slug="acme")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "queries"),
    [
        pytest.param(lambda: None, 1, id="nothing"),
        pytest.param(lambda: OriginFactory(tenant=acme(), pattern=NEW), 1, id="a new origin"),
        pytest.param(lambda: Origin.objects.all().delete(), 1, id="origins deleted"),
        pytest.param(lambda: PathRule.objects.update(path="/other/"), 1, id="rules changed"),
        pytest.param(lambda: acme().hosts.update(host="a.example"), 1, id="a host moved"),
        pytest.param(lambda: Tenant.objects.update(is_active=False), 1, id="deactivated"),
        pytest.param(lambda: acme().delete(), 1, id="a tenant deleted"),
        pytest.param(fill_with_every_kind, 1, id="every kind of row"),
        pytest.param(corsadmin.announce, 2, id="everything must be read"),
    ],
)
def test_one_statement_tells_what_many_would(
    known: Snapshot,
    change: Callable[[], object],
    queries: int,
    django_assert_num_queries: Any,
) -> None:
    if change is fill_with_every_kind:
        Tenant.objects.all().delete()
        known = loader.load("default")
    change()

    with django_assert_num_queries(queries):
        hinted = loader.load("default", known, hinted=True)

    assert contents(hinted) == contents(loader.load("default"))
    assert (hinted is known) == (queries == 1 and hinted.generation == known.generation)


@pytest.mark.slow
@pytest.mark.parametrize("key", [-5, 0])
def test_a_tenant_with_a_key_that_somebody_chose(known: Snapshot, key: int) -> None:
    tenant = make_site("own", pk=key, origins=[APP])
    known = loader.load("default", known, hinted=True)
    assert allowed(known, APP, "own")

    tenant.origins.all().delete()

    assert not allowed(loader.load("default", known, hinted=True), APP, "own")


def too_many_in_all() -> None:
    bulk(2_001)
    corsadmin.announce()


def a_stored_text_that_holds_a_separator() -> None:
    execute("ALTER TABLE corsadmin_origin DROP CONSTRAINT corsadmin_pattern_is_an_origin")
    execute("UPDATE corsadmin_origin SET pattern = 'https://a.example' || chr(10)")
    acme().save()


def a_database_that_was_restored() -> None:
    execute("UPDATE corsadmin_move SET mark = 0")
    execute("UPDATE corsadmin_tenanthost SET host = 'restored.example' WHERE host LIKE 'rival%%'")
    acme().save()


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda: bulk(2_001), id="too many tenants for one row"),
        too_many_in_all,
        a_stored_text_that_holds_a_separator,
        pytest.param(lambda: execute("DELETE FROM corsadmin_generation"), id="no counter"),
        a_database_that_was_restored,
    ],
)
def test_whatever_one_statement_cannot_tell_is_asked_the_long_way(
    known: Snapshot, change: Callable[[], object]
) -> None:
    change()

    hinted = loader.load("default", known, hinted=True)

    assert contents(hinted) == contents(loader.load("default"))


@pytest.mark.slow
def test_without_a_hint_the_counter_is_read_first(
    known: Snapshot, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert loader.load("default", known) is known
    OriginFactory(tenant=acme(), pattern=NEW)

    with django_assert_num_queries(2):
        assert allowed(loader.load("default", known), NEW)


def test_other_databases_are_asked_the_long_way(sqlite: Database) -> None:
    tenant = make_site(origins=[APP])
    known = loader.load("default")
    OriginFactory(tenant=tenant, pattern=NEW)

    assert allowed(loader.load("default", known, hinted=True), NEW)
