"""When a change counts: never before its commit, always after it, whoever writes however."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.sites import site
from django.contrib.auth.models import User
from django.core import serializers
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from corsadmin import generation, loader
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.store import Store
from corsadmin.wake import bell
from tests.databases import wait_until
from tests.factories import OriginFactory, UserFactory, make_site
from tests.freshness.databases import Database, Templates, alias_leads_to
from tests.freshness.test_loader import allowed, contents

APP = "https://app.example.com"
NEW = "https://new.example.com"
InAThread = Callable[[Callable[[], object]], Any]


@pytest.fixture
def acme(database: Database) -> Tenant:
    row: Tenant = make_site(origins=[APP])
    return row


@pytest.fixture
def held(acme: Tenant, make_store: Callable[..., Store], settings: Any) -> Store:
    """A store as a production process has it, that polls every tenth of a second."""
    settings.CORSADMIN = {"REFRESH_SECONDS": 0.1}
    made = make_store()
    made.current()
    return made


def sees(held: Store, origin: str) -> bool:
    view = held.current()
    return view.snapshot is not None and allowed(view.snapshot, origin)


def counter() -> int:
    return generation.current("default")[0]


def polls(held: Store, count: int = 3) -> None:
    """Wait until the refresher has looked again, a few times."""
    for _ in range(count):
        before = held._confirmed
        wait_until(lambda before=before: held._confirmed > before, 10)  # type: ignore[misc]


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


@pytest.fixture
def other(templates: Templates) -> Iterator[str]:
    """A second database behind an alias of its own."""
    with alias_leads_to(templates.sqlite().settings, "other"):
        yield "other"


def test_r04_a_second_alias_is_hinted_at_after_its_own_commit(
    database: Database, other: str
) -> None:
    bell.wait(0)
    with transaction.atomic(using=other):
        Tenant.objects.using(other).create(slug="there")
        assert not bell.wait(0)
        assert generation.current("default") == (0, 0)

    assert bell.wait(0)
    assert generation.current(other)[0] > 0


def test_r04_transactions_on_two_aliases_are_two_changes(database: Database, other: str) -> None:
    with transaction.atomic():
        with generation.change(), transaction.atomic(using=other):
            Tenant.objects.using(other).create(slug="there")
        assert generation.current(other)[0] == 1
        transaction.set_rollback(True)

    assert generation.current("default") == (0, 0)


def test_r05_a_hint_that_fails_fails_no_save(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    after: list[bool] = []

    def fail() -> None:
        message = "the bell is broken"
        raise RuntimeError(message)

    monkeypatch.setattr(bell, "ring", fail)

    with transaction.atomic():
        OriginFactory(tenant=acme, pattern=NEW)
        transaction.on_commit(lambda: after.append(True))

    assert after == [True]
    assert Origin.objects.filter(pattern=NEW).exists()
    assert "the bell is broken" in caplog.text


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


def bulk_update(row: Tenant) -> None:
    entry = row.origins.get()
    entry.pattern = NEW
    Origin.objects.bulk_update([entry], ["pattern"])


def raw(row: Tenant) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE corsadmin_origin SET pattern = %s", [NEW])
        generation.announce()


def load_fixture(row: Tenant) -> None:
    file = Path(connection.settings_dict["NAME"]).name + "-fixture.json"
    path = Path("/tmp") / file
    entry = OriginFactory(tenant=row, pattern=NEW)
    path.write_text(serializers.serialize("json", [entry, row]), encoding="utf-8")
    entry.delete()
    try:
        call_command("loaddata", str(path), verbosity=0)
    finally:
        path.unlink()


WRITES: dict[str, Callable[[Tenant], object]] = {
    "R10 save": lambda row: OriginFactory(tenant=row, pattern=NEW),
    "R10 get_or_create": lambda row: row.origins.get_or_create(pattern=NEW),
    "R10 update_or_create": lambda row: row.origins.update_or_create(pattern=NEW),
    "R10 update": lambda row: row.origins.update(pattern=NEW),
    "R10 bulk_create": lambda row: Origin.objects.bulk_create([Origin(tenant=row, pattern=NEW)]),
    "R10 bulk_create with conflicts": lambda row: Origin.objects.bulk_create(
        [Origin(tenant=row, pattern=APP, note="x"), Origin(tenant=row, pattern=NEW)],
        update_conflicts=True,
        unique_fields=["tenant", "pattern", "scope"],
        update_fields=["note"],
    ),
    "R10 bulk_update": bulk_update,
    "R10 add to the related set": lambda row: row.origins.add(Origin(pattern=NEW), bulk=False),
    "R10 raw SQL, announced": raw,
    "R12 loaddata, entries before their tenant": load_fixture,
}


@pytest.mark.parametrize("name", WRITES)
def test_every_way_to_write_is_seen_by_whom_it_concerns(acme: Tenant, name: str) -> None:
    known = loader.load("default")
    before = counter()

    WRITES[name](acme)

    assert counter() != before
    assert allowed(loader.load("default", known), NEW)


def raw_delete(row: Tenant) -> None:
    row.origins.all()._raw_delete("default")
    generation.announce()


REMOVALS: dict[str, Callable[[Tenant], object]] = {
    "R11 delete an entry": lambda row: row.origins.get().delete(),
    "R11 delete by queryset": lambda row: row.origins.all().delete(),
    "R11 disable": lambda row: row.origins.update(enabled=False),
    "R11 delete the tenant": lambda row: row.delete(),
    "R11 delete tenants by queryset": lambda row: Tenant.objects.filter(pk=row.pk).delete(),
    "R11 deactivate the tenant": lambda row: Tenant.objects.filter(pk=row.pk).update(
        is_active=False
    ),
    "R11 rename the host": lambda row: row.hosts.update(host="elsewhere.example.net"),
    "R11 move the host": lambda row: TenantHost.objects.update(tenant=make_site("heir")),
    "R11 delete the host": lambda row: row.hosts.get().delete(),
    "R11 delete the rule": lambda row: PathRule.objects.all().delete(),
    "R11 disable the rule": lambda row: row.paths.update(enabled=False),
    "R11 move the entry": lambda row: row.origins.update(tenant=make_site("heir")),
    "R11 raw delete, announced": raw_delete,
}


@pytest.mark.parametrize("name", REMOVALS)
def test_every_way_to_take_away_is_seen_by_whom_it_concerns(acme: Tenant, name: str) -> None:
    known = loader.load("default")

    REMOVALS[name](acme)

    assert not allowed(loader.load("default", known), APP)


def test_r11_the_platforms_entries_concern_every_heir(acme: Tenant) -> None:
    known = loader.load("default")
    assert not allowed(known, NEW)

    OriginFactory(tenant=Tenant.objects.platform(), pattern=NEW)

    assert allowed(loader.load("default", known), NEW)


@pytest.fixture
def admin(database: Database, settings: Any) -> Client:
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    return client


def test_r13_an_admin_action_on_many_rows_is_one_change(acme: Tenant, admin: Client) -> None:
    for number in range(50):
        OriginFactory(tenant=acme, pattern=f"https://n{number}.example")
    known, before = loader.load("default"), counter()
    assert Origin in site._registry

    answer = admin.post(
        "/admin/corsadmin/origin/",
        {
            "action": "delete_selected",
            "_selected_action": list(acme.origins.values_list("pk", flat=True)),
            "post": "yes",
        },
    )

    assert answer.status_code == 302
    assert counter() == before + 1
    assert not allowed(loader.load("default", known), APP)


def test_r18_an_import_of_ten_thousand_rows_is_one_change(acme: Tenant) -> None:
    known, before = loader.load("default"), counter()

    with generation.change():
        for start in range(0, 10_000, 1_000):
            Origin.objects.bulk_create(
                Origin(tenant=acme, pattern=f"https://n{number}.example")
                for number in range(start, start + 1_000)
            )

    assert counter() == before + 1
    assert allowed(loader.load("default", known), "https://n9999.example")


class ToTheReplica:
    """A router as sites with read replicas have it."""

    def db_for_read(
        self, model: object, **_hints: object
    ) -> str:  # pragma: no cover (only asked where something is wrong)
        return "other"

    def db_for_write(self, model: object, **_hints: object) -> str:
        return "default"


def test_r15_a_replica_that_lags_is_never_asked(
    acme: Tenant, other: str, settings: Any, make_store: Callable[..., Store]
) -> None:
    settings.DATABASE_ROUTERS = [f"{__name__}.ToTheReplica"]
    settings.CORSADMIN = {"REFRESH_SECONDS": 0}
    held = make_store()
    assert sees(held, APP)

    Origin.objects.filter(pk__in=[row.pk for row in Origin.objects.using("default")]).using(
        "default"
    ).delete()

    assert not sees(held, APP)


def test_r16_r17_no_cache_and_no_pickle_is_involved() -> None:
    files = Path(loader.__file__).parents[1].rglob("*.py")
    words = ("pickle", "django.core.cache", "marshal")

    found = [file.name for file in files if any(word in file.read_text() for word in words)]

    assert found == []


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
        assert view.snapshot is not None or view.doubt is not None

    assert sees(held, APP)


@pytest.fixture
def quick_turns() -> Iterator[None]:
    """Threads that never wait let the others run sooner than after 5 ms."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("quick_turns")
