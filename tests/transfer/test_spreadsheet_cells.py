"""Cells as people write them: yes and no, days, and several origins in one."""

import io
from datetime import date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from corsadmin.transfer.records.check import check_entry
from tests.factories import make_site
from tests.transfer.spreadsheets import NEW, opened, read, table

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def acme():
    make_site("acme")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *(
            (text, True)
            for text in ("TRUE", "yes", "Ja", "sí", "SI", "x", "✓", "WAHR", "1", 1, True, 1.0)
        ),
        *((text, False) for text in ("False", "no", "nein", "FALSCH", "0", 0, False)),
    ],
    ids=repr,
)
def test_yes_and_no_in_three_languages(cell, value):
    rows, faults = read([["tenant", "pattern", "cookies"], ["acme", NEW, cell]])

    assert (rows[0][1]["credentials"], faults) == (value, [])


@pytest.mark.parametrize("cell", ["perhaps", "2", 2, 0.5, "-", datetime(2027, 1, 1)], ids=repr)  # noqa: DTZ001
def test_what_is_neither_yes_nor_no_is_asked(cell):
    _rows, faults = read([["tenant", "pattern", "cookies"], ["acme", NEW, cell]])

    assert faults == [("row 2, credentials", "wrong-type")]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param(datetime(2026, 12, 31), "2026-12-31T23:59:00+01:00", id="a day"),  # noqa: DTZ001
        pytest.param(datetime(2026, 7, 1, 8, 30), "2026-07-01T08:30:00+02:00", id="a time"),  # noqa: DTZ001
        pytest.param("31.12.2026", "2026-12-31T23:59:00+01:00", id="German"),
        pytest.param("1.2.2026", "2026-02-01T23:59:00+01:00", id="German, the day is first"),
        pytest.param("12/31/2026", "2026-12-31T23:59:00+01:00", id="American"),
        pytest.param("31/12/2026", "2026-12-31T23:59:00+01:00", id="Spanish"),
        pytest.param("31-12-2026", "2026-12-31T23:59:00+01:00", id="with hyphens"),
        pytest.param("2026/12/31", "2026-12-31T23:59:00+01:00", id="the year first"),
        pytest.param("05/05/2026", "2026-05-05T23:59:00+02:00", id="the same either way"),
        pytest.param("31.12.2026 18:00", "2026-12-31T18:00:00+01:00", id="with a time"),
        pytest.param("31.12.2026, 18:00:05", "2026-12-31T18:00:05+01:00", id="with seconds"),
        pytest.param("2026-12-31T23:59:00Z", "2026-12-31T23:59:00Z", id="as a file has it"),
    ],
)
def test_dates_are_days_of_the_zone_that_was_named(cell, expected):
    rows, faults = read([["tenant", "pattern", "expires"], ["acme", NEW, cell]], zone=BERLIN)

    assert (rows[0][1]["valid_until"], faults) == (expected, [])


def test_a_date_in_iso_8601_is_a_day_too():
    made = openpyxl.Workbook(iso_dates=True)
    made.active.append(["tenant", "pattern", "expires"])
    made.active.append(["acme", NEW, date(2026, 12, 31)])
    buffer = io.BytesIO()
    made.save(buffer)

    rows, faults = read(buffer.getvalue(), zone=BERLIN)

    assert (rows[0][1]["valid_until"], faults) == ("2026-12-31T23:59:00+01:00", [])


def test_a_day_begins_with_its_first_minute():
    rows, _faults = read([["tenant", "pattern", "start"], ["acme", NEW, "1.3.2026"]], zone=BERLIN)

    assert rows[0][1]["valid_from"] == "2026-03-01T00:00:00+01:00"


@pytest.mark.parametrize(
    ("cell", "choices", "code"),
    [
        pytest.param("01/02/2026", {}, "date-either", id="day or month first"),
        pytest.param("31.12.26", {}, "moment-invalid", id="two digits for a year"),
        pytest.param("31.02.2026", {}, "moment-invalid", id="no day"),
        pytest.param("31 Dec 2026", {}, "moment-invalid", id="words"),
        pytest.param("13/13/2026", {}, "moment-invalid", id="no month"),
        pytest.param("12/31/2026", {"day_first": True}, "moment-invalid", id="not what was said"),
        pytest.param("31/12/2026", {"day_first": False}, "moment-invalid", id="nor otherwise"),
        pytest.param("31.12.2026", {"zone": None}, "moment-without-zone", id="no zone"),
        pytest.param(46387, {}, "moment-invalid", id="the number that Excel keeps"),
        pytest.param("46387", {}, "moment-invalid", id="the same in a CSV"),
        pytest.param(1234567, {}, "moment-invalid", id="another number"),
    ],
)
def test_a_date_that_is_not_certain_is_asked(cell, choices, code):
    choices = {"zone": BERLIN, **choices}
    _rows, faults = read([["tenant", "pattern", "until"], ["acme", NEW, cell]], **choices)

    assert faults == [("row 2, valid_until", code)]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        pytest.param(46387, "2026-12-31", id="in a workbook"),
        pytest.param("46387", "2026-12-31", id="in a CSV"),
        pytest.param(12345, "", id="a small number"),
        pytest.param(463870, "", id="a large number"),
    ],
)
def test_a_number_that_excel_keeps_for_a_day_has_the_day_as_its_correction(cell, day):
    found = opened([["tenant", "pattern", "until"], ["acme", NEW, cell]], zone=BERLIN)

    (entry,) = found.records()

    assert [one.suggestion for one in check_entry(entry).faults] == [day]


@pytest.mark.parametrize(("day_first", "month"), [(True, "02-01"), (False, "01-02")])
def test_somebody_says_which_of_day_and_month_comes_first(day_first, month):
    content = table("tenant,pattern,from", f"acme,{NEW},01/02/2026")

    rows, faults = read(content, day_first=day_first, zone=BERLIN)

    assert (rows[0][1]["valid_from"], faults) == (f"2026-{month}T00:00:00+01:00", [])


@pytest.mark.parametrize(
    ("cell", "patterns"),
    [
        ("https://a.example, https://b.example", ["https://a.example", "https://b.example"]),
        ("https://a.example\nhttps://b.example\n", ["https://a.example", "https://b.example"]),
        ("a.example; b.example", ["a.example", "b.example"]),
        ("https://a.example and https://b.example", ["https://a.example and https://b.example"]),
        ("https://a.example (old)", ["https://a.example (old)"]),
        (" ", [""]),
    ],
)
def test_several_origins_in_a_cell_are_a_row_each(cell, patterns):
    rows, _faults = read([["tenant", "pattern", "note"], ["acme", cell, "x"]])

    assert [(row["pattern"], row["note"]) for _tenant, row in rows] == [
        (one, "x") for one in patterns
    ]
