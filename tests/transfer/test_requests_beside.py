"""A server goes on answering while an import is under way, and follows it once it is committed."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections

from tests.databases import wait_until
from tests.factories import make_site
from tests.servers import serve
from tests.serving.databases import Database
from tests.serving.test_processes import ask, environment, is_allowed
from tests.transfer.files import document
from tests.transfer.realistic import make_file

OLD, NEW = "https://old.example.com", "https://new.example.com"
STALE = 2.0  # seconds after which a server that cannot confirm its policies allows nothing

pytestmark = pytest.mark.slow


@contextmanager
def open_import(path: Path) -> Iterator[Callable[[], None]]:
    """Import a file up to the end of its transaction; yield what lets it be committed."""
    is_open, may_end = threading.Event(), threading.Event()

    def watch(execute: Any, sql: str, *arguments: Any) -> Any:
        result = execute(sql, *arguments)
        if sql.startswith("INSERT INTO") and "corsadmin_move" in sql:
            is_open.set()
            may_end.wait(60)
        return result

    def work() -> None:
        try:
            with connection.execute_wrapper(watch):
                call_command("cors_import", str(path), "--prune", verbosity=0)
        finally:
            is_open.set()
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(work)
        is_open.wait(60)
        assert not ended.done(), ended.result()

        def commit() -> None:
            may_end.set()
            ended.result(60)

        try:
            yield commit
        finally:
            may_end.set()


def test_a_server_answers_beside_an_import_and_follows_its_commit(
    database: Database, tmp_path: Path
) -> None:
    acme = make_site(origins=[OLD])
    content, _expected = make_file(seed=3, tenants=50, wrong=0)
    hosts, paths = ["acme.example.net"], [{"path": "/api/", "methods": ["GET"]}]
    mine = {"slug": acme.slug, "hosts": hosts, "paths": paths, "origins": [{"pattern": NEW}]}
    path = tmp_path / "policies.json"
    path.write_text(json.dumps(document(mine, *content["tenants"])))
    env = environment(database, CORSADMIN_MAX_STALE_SECONDS=str(STALE))

    with serve("gunicorn sync", tmp_path, env) as site:
        wait_until(lambda: is_allowed(ask(site, OLD)))
        with open_import(path) as commit:
            began = time.monotonic()
            # For so long that it must have asked the database, which must have answered.
            while time.monotonic() - began < STALE + 0.5:
                assert is_allowed(ask(site, OLD))
                assert not is_allowed(ask(site, NEW))
            commit()
        wait_until(lambda: is_allowed(ask(site, NEW)))
        assert not is_allowed(ask(site, OLD))
