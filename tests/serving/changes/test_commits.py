"""A change counts after its commit and never before, even for readers in between."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from corsadmin.models import Origin, Tenant, generation
from corsadmin.models.counter import current_generation
from corsadmin.push.wakeup import wake_event
from corsadmin.serving import loader
from corsadmin.serving.store import Store
from tests.databases import wait_until
from tests.factories import OriginFactory, make_site
from tests.serving.databases import Database
from tests.serving.snapshots import allowed, contents, counter, polls, sees

APP = "https://app.example.com"
NEW = "https://new.example.com"
InAThread = Callable[[Callable[[], object]], Any]


def test_r01_a_request_sees_a_change_after_its_commit_and_not_before(
    held: Store, acme: Tenant
) -> None:
    with transaction.atomic():
        OriginFactory(tenant=acme, pattern=NEW)
        polls(held)
        assert not sees(held, NEW)

    wait_until(lambda: sees(held, NEW), 10)


def test_r02_a_rollback_leaves_no_trace(held: Store, acme: Tenant) -> None:
    before = counter()
    with transaction.atomic():
        OriginFactory(tenant=acme, pattern=NEW)
        transaction.set_rollback(True)

    polls(held)

    assert counter() == before
    assert not sees(held, NEW)


def test_r02_a_savepoint_that_is_rolled_back_leaves_no_trace(held: Store, acme: Tenant) -> None:
    with transaction.atomic():
        OriginFactory(tenant=acme, pattern=NEW)
        with transaction.atomic():
            acme.origins.all().delete()
            transaction.set_rollback(True)

    wait_until(lambda: sees(held, NEW), 10)
    assert sees(held, APP)


def test_r03_a_slow_reader_does_not_bring_old_rows_back(
    acme: Tenant, in_a_thread: InAThread
) -> None:
    known = loader.load("default")
    interrupted: list[bool] = []
    OriginFactory(tenant=acme, pattern="https://first.example")

    def interrupt(execute: Any, sql: str, *rest: Any) -> Any:
        found = execute(sql, *rest)
        if "corsadmin_origin" in sql and not interrupted:
            interrupted.append(True)
            in_a_thread(lambda: OriginFactory(tenant=acme, pattern=NEW))
        return found

    with connection.execute_wrapper(interrupt):
        old = loader.load("default", known)

    assert interrupted
    assert old.generation < counter()
    assert allowed(loader.load("default", old), NEW)


def test_r04_a_second_alias_is_hinted_at_after_its_own_commit(
    database: Database, other: str
) -> None:
    wake_event.wait(0)
    with transaction.atomic(using=other):
        Tenant.objects.using(other).create(slug="there")
        assert not wake_event.wait(0)
        assert current_generation("default") == (0, 0)

    assert wake_event.wait(0)
    assert current_generation(other)[0] > 0


def test_r04_transactions_on_two_aliases_are_two_changes(database: Database, other: str) -> None:
    with transaction.atomic():
        with generation.change(), transaction.atomic(using=other):
            Tenant.objects.using(other).create(slug="there")
        assert current_generation(other)[0] == 1
        transaction.set_rollback(True)

    assert current_generation("default") == (0, 0)


def test_r05_a_hint_that_fails_fails_no_save(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    after: list[bool] = []

    def fail() -> None:
        message = "the wake event is broken"
        raise RuntimeError(message)

    monkeypatch.setattr(wake_event, "set", fail)

    with transaction.atomic():
        OriginFactory(tenant=acme, pattern=NEW)
        transaction.on_commit(lambda: after.append(True))

    assert after == [True]
    assert Origin.objects.filter(pattern=NEW).exists()
    assert "the wake event is broken" in caplog.text


@pytest.mark.slow
def test_r08_the_slow_one_of_two_transactions_commits_last(
    postgresql: Database, in_a_thread: InAThread
) -> None:
    first, second = make_site("first"), make_site("second")
    known = loader.load("default")
    opened, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            OriginFactory(tenant=first, pattern=APP)
            opened.set()
            assert go_on.wait(30)

    def fast() -> None:
        assert opened.wait(30)
        OriginFactory(tenant=second, pattern=APP)

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(in_a_thread, slow), pool.submit(in_a_thread, fast)]
        assert opened.wait(30)
        known = loader.load("default", known)
        assert not allowed(known, APP, "first")
        go_on.set()
        for future in running:
            # Whatever became visible in whatever order, each look adds what is missing.
            while not future.done():
                known = loader.load("default", known)
            future.result()

    known = loader.load("default", known)
    assert allowed(known, APP, "first")
    assert allowed(known, APP, "second")


@pytest.mark.slow
def test_r08_many_writers_and_a_reader(acme: Tenant, in_a_thread: InAThread) -> None:
    tenants = [make_site(f"site-{number}") for number in range(4)]
    known = loader.load("default")

    def write(tenant: Tenant) -> None:
        for number in range(12):
            with transaction.atomic():
                OriginFactory(tenant=tenant, pattern=f"https://n{number}.example")
                if number % 3 == 0:
                    transaction.set_rollback(True)
            Tenant.objects.filter(pk=acme.pk).update(name=f"{tenant.slug} {number}")

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(in_a_thread, lambda row=row: write(row)) for row in tenants]  # type: ignore[misc]
        while not all(future.done() for future in running):
            known = loader.load("default", known)
        for future in running:
            future.result()
    known = loader.load("default", known)

    assert contents(known) == contents(loader.load("default"))


@pytest.mark.slow
def test_r09_what_a_long_transaction_sees_is_not_shared(
    postgresql: Database, make_store: Callable[..., Store], settings: Any, in_a_thread: InAThread
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": 0}
    acme = make_site(origins=[APP])
    held = make_store()
    held.current()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT count(*) FROM corsadmin_tenant")
        in_a_thread(lambda: Origin.objects.filter(tenant=acme).delete())
        assert not in_a_thread(lambda: sees(held, APP))

        assert sees(held, APP)  # as everything else this transaction sees

        assert not in_a_thread(lambda: sees(held, APP))

    assert not sees(held, APP)


def test_r32_a_broken_transaction_breaks_no_answer(
    database: Database, settings: Any, make_store: Callable[..., Store]
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": 0}
    held = make_store()
    make_site(origins=[APP])
    with transaction.atomic():
        held.current()
        User.objects.create(username="same")
        try:
            with transaction.atomic():
                User.objects.create(username="same")
        except IntegrityError:
            transaction.get_connection().needs_rollback = True
        view = held.current()
        assert view.snapshot is not None or view.untrusted_because is not None

    assert sees(held, APP)


def test_a_flushed_database_gives_no_number_out_again(database: Database) -> None:
    """A flush moves the counter as well: no state of before is taken for one of after it."""
    make_site(origins=[APP])
    known = loader.load("default")
    number = counter()
    call_command("flush", interactive=False, verbosity=0)

    assert counter() >= number
    assert not allowed(loader.load("default", known), APP)
