"""Real processes: preforked workers, forks, and a writer that is killed after its commit."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from corsadmin.models import Tenant
from corsadmin.serving.store import Store
from tests.databases import Redis, wait_until
from tests.factories import OriginFactory, make_site
from tests.servers import ROOT, Answer, Site, stop
from tests.serving.databases import Database
from tests.serving.snapshots import allowed

APP = "https://app.example.com"
NEW = "https://new.example.com"
SECONDS = 0.2
WORKERS = 2  # what one of them does not hear shows, and each costs a second
GEVENT = ("--worker-class", "gevent")

pytestmark = pytest.mark.slow


def environment(database: Database, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "DATABASE_URL": database.url,
        "SECRET_KEY": "only-for-the-tests",
        "ALLOWED_HOSTS": "*",
        "CORSADMIN_REFRESH_SECONDS": str(SECONDS),
        **more,
    }


@contextmanager
def gunicorn(env: dict[str, str], *options: str) -> Iterator[Site]:
    """Serve the site with several workers that share one socket."""
    command = [sys.executable, "-m", "gunicorn", "tests.serving.wsgi:application"]
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        port, fd = listener.getsockname()[1], listener.fileno()
        process = subprocess.Popen(
            [*command, "--bind", f"fd://{fd}", "--no-control-socket", "--log-level", "error",
             "-w", str(WORKERS), *options],
            cwd=ROOT, env=env, pass_fds=[fd], stderr=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        yield Site(port)
    finally:
        stop(process)


def ask(site: Site, origin: str) -> Answer:
    return site.ask("/api/none", headers={"Host": "acme.example.net", "Origin": origin})


def is_allowed(answer: Answer) -> bool:
    return "access-control-allow-origin" in answer.headers


def every_worker(site: Site, origin: str) -> dict[str, bool]:
    """Return what each worker makes of an origin, asking until all have answered."""
    found: dict[str, bool] = {}

    def look() -> bool:
        answer = ask(site, origin)
        found[answer.headers["x-worker"]] = is_allowed(answer)
        return len(found) == WORKERS

    wait_until(look)
    return found


# Each database, each kind of worker, and push on and off, with each of the others. On SQLite
# nothing can be pushed: what is automatic is the same as off.
@pytest.mark.parametrize(
    ("database", "options", "push"),
    [
        pytest.param("sqlite", (), "off", id="SQLite, no preload"),
        pytest.param("sqlite", ("--preload",), "auto", id="SQLite, preload"),
        pytest.param("sqlite", GEVENT, "auto", id="SQLite, gevent"),
        pytest.param("postgresql", (), "auto", id="PostgreSQL, no preload"),
        pytest.param("postgresql", ("--preload",), "auto", id="PostgreSQL, preload"),
        pytest.param("postgresql", ("--preload",), "off", id="PostgreSQL, preload, no push"),
        pytest.param("postgresql", GEVENT, "auto", id="PostgreSQL, gevent"),
        pytest.param(
            "postgresql",
            (*GEVENT, "--preload", "--config", "python:tests.serving.patched"),
            "off",
            id="PostgreSQL, gevent, which comes first, preload, no push",
        ),
    ],
    indirect=["database"],
)
def test_r34_every_preforked_worker_hears_of_a_change(
    database: Database, options: tuple[str, ...], push: str
) -> None:
    acme = make_site(origins=[APP])
    with gunicorn(environment(database, CORSADMIN_PUSH=push), *options) as site:
        assert all(every_worker(site, APP).values())
        for change, origin, expected in (
            (lambda: OriginFactory(tenant=acme, pattern=NEW), NEW, True),
            (lambda: acme.origins.filter(pattern=NEW).delete(), NEW, False),
            (lambda: Tenant.objects.filter(pk=acme.pk).update(is_active=False), APP, False),
        ):
            change()
            committed = time.monotonic()

            wait_until(lambda: set(every_worker(site, origin).values()) == {expected})  # noqa: B023

            # Asking every worker takes time too, on a machine that does much else.
            assert time.monotonic() - committed < 2 * SECONDS + 5


def test_a_site_whose_threads_share_their_connections_answers_without_cors_headers(
    sqlite: Database,
) -> None:
    make_site(origins=[APP])
    # Django was imported before gevent could patch Python.
    with gunicorn(environment(sqlite), *GEVENT, "--preload") as site:
        answers = [ask(site, APP) for _ in range(4 * WORKERS)]

    assert {answer.status for answer in answers} == {404}
    assert not any(map(is_allowed, answers))


def test_workers_read_nothing_before_they_are_asked(postgresql: Database) -> None:
    make_site(origins=[APP])
    connections.close_all()
    with gunicorn(environment(postgresql), "--preload") as site:
        every_worker(site, APP)
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
            (count,) = cursor.fetchone()

    # Each worker polls and listens on one and the same.
    assert count <= WORKERS


FORK = """
import os, sys, time
import django
django.setup()
from corsadmin import engine
from corsadmin.models import Origin, Tenant
from corsadmin.serving.store import process_store
from django.db import connections

