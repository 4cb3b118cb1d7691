"""Fixtures and profiles that every test may use."""

import gc
import os
import re
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.cases import pytest_runtest_makereport
from tests.databases import postgres, redis_server
from tests.migrated import (
    database,
    django_db_modify_db_settings,
    migrated_file,
    postgresql,
    sqlite,
    templates,
)

__all__ = [
    "database",
    "django_db_modify_db_settings",
    "migrated_file",
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
# one before; CI tries twice as many, and --hypothesis-profile=explore new ones: what is tried again
# in each run finds nothing new. Tests that store rows or compare whole sites say themselves how many.
# No deadline: the machine may be busy.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", patient, max_examples=50, derandomize=True)
settings.register_profile("ci", patient, max_examples=100, derandomize=True)
settings.register_profile("explore", patient, max_examples=1000)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


# What pytest-django does around each test for marks and fixtures that no test here has. A test of
# ours takes microseconds, and each of these takes a hundred.
IDLE_FIXTURES = frozenset({
    "_dj_autoclear_mailbox",
    "_django_clear_site_cache",
    "_django_isolate_apps",
    "_django_set_urlconf",
    "_django_setup_unittest",
    "_fail_for_invalid_template_variable",
    "_template_string_if_invalid_marker",
})  # fmt: skip
SLOW_FILE = re.compile(r"^pytestmark = .*\bpytest\.mark\.slow\b", re.MULTILINE)


def pytest_configure(config: pytest.Config) -> None:
    """Seed no random numbers around each test: ours seed their own, and it costs a third of a test."""
    config.option.randomly_reset_seed = False


def is_slow(path: Path) -> bool:  # pragma: no cover (only where no slow test is wanted)
    """Report whether a whole file, or each file of a folder, is marked slow."""
    if path.is_dir():
        files = list(path.rglob("test_*.py"))
        return bool(files) and all(map(is_slow, files))
    return path.match("test_*.py") and SLOW_FILE.search(path.read_text("utf-8")) is not None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave slow files unread where no slow test is wanted: to import them costs seconds."""
    if config.option.markexpr != "not slow" or not is_slow(collection_path):  # pragma: no branch
        return None
    is_named = any(  # pragma: no cover (only where no slow test is wanted)
        collection_path == Path(name).resolve() for name in config.args
    )
    return None if is_named else True  # pragma: no cover


def pytest_itemcollected(item: pytest.Item) -> None:
    """Spare each test the fixtures that do nothing for it."""
    assert isinstance(item, pytest.Function)
    unused = {
        *IDLE_FIXTURES,
        *([] if "live_server" in item.fixturenames else ["_live_server_helper"]),
        *([] if item.get_closest_marker("django_db") else ["_django_db_marker"]),
    }
    item.fixturenames = [name for name in item.fixturenames if name not in unused]


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


begun: set[str] = set()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure a sweep in its first row alone: the others run the same lines with other values.

    The row that happens to be asked first is measured too, for it may import what it asks.
    """
    row = getattr(item, "callspec", None)
    sweep = item.nodeid.partition("[")[0]
    is_repetition = row is not None and any(row.indices.values()) and sweep in begun
    begun.add(sweep)
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
