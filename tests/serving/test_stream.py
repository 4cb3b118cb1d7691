"""PostgreSQL joins the tenants to come while those that have arrived are worked on."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from corsadmin.models import Tenant, generation
from corsadmin.serving import loader
from corsadmin.serving.loader.yielder import Yielder
from tests.factories import OriginFactory
from tests.serving.databases import Database
from tests.serving.parts import in_a_transaction, make_parts
from tests.serving.snapshots import contents, execute

NEW = "https://new.example.com"

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def small_parts(postgresql: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tenants that come in three parts."""
    make_parts(monkeypatch)


def test_what_is_streamed_is_what_is_read_in_parts() -> None:
    assert contents(loader.load("default")) == in_a_transaction()


def test_psycopg_2_has_no_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(psycopg.Cursor, "stream")

    assert contents(loader.load("default")) == in_a_transaction()


def test_only_stamped_tenants_are_streamed() -> None:
    known = loader.load("default")
    with generation.change():
        for number in range(3):
            OriginFactory(tenant=Tenant.objects.get(slug=f"t{number}"), pattern=NEW)

    after = loader.load("default", known)

    assert contents(after) == in_a_transaction()
    keys = dict(Tenant.objects.values_list("slug", "pk"))
    shared = [
        after.index.records.get(keys[slug]) is known.index.records.get(keys[slug])
        for slug in ("t1", "t4")
    ]
    assert shared == [False, True]


def test_a_server_that_breaks_off_in_the_middle_is_an_error_of_the_database(
    monkeypatch: pytest.MonkeyPatch,
    in_a_thread: Callable[[Callable[[], object]], object],
) -> None:
    pid = connection.cursor().execute("SELECT pg_backend_pid()").fetchone()[0]
    arrived: list[None] = []

    class InterruptedYielder(Yielder):
        def waited(self) -> None:
            if not arrived:  # pragma: no branch (the error may come before a second wait)
                arrived.append(None)
                in_a_thread(lambda: execute("SELECT pg_terminate_backend(%s)", pid))

    monkeypatch.setattr(loader, "Yielder", InterruptedYielder)
    # More than a socket holds: the server is still at it when the first part has arrived.
    execute(
        "INSERT INTO corsadmin_origin (tenant_id, pattern, credentials, enabled, scope,"
        " risk_accepted, note, created, modified) SELECT tenant.id, 'https://' || repeat('long.', 40) || i,"
        " false, true, '', false, '', now(), now()"
        " FROM corsadmin_tenant tenant, generate_series(1, 10000) i"
    )

    with pytest.raises(OperationalError):
        loader.load("default")

    assert arrived


def test_an_error_inside_a_transaction_is_not_hidden_by_reading_row_by_row() -> None:
    def fail(execute: Any, sql: str, *rest: Any) -> Any:
        if "corsadmin_origin" in sql:
            raise OperationalError
        return execute(sql, *rest)

    with connection.execute_wrapper(fail), pytest.raises(OperationalError):
        in_a_transaction()
