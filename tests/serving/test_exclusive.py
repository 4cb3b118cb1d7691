"""Exclusive rules in the database: what the loader reads, what a migration and an older process do."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from corsadmin.engine import Reason
from corsadmin.models import PathRule
from corsadmin.serving import loader
from corsadmin.serving.loader import sql
from tests.factories import PathRuleFactory, make_site
from tests.serving.databases import Database
from tests.serving.snapshots import allowed, decision, execute

APP, OWN = "https://app.example.com", "https://own.example.com"
OWN_ORIGINS = [OWN, {"pattern": OWN, "scope": "/api/admin/"}]
ADMIN = {"path": "/api/admin/", "exclusive": True}


@pytest.mark.parametrize("in_parts", [False, True], ids=["joined", "row by row"])
def test_the_loader_reads_that_a_rule_is_exclusive(database: Database, in_parts: bool) -> None:
    make_site(origins=[APP, *OWN_ORIGINS], paths=[{"path": "/api/"}, ADMIN])
    if in_parts:
        # A separator in a stored text: the tenant is read row by row.
        odd = make_site("odd", paths=[])
        execute("UPDATE corsadmin_tenanthost SET host = %s WHERE tenant_id = %s", "a\nb", odd.pk)

    snapshot = loader.load("default")

    assert decision(snapshot, APP, path="/api/admin/x").reason is Reason.ORIGIN_NOT_LISTED
    assert allowed(snapshot, OWN, path="/api/admin/x")
    assert allowed(snapshot, APP, path="/api/x")


def test_every_statement_reads_the_same_columns_of_a_rule() -> None:
    columns = sql.RULES.partition("tenant_id, ")[2].partition(" FROM")[0]

    for joined in sql.JOINED.values():
        flat = joined.replace("::text", "")
        assert columns in flat


def test_the_database_refuses_both(database: Database) -> None:
    acme = make_site(paths=[])

    with (
        pytest.raises(IntegrityError, match="corsadmin_any_origin_not_exclusive"),
        transaction.atomic(),
    ):
        PathRule.objects.bulk_create([PathRule(tenant=acme, **ADMIN, any_origin=True)])


def test_an_older_process_goes_on_writing_rules(database: Database) -> None:
    """It names the columns that it knows, and the new one takes its default."""
    acme = make_site(paths=[])

    execute(
        "INSERT INTO corsadmin_pathrule (tenant_id, path, enabled, any_origin, credentials, methods,"
        " request_headers, exposed_headers, refuse_unlisted, note, created, modified)"
        " SELECT id, '/old/', is_active, NOT is_active, NOT is_active, '[]', '[]', '[]',"
        " NOT is_active, '', created, created FROM corsadmin_tenant WHERE id = %s",
        acme.pk,
    )

    assert not PathRule.objects.get(path="/old/").exclusive


@pytest.mark.slow
def test_the_migration_goes_back_and_forwards(database: Database) -> None:
    """Going back forgets the word: what was closed is then open to all listed origins."""
    acme = make_site(origins=[APP], paths=[ADMIN])

    call_command("migrate", "corsadmin", "0007", verbosity=0)
    call_command("migrate", "corsadmin", verbosity=0)

    assert not acme.paths.get().exclusive
    assert {version.exclusive for version in acme.paths.get().history.all()} == {False}
    PathRuleFactory(tenant=acme, path="/b/", exclusive=True)
    assert acme.paths.get(path="/b/").history.get().exclusive
