"""However an import ends early, its last sentence says what became of the plan."""

import io
import json
import os
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections, models, transaction

from corsadmin.management.exit_codes import UNREAD
from corsadmin.models import Tenant, TenantHost
from corsadmin.models.counter import current_generation
from tests.messages.screens import filled, pattern, says, text
from tests.transfer.files import acme, document

UNWRITTEN = text("command-nothing-written")


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "policies.json"
    found.write_text(json.dumps(document(acme(paths=[{"path": "/a/"}]))))
    return found


@contextmanager
def when_rules_are_written(happens):
    """Let something happen inside the transaction, which is nearly done then."""

    def watch(execute, sql, *arguments):
        if "INSERT INTO" in sql and "corsadmin_pathrule" in sql:
            happens()
        return execute(sql, *arguments)

    with connection.execute_wrapper(watch):
        yield


def fail(error):
    raise error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(
            KeyboardInterrupt(), filled("command-interrupted", result=UNWRITTEN), id="Ctrl-C"
        ),
        pytest.param(
            OperationalError("connection\nlost"),
            filled("command-database-failed-amid", reason="connection lost", result=UNWRITTEN),
            id="lost",
        ),
        pytest.param(BrokenPipeError(), f"{UNREAD} {UNWRITTEN}", id="a reader is gone"),
    ],
)
def test_what_happens_before_the_end_of_the_transaction_undoes_it(database, path, error, said):
    with (
        when_rules_are_written(lambda: fail(error)),
        pytest.raises(CommandError) as raised,
    ):
        call_command("cors_import", str(path), verbosity=0)

    assert str(raised.value) == said
    assert not Tenant.objects.filter(slug="acme").exists()


@pytest.mark.parametrize(
    ("error", "said", "values"),
    [
        pytest.param(KeyboardInterrupt(), "command-interrupted", {}, id="Ctrl-C"),
        pytest.param(
            OperationalError("x"), "command-database-failed-amid", {"reason": "x"}, id="lost"
        ),
    ],
)
def test_what_happens_after_the_end_of_the_transaction_does_not_deny_it(
    database, path, error, said, values
):
    with (
        when_rules_are_written(lambda: transaction.on_commit(lambda: fail(error))),
        pytest.raises(CommandError) as raised,
    ):
        call_command("cors_import", str(path), verbosity=0)

    made = filled("command-applied-anyway", generation=current_generation("default")[0])
    assert str(raised.value) == filled(said, **values, result=made)
    assert Tenant.objects.filter(slug="acme").exists()


def test_a_commit_that_fails_is_not_taken_for_one_that_nobody_heard_of(database, path):
    # The host's tenant is looked for when the transaction ends.
    orphan = TenantHost(tenant_id=999_999, host="orphan.example.net")
    said = pattern("command-database-failed-amid", result=UNWRITTEN)

    with (
        when_rules_are_written(lambda: models.Model.save_base(orphan, raw=True)),
        pytest.raises(CommandError, match=said) as raised,
    ):
        call_command("cors_import", str(path), verbosity=0)

    assert ".." not in str(raised.value)
    assert not Tenant.objects.filter(slug="acme").exists()


@pytest.mark.slow
def test_a_database_that_is_lost_for_good_leaves_the_question_open(postgresql, path):
    """The name of the database is changed, so that it cannot be asked again."""
    before = connection.settings_dict["NAME"]

    def lose():
        connection.settings_dict["NAME"] = "gone"
        fail(OperationalError("x"))

    try:
        with (
            when_rules_are_written(lambda: transaction.on_commit(lose)),
            pytest.raises(CommandError, match=pattern("command-result-unknown")),
        ):
            call_command("cors_import", str(path), verbosity=0)
    finally:
        connection.settings_dict["NAME"] = before


def test_a_reader_that_goes_away_stops_an_import(database, path):
    reading, writing = os.pipe()
    os.close(reading)

    with (
        os.fdopen(writing, "w", buffering=1) as out,
        pytest.raises(CommandError, match=UNWRITTEN),
    ):
        call_command("cors_import", str(path), stdout=out)

    assert not Tenant.objects.filter(slug="acme").exists()


class Gone(io.StringIO):
    """An output whose reader leaves after the plan."""

    def write(self, line):
        return fail(BrokenPipeError()) if says(line, "command-applied") else super().write(line)


def test_a_report_that_nobody_reads_does_not_deny_the_import(database, path):
    with pytest.raises(CommandError, match=pattern("command-applied-anyway")):
        call_command("cors_import", str(path), stdout=Gone())


def test_an_import_into_another_database_ends_in_a_sentence(database, path, monkeypatch):
    monkeypatch.setattr(connections["default"], "vendor", "mysql")

    with pytest.raises(CommandError, match="PostgreSQL"):
        call_command("cors_import", str(path), verbosity=0)


@pytest.mark.django_db
def test_an_import_inside_a_transaction_ends_in_a_sentence_too(path):
    with pytest.raises(CommandError, match=pattern("command-applied-anyway")):
        call_command("cors_import", str(path), stdout=Gone())
