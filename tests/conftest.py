"""Fixtures and profiles that every test may use."""

import gc
import os
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext

import pytest
from hypothesis import HealthCheck, settings

from tests.cases import pytest_runtest_makereport
from tests.databases import postgres, redis_server
from tests.migrated import database, postgresql, sqlite, templates

__all__ = [
    "database",
    "postgres",
    "postgresql",
    "pytest_runtest_makereport",
    "redis_server",
    "sqlite",
    "templates",
]

# Before any test imports it: it says what it compared.
pytest.register_assert_rewrite("tests.asserts")

# The same examples in every run, so that a run on a developer's machine covers the same lines as the
# one before; CI tries more of them, and --hypothesis-profile=explore new ones. Tests that store rows
# or compare whole sites say themselves how many: there, the minutes are better spent on other tests.
# No deadline: the machine may be busy.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", patient, max_examples=50, derandomize=True)
settings.register_profile("ci", patient, max_examples=300, derandomize=True)
settings.register_profile("explore", patient, max_examples=1000)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have slow tests, so that no process ends alone with one of them."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Leave what is loaded by now out of each garbage collection."""
    gc.collect()
    gc.freeze()


@contextmanager
def untraced() -> Iterator[None]:  # pragma: no cover (what it does cannot be measured)
    """Follow no line: to measure coverage makes Python two thirds slower."""
    here, in_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        yield
    finally:
        sys.settrace(here)
        threading.settrace(in_threads)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure a sweep in its first row alone: the others run the same lines with other values."""
    row = getattr(item, "callspec", None)
    is_repetition = row is not None and any(row.indices.values())
    with untraced() if is_repetition and item.get_closest_marker("sweep") else nullcontext():
        return (yield)


@pytest.fixture(scope="session", autouse=True)
def unmeasured_children() -> None:
    """Keep coverage, which runs the tests, out of the processes that they start."""
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)


@pytest.fixture(autouse=True)
def no_refresher_left() -> Iterator[None]:
    """Name the test that leaves a thread of ours behind, instead of a later one that meets it."""
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in threading.enumerate() if thread not in before]
    assert not {"corsadmin-refresher", "corsadmin-heartbeat", "corsadmin-drain"} & set(left)
