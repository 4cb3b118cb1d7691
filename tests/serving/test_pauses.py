"""R94: workers of real servers that are stopped, and go on after a revocation that they missed."""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from django.db import connection, connections

from corsadmin.models import Origin, Tenant
from tests.databases import Redis, wait_until
from tests.factories import OriginFactory, make_site
from tests.messages.screens import assert_says, assert_silent, pattern
from tests.servers import BUSY_SECONDS, Site, serve
from tests.serving.databases import Database, locked_table
from tests.serving.pauses import SERVERS, ask_together, stopped, worker_of
from tests.serving.test_processes import environment

GONE = "https://gone.example.com"
STAYS = "https://stays.example.com"
SECONDS = 0.5
WAIT_SECONDS = 1.0  # what a request may wait for one poll
QUEUE = [GONE] * 20 + [STAYS] * 5

pytestmark = pytest.mark.slow


@contextmanager
def warm_site(
    kind: str, database: Database, folder: Path, push: str, seconds: float = SECONDS
) -> Iterator[Site]:
    """Serve a site that allows both origins, and has polled since it was first asked."""
    make_site(origins=[GONE, STAYS])
    connections.close_all()
    env = environment(database, CORSADMIN_PUSH=push, CORSADMIN_REFRESH_SECONDS=str(seconds))
    with serve(kind, folder, env) as site:
        answers = asyncio.run(ask_together(site, [GONE, STAYS]))
        assert all(answer.is_allowed for answer in answers)
        yield site


def log_of(folder: Path) -> str:
    return "".join(file.read_text() for file in folder.glob("*.log"))


def logged_pauses(folder: Path) -> list[tuple[float, float]]:
    """Return when each logged pause began, and how many seconds it lasted."""
    paused = pattern("log-paused", seconds="SECONDS").replace("SECONDS", "([0-9.]+)")
    line = re.compile(rf"^(\S+ [0-9:]+),(\d+) INFO .*{paused}", re.MULTILINE)
    return [
        (
            datetime.fromisoformat(f"{moment}.{fraction}").timestamp() - float(seconds),
            float(seconds),
        )
        for moment, fraction, seconds in line.findall(log_of(folder))
    ]


def cut_connections() -> None:
    """End every connection to the database but this one, as a server that restarts does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


class Way(NamedTuple):
    """How a change reaches the worker, and what else happens while it is stopped."""

    database: str
    push: str
    meanwhile: Callable[[], None] = lambda: None


WAYS = {
    "SQLite": Way("sqlite", "off"),
    "SQLite, Redis": Way("sqlite", "redis"),
    "PostgreSQL, push": Way("postgresql", "auto"),
    "PostgreSQL, no push": Way("postgresql", "off"),
    "PostgreSQL, push, cut off": Way("postgresql", "auto", cut_connections),
    "PostgreSQL, no push, cut off": Way("postgresql", "off", cut_connections),
}


# Each way with one server, and each server with two ways: how a worker finds that it was stopped
# does not depend on how changes reach it.
@pytest.mark.parametrize(
    ("way", "kind"),
    [
        pytest.param(way, kind, id=f"{name}-{kind}")
        for (name, way), kind in zip(WAYS.items(), SERVERS * 2, strict=True)
    ],
)
def test_r94_nobody_is_allowed_by_the_policy_of_before_the_pause(
    request: pytest.FixtureRequest, redis_server: Redis, tmp_path: Path, kind: str, way: Way
) -> None:
    database: Database = request.getfixturevalue(way.database)
    url = redis_server.url if way.push == "redis" else way.push
    with warm_site(kind, database, tmp_path, url) as site, stopped(worker_of(site)) as go_on:
        stopped_at = time.monotonic()
        Origin.objects.filter(pattern=GONE).delete()
        way.meanwhile()
        wait_until(lambda: time.monotonic() - stopped_at > 3 * SECONDS)

        answers = asyncio.run(ask_together(site, QUEUE, go_on))

    assert [each for each in answers if each.origin == GONE and each.is_allowed] == []
    assert [each for each in answers if each.origin == STAYS and not each.is_allowed] == []
    assert max(each.seconds for each in answers) < WAIT_SECONDS + BUSY_SECONDS
    pauses = logged_pauses(tmp_path)
    assert max(seconds for _began, seconds in pauses) >= 3 * SECONDS
    # Each is logged once: a busy machine may pause the worker again, but not at the same moment.
    assert all(later - began > SECONDS for (began, _), (later, _) in pairwise(pauses))


@pytest.mark.parametrize("kind", SERVERS)
def test_r94_a_database_that_hangs_is_no_pause(
    postgresql: Database, tmp_path: Path, kind: str
) -> None:
    seconds = 1.0  # a busy machine may keep a worker waiting for some tenths of it
    with warm_site(kind, postgresql, tmp_path, "auto", seconds) as site, locked_table():
        locked_at = time.monotonic()
        wait_until(lambda: time.monotonic() - locked_at > 4 * seconds)

        answers = asyncio.run(ask_together(site, [STAYS] * 20))

    assert all(answer.is_allowed for answer in answers)
    assert_silent(log_of(tmp_path), "log-paused")


@pytest.mark.parametrize("kind", SERVERS)
def test_r94_a_database_that_hangs_after_a_pause_is_waited_for_once(
    postgresql: Database, tmp_path: Path, kind: str
) -> None:
    with warm_site(kind, postgresql, tmp_path, "auto") as site:
        with locked_table(), stopped(worker_of(site)) as go_on:
            stopped_at = time.monotonic()
            wait_until(lambda: time.monotonic() - stopped_at > 3 * SECONDS)

            answers = asyncio.run(ask_together(site, [STAYS] * 20, go_on))

        # As in an outage: by the last policies, after one wait that all of them shared.
        assert all(answer.is_allowed for answer in answers)
        assert max(each.seconds for each in answers) < WAIT_SECONDS + BUSY_SECONDS
        OriginFactory(tenant=Tenant.objects.get(slug="acme"), pattern="https://new.example.com")
        wait_until(
            lambda: asyncio.run(ask_together(site, ["https://new.example.com"]))[0].is_allowed
        )
    assert_says(log_of(tmp_path), "log-paused")
