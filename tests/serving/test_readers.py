"""Which reader the loader chooses, and that all of them tell the same."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import connections, transaction

import corsadmin
from corsadmin.models import Tenant
from corsadmin.models.counter import Counter, read_counter
from corsadmin.models.database import one_state
from corsadmin.serving.loader import open_reader
from corsadmin.serving.loader.batches import BatchReader
from corsadmin.serving.loader.reader import Reader
from corsadmin.serving.loader.row_by_row import RowByRowReader
from corsadmin.serving.loader.single_query import SingleQueryReader, query_once
from corsadmin.serving.loader.stream import StreamReader
from corsadmin.serving.loader.yielder import Yielder
from tests.factories import OriginFactory, make_site
from tests.serving.databases import Database
from tests.serving.snapshots import execute

APP = "https://app.example.com"
YIELDER = Yielder(lambda: None)


def fill() -> Counter:
    for number in range(4):
        make_site(f"t{number}", origins=[APP, "https://*.example.org"])
    return read_counter("default")


def add_many() -> None:
    Tenant.objects.bulk_create([Tenant(slug=f"many-{number}") for number in range(1_001)])


def chosen(known: Counter | None) -> type:
    with open_reader("default", known, YIELDER) as reader:
        return type(reader)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "knows", "inside", "expected"),
    [
        pytest.param(None, False, False, StreamReader, id="everything is streamed"),
        pytest.param(None, True, False, SingleQueryReader, id="nothing new is one query"),
        pytest.param(make_site, True, False, SingleQueryReader, id="a few changes are one query"),
        pytest.param(add_many, True, False, StreamReader, id="many changes are streamed"),
        pytest.param(
            corsadmin.announce,
            True,
            False,
            SingleQueryReader,
            id="a few tenants in all are one row",
        ),
        pytest.param(make_site, True, True, BatchReader, id="a transaction is asked in batches"),
        pytest.param(None, False, True, BatchReader, id="all is asked in batches inside one"),
    ],
)
def test_what_is_asked_of_postgresql(
    postgresql: Database,
    change: Callable[[], object] | None,
    knows: bool,
    inside: bool,
    expected: type,
) -> None:
    known = fill()
    if change is not None:
        change()

    with transaction.atomic() if inside else nullcontext():
        assert chosen(known if knows else None) is expected


@pytest.mark.parametrize("knows", [True, False], ids=["changes", "everything"])
@pytest.mark.parametrize(
    ("vendor", "expected"),
    [
        pytest.param("sqlite", BatchReader, id="SQLite"),
        pytest.param("other", RowByRowReader, id="a database that cannot join text"),
    ],
)
def test_what_is_asked_of_other_databases(
    sqlite: Database,
    monkeypatch: pytest.MonkeyPatch,
    vendor: str,
    expected: type,
    knows: bool,
) -> None:
    known = fill()
    make_site()
    monkeypatch.setattr(connections["default"], "vendor", vendor)

    assert chosen(known if knows else None) is expected


def restore() -> None:
    execute("UPDATE corsadmin_move SET mark = 0")
    make_site()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda: None, True, id="nothing"),
        pytest.param(
            lambda: OriginFactory(tenant=Tenant.objects.get(slug="t1")), True, id="an origin"
        ),
        pytest.param(
            lambda: Tenant.objects.filter(slug="t2").update(is_active=False), True, id="deactivated"
        ),
        pytest.param(lambda: Tenant.objects.get(slug="t3").delete(), True, id="deleted"),
        pytest.param(corsadmin.announce, False, id="everything must be read"),
        pytest.param(restore, False, id="another past"),
    ],
)
def test_all_readers_tell_the_same(
    database: Database, change: Callable[[], object], expected: bool
) -> None:
    known = fill()
    change()
    kinds: list[Any] = [BatchReader, RowByRowReader]
    if database.vendor == "postgresql":
        kinds.append(StreamReader)
        single = query_once(connections["default"], known, YIELDER)
        assert single is not None
    else:
        single = None

    with one_state("default"):
        readers = [kind(connections["default"], known, YIELDER) for kind in kinds]
        answers = [answer(reader) for reader in readers]
    if single is not None:
        answers.append(answer(single))

    assert [one for one in answers if one != answers[0]] == []
    assert answers[0][1] == (known.value if expected else None)


def answer(reader: Reader) -> tuple[Any, ...]:
    """Return all that a reader tells, comparable: databases join texts in any order."""
    batches = list(reader.batches())
    packed = {
        key: tuple(sorted(text) for text in one)
        for batch in batches
        for key, one in zip(batch.keys, batch.packed, strict=True)
    }
    gone = sorted(key for batch in batches for key in batch.gone)
    return reader.counter, reader.since, reader.removed, packed, gone
