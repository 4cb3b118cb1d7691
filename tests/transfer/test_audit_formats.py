"""Audit files as CSV and XLSX: no cell is run, and an incomplete file does not look complete."""

import csv
import io
import random

import openpyxl
import pytest
from django.db import DatabaseError

from corsadmin.models import Origin
from corsadmin.models.policy_rows import OriginRow, RuleRow
from corsadmin.transfer.audit.cells import audit_cell, origin_risk_cell, rule_risk_cell
from corsadmin.transfer.audit.csv_file import INCOMPLETE, MAX_PIECE, write_audit_csv
from corsadmin.transfer.audit.registry import AUDIT_FORMATS
from corsadmin.transfer.audit.table import AuditTable
from corsadmin.transfer.audit.workbook import CUT, write_audit_workbook
from corsadmin.transfer.formats.tabular import neutral, restored
from tests.factories import OriginFactory, make_site
from tests.messages.screens import assert_says

HOSTILE = {
    "a formula": ("=1+1", "'=1+1"),
    "a sum": ("+1", "'+1"),
    "a difference": ("-1", "'-1"),
    "a function of Lotus": ("@SUM(1)", "'@SUM(1)"),
    "after a space": ("  =1", "'  =1"),
    "after a space that does not break": ("\xa0\u200b\ufeff=1", "'\xa0\u200b\ufeff=1"),
    "after a tab": ("\t=1", "'\t=1"),
    "after an end of line": ("\r\n=1", "'\r\n=1"),
    "after an apostrophe": ("'=1", "''=1"),
    "wide signs": ("\uff1d1", "'\uff1d1"),
    "after a NUL": ("\0=1", "\\u0000=1"),
    "a NUL inside": ("a\0b", "a\\u0000b"),
    "half a character": ("a\ud800b", "a\\ud800b"),
    "quotes, commas and lines": ('a "b", c\nd', 'a "b", c\nd'),
    "markup": ("<a>&amp;", "<a>&amp;"),
    "an escape of workbooks": ("_x0041_", "_x0041_"),
    "letters of the world": ("münchen 東京", "münchen 東京"),
    "a list": (["GET", "=1"], "GET, =1"),
    "a list that begins with a formula": (["=1"], "'=1"),
    "any other value": ({"=": [1]}, '{"=": [1]}'),
    "a number below nothing": (-5, "'-5"),
    "nothing": (None, ""),
    "no text": ("", ""),
}


@pytest.mark.parametrize(("value", "expected"), HOSTILE.values(), ids=HOSTILE)
def test_no_cell_is_run_and_every_cell_can_be_written(value, expected):
    cell = audit_cell(value)
    text = "".join(write_audit_csv(["a", "b"], [["x", cell]]))
    book = b"".join(write_audit_workbook(["a", "b"], [["x", cell]]))
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active

    assert cell == expected
    assert [*csv.reader(io.StringIO(text, newline=""))] == [["a", "b"], ["x", expected]]
    assert sheet["B2"].data_type in {"s", "inlineStr", "n"}
    read = openpyxl.utils.escape.unescape(sheet["B2"].value or "")
    assert read == expected


@pytest.mark.parametrize("space", [" ", "\xa0", "\u2003", "\ufeff", "' "])
def test_a_formula_after_spaces_is_written_and_read_by_exports_too(space):
    assert neutral(f"{space}=1") == f"'{space}=1"
    assert restored(neutral(f"{space}=1")) == f"{space}=1"
    assert restored(neutral(f"{space}1")) == f"{space}1"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("https://a.example", "", id="nothing"),
        pytest.param("https://*.github.io", "risk-public-suffix", id="below a public suffix"),
        pytest.param("http://*.com", "risk-plain-http risk-public-suffix", id="two"),
        pytest.param("no origin", "invalid", id="what is not valid"),
        pytest.param(b"x", "invalid", id="bytes"),
    ],
)
def test_the_risk_of_an_origin(pattern, expected):
    row = OriginRow(pattern, True, True, "", None, None, False, "", "")

    assert origin_risk_cell(row) == expected


RULE = RuleRow("/", True, False, False, False, ["GET"], [], [], None, False, "")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({}, "", id="nothing"),
        pytest.param({"any_origin": True}, "any-origin", id="any origin"),
        pytest.param({"credentials": True, "request_headers": ["*"]}, "echo", id="an echo"),
        pytest.param({"credentials": True, "methods": 5, "request_headers": [1]}, "", id="broken"),
    ],
)
def test_the_risk_of_a_path_rule(values, expected):
    assert rule_risk_cell(RULE._replace(**values)) == expected


def test_a_long_text_is_cut_where_everybody_sees_it():
    book = b"".join(write_audit_workbook(["a"], [["x" * 40_000]]))
    cell = openpyxl.load_workbook(io.BytesIO(book)).active["A2"].value

    assert len(cell) == 32_767
    assert cell.endswith("x" + CUT)


@pytest.mark.parametrize("name", AUDIT_FORMATS)
def test_a_table_of_nothing_has_its_heading(db, name):
    content = AUDIT_FORMATS[name].write(["tenant", "pattern"], AuditTable(Origin.objects.none()))
    pieces = [*content]

    if name == "csv":
        assert pieces == ["tenant,pattern\r\n"]
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(b"".join(pieces))).active
        assert [*sheet.values] == [("tenant", "pattern")]


def failing():
    yield ["x" * 10 + "\r\n"] * 2
    for _number in range(3):
        yield ["y" * MAX_PIECE]
    message = "the server is gone"
    raise DatabaseError(message)


def arrived(pieces):
    """Return what a reader has got when the reading of rows fails."""
    found = []

    def read():
        for piece in pieces:
            found.append(piece)  # noqa: PERF402 (what came before the error is kept)

    with pytest.raises(DatabaseError):
        read()
    return found


def test_a_failure_is_the_last_line_of_a_table_and_in_the_log(caplog):
    pieces = arrived(write_audit_csv(["a", "b"], failing()))

    assert "".join(pieces).splitlines()[-1] == f'"{INCOMPLETE}"'
    assert_says(caplog.text, "log-audit-incomplete", count=4)


def test_a_failure_leaves_a_workbook_that_nobody_can_open():
    pieces = arrived(write_audit_workbook(["a"], failing()))

    with pytest.raises(Exception, match="not a zip file"):
        openpyxl.load_workbook(io.BytesIO(b"".join(pieces)))


def test_a_workbook_is_sent_while_it_is_made():
    """What cannot be packed fills a piece soon."""
    noise = random.Random(1)
    rows = ([noise.randbytes(300).hex()] for _row in range(2_000))
    pieces = [*write_audit_workbook(["a"], rows)]

    assert len(pieces) > 2
    assert openpyxl.load_workbook(io.BytesIO(b"".join(pieces))).active.max_row == 2_001


@pytest.mark.parametrize(("most", "expected"), [(None, False), (2, False), (1, True)])
def test_a_format_is_too_small_for_more_rows(db, most, expected):
    acme = make_site("acme")
    for name in ("a", "b"):
        OriginFactory(tenant=acme, pattern=f"https://{name}.example")

    assert (
        AUDIT_FORMATS["csv"]._replace(max_rows=most).is_too_small(Origin.objects.all()) == expected
    )
