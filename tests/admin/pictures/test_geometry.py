"""Where the parts of a picture are: without data, with huge peaks, on days of 23 and 25 hours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from corsadmin.admin.pictures.geometry import (
    bars,
    hour_ticks,
    number,
    rise,
    rooms,
    scale_of,
    share_of,
    week_ticks,
)
from corsadmin.admin.pictures.weeks import weeks_from

BERLIN = ZoneInfo("Europe/Berlin")
KATHMANDU = ZoneInfo("Asia/Kathmandu")


@pytest.mark.parametrize(("peak", "top", "step"), [
    pytest.param(0, 1, 1, id="nothing at all"),
    pytest.param(1, 1, 1, id="one call"),
    pytest.param(4, 4, 1, id="a few"),
    pytest.param(5, 6, 2, id="one more, in steps of two"),
    pytest.param(9, 10, 5, id="nine end at ten"),
    pytest.param(20, 20, 5, id="a round peak is the top"),
    pytest.param(1_234, 1_500, 500, id="a thousand"),
    pytest.param(10**18 + 1, 15 * 10**17, 5 * 10**17, id="a quintillion"),
])  # fmt: skip
def test_a_scale_is_round_and_holds_its_peak(peak, top, step):
    scale = scale_of(peak)

    assert (scale.top, scale.step) == (top, step)
    assert scale.top >= peak
    assert [line.value for line in scale.lines(0, 100)] == list(range(0, top + 1, step))


def test_the_lines_of_a_scale_go_up_from_the_ground():
    assert scale_of(9).lines(20, 80) == [(0, "100"), (5, "60"), (10, "20")]


@pytest.mark.parametrize(("values", "heights"), [
    pytest.param([], {}, id="no hour"),
    pytest.param([0, 0, 0], {}, id="hours without a call"),
    pytest.param([7], {0: "87.5"}, id="one hour"),
    pytest.param([8, 8, 8], {0: "100", 1: "100", 2: "100"}, id="all equal"),
    pytest.param([1, 0, 10_000_000], {0: "2", 2: "100"}, id="one call beside a huge peak"),
])  # fmt: skip
def test_bars_stand_on_the_ground_and_whatever_is_there_is_seen(values, heights):
    found = bars(values, scale_of(max(values, default=0)), 10, 100)

    assert {bar.place: bar.height for bar in found} == heights
    assert all(float(bar.y) + float(bar.height) == 110 for bar in found)
    assert all(
        float(bar.width[:-1]) == pytest.approx(80 / len(values), abs=0.01) for bar in found[:1]
    )


def test_bars_stand_in_the_middle_of_their_rooms():
    assert rooms(4) == [("0%", "25%"), ("25%", "25%"), ("50%", "25%"), ("75%", "25%")]
    assert rooms(0) == []
    assert [bar.x for bar in bars([1, 1, 1, 1], scale_of(1), 0, 10)] == [
        "2.5%",
        "27.5%",
        "52.5%",
        "77.5%",
    ]


def hours(begin, count, zone):
    return [(begin + timedelta(hours=hour)).astimezone(zone) for hour in range(count)]


@pytest.mark.parametrize(("begin", "count", "zone", "expected"), [
    pytest.param(
        datetime(2026, 6, 1, 22, tzinfo=UTC), 24, UTC,
        [(2, "00:00", True), (8, "06:00", False), (14, "12:00", True), (20, "18:00", False)],
        id="a day of 24 hours",
    ),
    pytest.param(
        datetime(2026, 3, 28, 22, tzinfo=UTC), 26, BERLIN,
        [(1, "00:00", True), (6, "06:00", False), (12, "12:00", True), (18, "18:00", False),
         (24, "00:00", True)],
        id="one of 23 hours",
    ),
    pytest.param(
        datetime(2026, 10, 24, 21, tzinfo=UTC), 27, BERLIN,
        [(1, "00:00", True), (8, "06:00", False), (14, "12:00", True), (20, "18:00", False)],
        id="one of 25 hours, and the last midnight is where no label has room",
    ),
    pytest.param(
        datetime(2026, 6, 1, 18, tzinfo=UTC), 12, KATHMANDU,
        [(1, "00:45", True), (7, "06:45", False)],
        id="a zone whose hours begin at a quarter to",
    ),
])  # fmt: skip
def test_hours_have_their_ticks_by_the_wall_clock(begin, count, zone, expected):
    found = list(hour_ticks(hours(begin, count, zone)))

    places = [round(float(tick.x[:-1]) * count / 100) for tick in found]
    shown = [
        (place, f"{tick.moment:%H:%M}", tick.is_labeled)
        for place, tick in zip(places, found, strict=True)
    ]
    assert [one for one in shown if one[0] != count - 1 or one[2]] == expected
    assert [tick.is_day for tick in found] == [f"{tick.moment:%H}" == "00" for tick in found]


def test_one_hour_has_no_tick():
    assert list(hour_ticks(hours(datetime(2026, 6, 1, tzinfo=UTC), 1, UTC))) == []


def test_days_have_a_tick_each_monday_and_a_label_every_second():
    days = [datetime(2026, 9, 2, tzinfo=UTC) + timedelta(days=day) for day in range(30)]

    found = list(week_ticks(days))

    assert [(tick.moment.day, tick.is_labeled) for tick in found] == [
        (7, True),
        (14, False),
        (21, True),
        (28, False),
    ]


@pytest.mark.parametrize(("value", "whole", "share"), [
    (0, 0, "0%"), (0, 9, "0%"), (9, 9, "100%"), (1, 3, "33.33%"), (1, 10**9, "0.5%"),
])  # fmt: skip
def test_a_share_that_is_there_is_seen(value, whole, share):
    assert share_of(value, whole) == share


@pytest.mark.parametrize(("value", "text"), [
    (0, "0"), (12.0, "12"), (12.345, "12.35"), (1e6, "1000000"), (0.001, "0"),
])  # fmt: skip
def test_numbers_of_attributes_know_no_language(value, text):
    assert number(value) == text


@pytest.mark.parametrize(("values", "index", "expected"), [
    pytest.param([0, 0, 0, 30, 30, 30], 3, (0, 30), id="from nothing"),
    pytest.param([10, 10, 10, 20, 20, 20], 3, (10, 20), id="to twice as many"),
    pytest.param([10, 10, 10, 19, 19, 19], 3, None, id="to less than that"),
    pytest.param([0, 0, 0, 4, 4, 4], 3, None, id="to a few"),
    pytest.param([1, 1, 1, 1, 1, 90], 5, (1, 90), id="just now"),
    pytest.param([90, 90], 0, None, id="with nothing before"),
    pytest.param([90, 90], 2, None, id="with nothing after"),
    pytest.param([50, 50, 50, 1, 1, 1], 3, None, id="a fall"),
])  # fmt: skip
def test_a_rise_is_told_from_what_was_before(values, index, expected):
    assert rise(values, index) == expected


MONDAY, SUNDAY = 1, 0


@pytest.mark.parametrize(("first", "begins_on", "columns", "row"), [
    pytest.param(date(2026, 11, 30), MONDAY, 12, 0, id="a Monday where weeks begin on it"),
    pytest.param(date(2026, 11, 30), SUNDAY, 13, 1, id="a Monday where weeks begin on Sunday"),
    pytest.param(date(2026, 12, 6), MONDAY, 13, 6, id="a Sunday where weeks begin on Monday"),
])  # fmt: skip
def test_a_calendar_has_a_row_for_each_day_of_the_week(first, begins_on, columns, row):
    weeks = weeks_from(first, {}, begins_on=begins_on)

    assert len(weeks.cells) == 84
    assert (weeks.cells[0].x, weeks.cells[0].y) == ("0%", 22 * row)
    assert len({cell.x for cell in weeks.cells}) == columns
    assert {cell.y for cell in weeks.cells} == {22 * place for place in range(7)}
    assert float(weeks.width[:-1]) == pytest.approx(100 / columns, abs=0.01)


def test_a_calendar_shows_how_much_is_on_a_day_and_where_months_begin():
    first = date(2026, 11, 30)
    counts = {first + timedelta(days=day): number for day, number in enumerate((0, 1, 2, 4, 5, 99))}

    cells = weeks_from(first, {**counts, date(2026, 1, 1): 7}, begins_on=1).cells

    assert [cell.level for cell in cells[:7]] == [0, 1, 2, 2, 3, 3, 0]
    assert sum(cell.number for cell in cells) == 111
    assert [cell.day for cell in cells if cell.is_first] == [
        first,
        date(2026, 12, 1),
        date(2027, 1, 1),
        date(2027, 2, 1),
    ]