def test_r38_each_decision_is_from_one_snapshot(held: Store, acme: Tenant) -> None:
    """In every generation the path and the origin have the same number."""
    acme.paths.update(path="/p0/")
    acme.origins.update(pattern="https://p0.example")
    held.reload()
    stop = threading.Event()

    def read() -> set[tuple[int, int]]:
        found = set()
        while not stop.is_set():
            found.add(path_and_origin(held))
        return found

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        for number in range(1, 20):
            with transaction.atomic():
                acme.paths.update(path=f"/p{number}/")
                acme.origins.update(pattern=f"https://p{number}.example")
        wait_until(lambda: path_and_origin(held) == (19, 19), 10)
        stop.set()
        seen = set.union(*(reader.result() for reader in readers))

    assert all(path == origin for path, origin in seen)


def test_r38_two_hundred_threads_during_a_thousand_reloads(
    database: Database, other: str, make_store: Callable[..., Store], settings: Any
) -> None:
    """Two databases: in either, the path and the origin have the same number."""
    make_site(origins=["https://p0.example"], paths=[{"path": "/p0/"}])
    row = Tenant.objects.using(other).create(slug="acme")
    Origin.objects.using(other).create(tenant=row, pattern="https://p1.example")
    PathRule.objects.using(other).create(tenant=row, path="/p1/")
    chosen = settings.CORSADMIN = {"REFRESH_SECONDS": 3600.0}
    held = make_store()
    held.current()
    seen: set[tuple[int, int]] = set()

    def read() -> None:
        for _ in range(20):
            seen.add(path_and_origin(held))
            time.sleep(0.02)

    with ThreadPoolExecutor(200) as pool:
        readers = [pool.submit(read) for _ in range(200)]
        for number in range(1_000):
            chosen["DATABASE"] = ("default", other)[number % 2]
            held.reload()
        for reader in readers:
            reader.result()

    assert seen == {(0, 0), (1, 1)}


