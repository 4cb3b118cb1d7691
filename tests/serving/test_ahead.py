"""A thread has SQLite join the next tenants while those before them are worked on."""

import threading

import pytest
from django.db import connection

from corsadmin.models import Origin, PathRule
from corsadmin.serving import loader
from corsadmin.serving.loader.ahead import asked_ahead
from tests.serving.databases import Database
from tests.serving.parts import APP, COUNT, in_a_transaction, make_parts
from tests.serving.snapshots import allowed, contents, execute


@pytest.fixture
def small_parts(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tenants that come in three parts."""
    make_parts(monkeypatch)


def test_questions_are_answered_in_order_and_in_another_thread() -> None:
    threads = set()

    def ask(question: int) -> int:
        threads.add(threading.get_ident())
        return question * 10

    assert list(asked_ahead(ask, range(5))) == [(0, 0), (1, 10), (2, 20), (3, 30), (4, 40)]
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_the_next_answer_is_there_before_it_is_asked_for() -> None:
    found = threading.Semaphore(0)

    def ask(_question: int) -> None:
        found.release()

    answers = asked_ahead(ask, range(9))
    next(answers)

    assert found.acquire(timeout=30)
    assert found.acquire(timeout=30)
    assert not found.acquire(blocking=False)
    answers.close()


def test_an_error_comes_in_the_place_of_its_answer() -> None:
    def ask(question: int) -> int:
        return 6 // question

    answers = asked_ahead(ask, [3, 0, 2])

    assert next(answers) == (3, 2)
    with pytest.raises(ZeroDivisionError):
        next(answers)


@pytest.mark.parametrize("threads", [0, 1])
def test_without_a_thread_the_questions_are_asked_in_this_one(
    monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    start, left = threading.Thread.start, [None] * threads

    def may_start(thread: threading.Thread) -> None:
        if not left:
            message = "can't start new thread"
            raise RuntimeError(message)
        left.pop()
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", may_start)

    assert list(asked_ahead(str, range(3))) == [(0, "0"), (1, "1"), (2, "2")]


@pytest.mark.usefixtures("small_parts")
def test_what_is_asked_ahead_is_what_is_read_in_a_transaction() -> None:
    assert contents(loader.load("default")) == in_a_transaction()


@pytest.mark.usefixtures("small_parts")
def test_torn_parts_are_read_row_by_row_and_the_others_are_not() -> None:
    execute("PRAGMA ignore_check_constraints = ON")
    torn = Origin.objects.filter(tenant__slug="t2", pattern=APP).get()
    execute("UPDATE corsadmin_origin SET pattern = 'a' || char(10) || 'b' WHERE id = %s", torn.pk)
    rule = PathRule.objects.filter(tenant__slug="t4").get()
    execute("UPDATE corsadmin_pathrule SET methods = x'fffe' WHERE id = %s", rule.pk)

    snapshot = loader.load("default")

    assert contents(snapshot) == in_a_transaction()
    assert [allowed(snapshot, APP, f"t{number}") for number in range(COUNT)] == [
        number not in {2, 4} for number in range(COUNT)
    ]
    assert allowed(snapshot, "https://x.n2.example", "t2")


@pytest.mark.usefixtures("small_parts")
def test_a_load_that_fails_in_the_middle_leaves_the_connection_as_it_was() -> None:
    running = threading.active_count()

    def fail() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError) as raised:
        loader.load("default", alive=fail)

    assert raised.value.__traceback__  # which holds whatever was not closed
    assert threading.active_count() == running
    assert not connection.allow_thread_sharing
    assert contents(loader.load("default")) == in_a_transaction()
    assert not connection.allow_thread_sharing
