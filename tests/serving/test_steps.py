"""A load comes in parts and short steps, and so does freeing what it replaced."""

import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from corsadmin.engine import packing
from corsadmin.engine.rules import RuleText
from corsadmin.models import Tenant
from corsadmin.serving import loader
from corsadmin.serving.loader import columns, entries, sql, yielder
from corsadmin.serving.store import Store
from tests.factories import make_site
from tests.serving.databases import Database
from tests.serving.snapshots import allowed, contents

APP = "https://app.example.com"


@pytest.mark.parametrize("count", range(6))
def test_tenants_come_in_ranges(
    database: Database, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = loader.load("default")
    for number in range(count):
        make_site(f"t{number}", origins=[f"https://{number}.example"], is_active=number != 3)
    whole, added = contents(loader.load("default")), contents(loader.load("default", known))
    monkeypatch.setattr(sql, "MAX_ROW_TENANTS", dict.fromkeys(sql.MAX_ROW_TENANTS, 2))
    monkeypatch.setattr(columns, "MAX_BATCH_TENANTS", 1)

    assert contents(loader.load("default")) == whole
    assert contents(loader.load("default", known)) == added == whole
    assert len(whole[0]) == 1 + count - (count > 3)


def test_rules_are_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MAX_RULES_BLOBS", 2)
    rules_blobs = entries.RulesBlobs(yielder.Yielder(lambda: None))
    raw = '1[["/a/", "[]", "[]", "[]", false, true, false, null, false]]'
    rule = RuleText(path="/a/", any_origin=True, methods=[], request_headers=[], exposed_headers=[])

    found = [rules_blobs[text] for text in (raw, raw, "0", "1", "x", raw)]

    rules_blob = packing.pack_rules_blob(
        packing.join_rules([packing.pack_rule(rule)]), inherits=True
    )
    assert found == [rules_blob, rules_blob, "0", "1", "x", rules_blob]
    assert len(rules_blobs) <= 2


def test_an_error_is_not_hidden_by_reading_row_by_row(database: Database) -> None:
    make_site(origins=[APP])

    def fail(execute: Any, sql: str, *rest: Any) -> Any:
        if "corsadmin_origin" in sql:
            raise OperationalError
        return execute(sql, *rest)

    with connection.execute_wrapper(fail), pytest.raises(OperationalError):
        loader.load("default")


@pytest.mark.slow
def test_tenants_that_vanish_from_a_transaction_that_sees_them_go(
    postgresql: Database, in_a_thread: Callable[[Callable[[], object]], object]
) -> None:
    acme = make_site(origins=[APP])
    done: list[bool] = []

    def interrupt(execute: Any, sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        if "row_number" in sql:
            done.append(True)
            in_a_thread(Tenant.objects.all().delete)
        return answer

    with transaction.atomic(), connection.execute_wrapper(interrupt):
        snapshot = loader.load("default")

    assert done
    assert len(snapshot.index) == 0
    assert not allowed(snapshot, APP, acme.slug)


def test_a_thread_that_has_worked_for_a_while_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    steps: list[None] = []
    monkeypatch.setattr(time, "sleep", rests.append)
    working = yielder.Yielder(lambda: steps.append(None))

    monkeypatch.setattr(yielder, "MAX_STEP_SECONDS", 60.0)
    working.step()
    monkeypatch.setattr(yielder, "MAX_STEP_SECONDS", -1.0)
    working.step()

    assert rests == [yielder.REST_SECONDS]
    assert len(steps) == 2


def test_what_is_replaced_is_freed_piece_by_piece(
    sqlite: Database,
    make_store: Callable[..., Store],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.CORSADMIN = {"REFRESH_SECONDS": 0}
    make_site(origins=[APP])
    held = make_store()
    held.current()
    left: list[int] = []
    free_gradually = loader.free_gradually

    def look(pieces: list[object], *rest: Any) -> None:
        left.extend(sys.getrefcount(piece) for piece in pieces)
        free_gradually(pieces, *rest)
        assert pieces == []

    monkeypatch.setattr(loader, "free_gradually", look)

    held.reload()

    assert left
    assert max(left) == min(left)  # nobody but the list holds any of them
