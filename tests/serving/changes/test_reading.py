"""Where a process reads from, and what each request holds meanwhile."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.serving import loader
from corsadmin.serving.decision_cache import DecisionCache
from corsadmin.serving.store import Store
from tests.databases import wait_until
from tests.factories import make_site
from tests.serving.databases import Database
from tests.serving.snapshots import sees

APP = "https://app.example.com"


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
    files = Path(loader.__file__).parents[2].rglob("*.py")
    words = ("pickle", "django.core.cache", "marshal")

    found = [file.name for file in files if any(word in file.read_text() for word in words)]

    assert found == []


@pytest.fixture
def quick_turns() -> Iterator[None]:
    """Threads that never wait let the others run sooner than after 5 ms."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)
    yield
    sys.setswitchinterval(before)


@pytest.mark.slow
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


@pytest.mark.slow
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
    ((path, *_),) = policy.rules._prefixes
    (origin,) = policy.literals
    return int(path.strip("/p")), int(origin.removeprefix("https://p").removesuffix(".example"))


def test_r39_unknown_hosts_are_not_remembered(acme: Tenant) -> None:
    cache = DecisionCache(loader.load("default"))
    assert cache.policy("nobody") is None  # from now on there is an index of slugs
    before = len(cache.pieces())

    for number in range(10_000):
        assert cache.policy_of_host(f"h{number}.example") is None
        assert cache.policy(f"h{number}") is None

    assert len(cache.pieces()) == before