def sees(origin):
    snapshot = process_store.current().snapshot
    asked = engine.CorsRequest("/api/x", "GET", origin, None, None, "")
    return engine.decide(snapshot.policy("acme"), asked, 0.0).allowed

def wait_for(origin):
    deadline = time.monotonic() + 20
    while not sees(origin):
        assert time.monotonic() < deadline, origin
        time.sleep(0.01)

wait_for("https://app.example.com")  # the parent's refresher runs
connections.close_all()
children = []
for number in range(3):
    child = os.fork()
    if not child:
        try:
            wait_for("https://after.example.com")
            os._exit(0)
        finally:
            os._exit(1)
    children.append(child)
Origin.objects.create(tenant=Tenant.objects.get(slug="acme"), pattern="https://after.example.com")
wait_for("https://after.example.com")
for child in children:
    assert os.waitpid(child, 0)[1] == 0
print("all of them")
"""


def run(script: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_r34_children_forked_from_a_warm_process_hear_of_changes(database: Database) -> None:
    make_site(origins=[APP])
    connections.close_all()

    done = run(FORK, environment(database))

    assert done.stdout == "all of them\n", done.stderr


KILLED = """
import os, signal
import django
django.setup()
from django.db import transaction
from corsadmin.models import Origin, Tenant

with transaction.atomic():
    transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
    Origin.objects.create(tenant=Tenant.objects.get(slug="acme"), pattern="https://new.example.com")
"""


@pytest.mark.parametrize("push", ["auto", "redis", "off"])
def test_r06_a_writer_killed_after_its_commit_is_heard_all_the_same(
    database: Database,
    redis_server: Redis,
    push: str,
    settings: Any,
    make_store: Callable[..., Store],
) -> None:
    url = redis_server.url if push == "redis" else push
    settings.CORSADMIN = {"REFRESH_SECONDS": SECONDS, "PUSH": url}
    make_site(origins=[APP])
    held = make_store()
    held.current()

    done = run(KILLED, environment(database, CORSADMIN_PUSH=url))

    assert done.returncode == -9, done.stderr
    wait_until(lambda: allowed(held.current().snapshot, NEW))  # type: ignore[arg-type]


RAW = """
import django
django.setup()
from django.db import connection, transaction
import corsadmin

with transaction.atomic(), connection.cursor() as cursor:
    cursor.execute("UPDATE corsadmin_origin SET pattern = 'https://new.example.com'")
    corsadmin.announce()
"""


def test_raw_sql_followed_by_the_documented_call_reaches_other_processes(
    database: Database, settings: Any, make_store: Callable[..., Store]
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": SECONDS}
    make_site(origins=[APP])
    held = make_store()
    held.current()

    assert run(RAW, environment(database)).returncode == 0

    wait_until(lambda: allowed(held.current().snapshot, NEW))  # type: ignore[arg-type]


def test_r26_r33_a_site_without_tables_answers_without_cors_headers(tmp_path: Path) -> None:
    database = Database("sqlite", f"sqlite:///{tmp_path / 'empty.sqlite3'}", {})
    with gunicorn(environment(database)) as site:
        answer = ask(site, APP)

    assert answer.status == 404
    assert not is_allowed(answer)
