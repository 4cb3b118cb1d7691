"""When entries were used, and about how often: few writes, and an estimate that is right on average."""

from datetime import date, timedelta
from random import Random

import pytest

from corsadmin.models import EntrySeen
from corsadmin.models.sightings import MAX_DAY_CALLS
from corsadmin.sightings.entry_use import write_entries

DAY = date(2026, 11, 30)


def write(day=DAY, draw=lambda: 0.0, **calls):
    """Write the calls of entries, named by `e` and their key; return the number of rows written."""
    used = {int(name[1:]): count for name, count in calls.items()}
    return sum(write_entries(used, day, "default", draw))


def row(key=1):
    return EntrySeen.objects.get(pk=key)


def never():
    return 1.0


def always():
    return 0.0


def test_the_first_sight_makes_the_row(database):
    assert write(e1=5, e2=0) == 2

    assert (row().first_day, row().last_day, row().calls, row().earlier) == (DAY, DAY, 5, 0)
    assert row().calls_a_day == 5.0
    assert row(2).calls_a_day == 0.0


@pytest.mark.parametrize(
    ("draw", "calls", "written", "expected"),
    [
        pytest.param(never, 9, 0, 10, id="few calls, mostly not at all"),
        pytest.param(always, 1, 1, 20, id="few calls, now and then as many as there were"),
        pytest.param(never, 10, 1, 20, id="as many calls as there were"),
        pytest.param(never, 11, 1, 21, id="more calls than there were"),
        pytest.param(always, 0, 0, 10, id="no calls, only preflights"),
    ],
)
def test_what_follows_on_a_day_is_written_in_proportion(database, draw, calls, written, expected):
    write(e1=10)

    assert write(draw=draw, e1=calls) == written
    assert row().calls == expected


def test_the_next_day_is_written_at_once(database):
    write(e1=80)

    assert write(DAY + timedelta(days=1), never, e1=1) == 1

    assert (row().first_day, row().last_day) == (DAY, DAY + timedelta(days=1))
    assert (row().calls, row().earlier) == (1, 70)
    assert row().calls_a_day == 80.0


def test_a_late_writer_moves_no_day_back(database):
    write(e1=5)

    write(DAY - timedelta(days=1), e1=6)

    assert (row().last_day, row().calls) == (DAY, 11)


@pytest.mark.parametrize(
    ("calls", "gap", "expected"),
    [
        pytest.param([40] * 30, 1, 40, id="the same each day"),
        pytest.param([1] * 30, 1, 1, id="once a day"),
        pytest.param([7] * 30, 7, 7, id="once a week, as many as on that day"),
        pytest.param([100] * 20 + [0] * 20, 1, 8, id="less and less"),
        pytest.param([0] * 20 + [100], 1, 100, id="more on the last day than ever"),
    ],
)
def test_the_average_moves(database, calls, gap, expected):
    for number, count in enumerate(calls):
        write(DAY + timedelta(days=number * gap), always, e1=count)

    assert row().calls_a_day == pytest.approx(expected, abs=max(1, expected / 10))


def test_no_count_is_too_large_for_its_column(database):
    write(e1=10**12)
    write(e1=10**12)
    assert row().calls == MAX_DAY_CALLS

    write(DAY + timedelta(days=1), e1=1)
    write(DAY + timedelta(days=2), e1=1)
    assert row().earlier <= MAX_DAY_CALLS


@pytest.mark.slow
def test_the_calls_of_a_day_are_right_on_average_after_few_writes(database):
    """200 entries with 100 calls each, in 100 flushes, on three days."""
    random = Random(20261130).random
    keys = {f"e{number}": 1 for number in range(200)}
    written = [
        sum(write(DAY + timedelta(days=day), random, **keys) for _flush in range(100))
        for day in range(3)
    ]

    counts = EntrySeen.objects.values_list("calls", flat=True)
    assert sum(counts) / len(keys) == pytest.approx(100, rel=0.15)
    # The first day doubles its way up; the others know what is usual.
    assert written[0] < 9 * len(keys)
    assert max(written[1:]) < 3 * len(keys)