def path_and_origin(held: Store) -> tuple[int, int]:
    snapshot = held.current().snapshot
    assert snapshot is not None
    policy = snapshot.policy("acme")
    assert policy is not None
    (path,) = policy.rules._prefixes
    (origin,) = policy.literals
    return int(path.strip("/p")), int(origin.removeprefix("https://p").removesuffix(".example"))


def test_r39_unknown_hosts_are_not_remembered(acme: Tenant) -> None:
    snapshot = loader.load("default")
    before = [len(vars_of(snapshot)[name]) for name in ("_compiled", "memory")]

    for number in range(10_000):
        assert snapshot.policy_of_host(f"h{number}.example") is None
        assert snapshot.policy(f"h{number}") is None

    assert [len(vars_of(snapshot)[name]) for name in ("_compiled", "memory")] == before


def vars_of(snapshot: Any) -> dict[str, Any]:
    return {name: getattr(snapshot, name) for name in type(snapshot).__slots__}


def test_a_flushed_database_gives_no_number_out_again(database: Database) -> None:
    """A test suite that flushes between tests starts the counter anew each time."""
    make_site(origins=[APP])
    known = loader.load("default")
    number = counter()
    call_command("flush", interactive=False, verbosity=0)

    while counter() < number:
        Tenant.objects.update(name="")

    assert not allowed(loader.load("default", known), APP)
