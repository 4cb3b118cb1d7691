"""Databases that do not take a batch: it is forgotten and counted, and nothing is raised."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction

from corsadmin.models import Sighting, Tenant, Traffic
from corsadmin.sightings.batch import SightingBatch
from corsadmin.sightings.steps import StepReport
from corsadmin.sightings.writing import MAX_SECONDS, write_batch
from tests.factories import make_site
from tests.messages.screens import filled
from tests.serving.databases import alias_leads_to
from tests.sightings.batches import APP, caller, seen, whole

PARTS = 6
TABLES = ("sighting", "traffic", "entryseen", "rulenames", "unseen", "unknownhost")


@pytest.fixture
def acme(database):
    return make_site("acme", origins=[APP])


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def other_connection() -> Iterator[Any]:
    """Yield a cursor of somebody else's, whose transaction is open."""
    other = connections.create_connection("default")
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.rollback()
        other.close()


def test_missing_tables(acme):
    execute(*(f"DROP TABLE corsadmin_{name}" for name in TABLES))

    report = write_batch(whole(), "default")

    assert (report.rows, report.failed) == (0, PARTS)
    assert "corsadmin_unknownhost" in report.error


def test_one_missing_table_costs_its_own_rows_only(acme):
    execute("DROP TABLE corsadmin_traffic")

    report = write_batch(whole(), "default")

    assert (report.rows, report.failed) == (6, 1)


def test_without_the_tables_of_the_policies_nothing_is_written(database):
    execute("ALTER TABLE corsadmin_tenant RENAME TO gone")

    report = write_batch(whole(), "default")

    assert (report.rows, report.failed) == (0, 1)
    assert "corsadmin_tenant" in report.error


def test_a_database_that_cannot_be_reached(sqlite):
    settings = {**sqlite.settings, "NAME": "/no/such/folder/db.sqlite3"}

    with alias_leads_to(settings, "nowhere"):
        report = write_batch(whole(), "nowhere")

    assert (report.rows, report.failed) == (0, 1)


def test_a_database_that_can_only_be_read(acme):
    is_sqlite = connection.vendor == "sqlite"
    execute("PRAGMA query_only = ON" if is_sqlite else "SET default_transaction_read_only = on")

    report = write_batch(whole(), "default")

    assert (report.rows, report.failed) == (0, PARTS)
    assert "read" in report.error


@pytest.mark.slow
def test_a_table_that_somebody_has_locked_on_postgresql(postgresql):
    make_site("acme", origins=[APP])
    with other_connection() as cursor:
        cursor.execute("LOCK TABLE corsadmin_sighting")
        report = write_batch(whole(), "default")

    assert (report.rows, report.failed) == (8, 1)
    assert "statement timeout" in report.error
    assert Sighting.objects.count() == 0
    assert Traffic.objects.count() == 3
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_a_database_that_somebody_has_locked_on_sqlite(sqlite):
    make_site("acme", origins=[APP])
    connection.close()
    connection.settings_dict["OPTIONS"]["timeout"] = 0.01
    with other_connection() as cursor:
        cursor.execute("UPDATE corsadmin_tenant SET note = 'x'")
        report = write_batch(whole(), "default")

    assert (report.rows, report.failed) == (0, PARTS)
    assert "locked" in report.error


def test_a_failure_leaves_the_transaction_of_the_caller_usable(acme):
    execute("DROP TABLE corsadmin_traffic")

    with transaction.atomic():
        report = write_batch(whole(), "default")
        assert Tenant.objects.filter(slug="acme").exists()

    assert (report.rows, report.failed) == (6, 1)
    assert Sighting.objects.count() == 1


class SlowClock:
    """A clock by which everything takes long."""

    def __init__(self, seconds: float) -> None:
        self.now = 0.0
        self.seconds = seconds

    def __call__(self) -> float:
        self.now += self.seconds
        return self.now


def test_what_is_not_written_in_time_is_forgotten(acme):
    callers = {caller(origin=f"https://h{number}.example"): seen() for number in range(2_000)}
    clock = SlowClock(MAX_SECONDS / 2.5)

    report = write_batch(SightingBatch(callers=callers), "default", clock=clock)

    assert report == StepReport(1_500, 1, filled("log-not-in-time", seconds=30))
    assert Sighting.objects.count() == 1_500


def test_what_fails_late_is_not_followed_by_more(acme):
    execute("DROP TABLE corsadmin_traffic")
    clock = SlowClock(MAX_SECONDS + 1)

    report = write_batch(whole(), "default", clock=clock)

    assert (report.rows, report.failed) == (0, 2)  # the table, and all that is left
    assert "corsadmin_traffic" in report.error
    assert Sighting.objects.count() == 0
