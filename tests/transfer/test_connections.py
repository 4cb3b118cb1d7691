"""A connection to PostgreSQL may be lost, or be somebody else's with the next transaction."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from corsadmin.models import Tenant
from tests.messages.screens import pattern, text
from tests.transfer.files import acme, document

pytestmark = pytest.mark.slow


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "policies.json"
    found.write_text(json.dumps(document(acme(paths=[{"path": "/a"}]))))
    return found


@pytest.mark.parametrize("options", [(), ("--dry-run",)], ids=["an import", "a dry run"])
def test_a_pooler_may_lend_connections_by_the_transaction(postgresql, path, options):
    """Temporary tables are the connection's: they must not outlive the transaction they are in."""
    inside = []

    def watch(execute, sql, *arguments):
        inside.append(connection.in_atomic_block)
        return execute(sql, *arguments)

    with connection.execute_wrapper(watch):
        call_command("cors_import", str(path), *options, verbosity=0)

    assert set(inside) == {True}
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relpersistence = 't'")
        assert cursor.fetchall() == []
    assert Tenant.objects.filter(slug="acme").exists() is not bool(options)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param('INSERT INTO "corsadmin_pathrule"', id="while the plan is carried out"),
        pytest.param('corsadmin_staged_path" (', id="before rows are copied"),
    ],
)
def test_a_database_that_is_lost_is_told_in_one_sentence(postgresql, postgres, path, statement):
    name = postgresql.settings["NAME"]

    def lose(execute, sql, *arguments):
        result = execute(sql, *arguments)
        if statement in sql:
            postgres.execute(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )
        return result

    ending = text("command-nothing-written")
    said = pattern("command-database-failed-amid", result=ending)
    with (
        connection.execute_wrapper(lose),
        pytest.raises(CommandError, match=said),
    ):
        call_command("cors_import", str(path), verbosity=0)

    connection.close()
    assert not Tenant.objects.filter(slug="acme").exists()
