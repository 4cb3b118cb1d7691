"""Workbooks that would cost far more than they weigh, and those that say what is not so."""

import io
import sys
import zipfile
from dataclasses import replace

import pytest
from openpyxl import xml

from corsadmin.admin.import_file.tables import MAX_ROWS
from corsadmin.transfer.exporting import read_tenants
from corsadmin.transfer.formats import workbook_limits, xlsx_format
from corsadmin.transfer.formats.bounds import COMMAND, PAGE
from corsadmin.transfer.formats.columns import HEADING as COLUMNS
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.grid import MAX_COLUMNS
from corsadmin.transfer.formats.xlsx_format import write_xlsx
from corsadmin.transfer.plan.apply import Signature
from tests.factories import make_site
from tests.messages.screens import pattern
from tests.transfer.files import apply_file, faults_of
from tests.transfer.workbooks import repacked, row, sheet, workbook

pytestmark = pytest.mark.django_db

HEADING = ["tenant", "pattern"]


def faults(content):
    return faults_of(content, format="xlsx")


def test_a_sheet_that_says_too_small_a_size_is_read_to_its_end():
    site = make_site("acme")
    content = sheet(row(2, A="acme", B="https://a.example"), size="A1:B1")

    apply_file(content, Signature(), format="xlsx")

    assert site.origins.get().pattern == "https://a.example"


def test_cells_without_a_heading_are_passed_over():
    site = make_site("acme")

    apply_file(workbook(HEADING, ["acme", "https://a.example", "x"]), Signature(), format="xlsx")

    assert site.origins.get().note == ""


def test_r58_a_row_beyond_the_end_of_every_sheet_is_refused():
    far = row(2_000_000_000, A="acme", B="https://a.example")

    assert faults(sheet(far)) == [("row 2000000000", "unreadable")]


def test_r58_cells_far_to_the_right_cost_nothing():
    make_site("acme")
    rows = [row(2 + number, ZZZ="x") for number in range(5_000)]

    assert apply_file(sheet(*rows), Signature(), format="xlsx")[0] == []


def test_r58_a_heading_of_very_many_columns_is_refused():
    names = [f"column {number}" for number in range(MAX_COLUMNS)]

    assert faults(workbook([*HEADING, *names])) == [("row 1", "unreadable")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        pytest.param("<row>" + "<c/>" * 7_000_000 + "</row>", id="cells"),
        pytest.param("<row/>" * 7_000_000, id="rows"),
    ],
)
def test_r58_few_bytes_that_are_very_many_cells_are_refused(content):
    bomb = sheet(content)

    assert len(bomb) < 100_000
    assert faults(bomb) == [("", "unreadable")]


def test_what_cannot_be_read_again_is_not_written(monkeypatch):
    make_site("acme", origins=["https://a.example", "https://b.example"])
    monkeypatch.setattr(xlsx_format, "MAX_WRITTEN", 2)
    assert list(write_xlsx(read_tenants()))

    monkeypatch.setattr(xlsx_format, "COMMAND", replace(COMMAND, tags=100))
    with pytest.raises(BrokenTextError, match=pattern("transfer-too-many-cells")):
        list(write_xlsx(read_tenants()))
    monkeypatch.setattr(xlsx_format, "MAX_WRITTEN", 1)
    with pytest.raises(BrokenTextError, match=pattern("transfer-too-many-rows")):
        list(write_xlsx(read_tenants()))


def test_as_many_rows_as_are_written_can_be_read_again():
    cells = len(COLUMNS) * 6 + 2

    assert xlsx_format.MAX_WRITTEN * cells < COMMAND.tags
    assert xlsx_format.MAX_WRITTEN * cells < COMMAND.attributes
    assert MAX_ROWS * cells < PAGE.tags


@pytest.mark.slow
def test_r58_a_zip_that_unpacks_to_far_more_is_refused():
    content = repacked("xl/worksheets/sheet1.xml", b"0" * (COMMAND.unpacked + 1))

    assert len(content) < 1_000_000
    assert faults(content) == [("", "unreadable")]


def test_r58_a_zip_that_lies_about_its_size_is_refused():
    content = repacked("xl/worksheets/sheet1.xml", b"0" * 10_000_000)
    liar = content.replace((10_000_000).to_bytes(4, "little"), (10_000).to_bytes(4, "little"))

    assert liar != content
    assert faults(liar) == [("", "unreadable")]


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_r58_a_billion_laughs_are_refused(name):
    laughs = '<!DOCTYPE l [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + step)} "{f"&{chr(97 + step)};" * 10}">' for step in range(9)
    )

    assert faults(repacked(name, f"{laughs}]><l>&j;</l>".encode())) == [("", "unreadable")]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"PK\x03\x04 and so on", id="no zip"),
        pytest.param(b"tenant,pattern\n", id="a table of text"),
    ],
)
def test_what_is_no_workbook_is_refused(content):
    assert faults(content) == [("", "unreadable")]


def test_r58_very_many_members_are_refused():
    buffer = io.BytesIO(workbook(HEADING))
    with zipfile.ZipFile(buffer, "a") as archive:
        for number in range(workbook_limits.MAX_MEMBERS):
            archive.writestr(str(number), "")

    assert faults(buffer.getvalue()) == [("", "unreadable")]


def test_a_huge_workbook_is_refused(monkeypatch):
    monkeypatch.setattr(workbook_limits, "MAX_FILE", 100)

    assert faults(workbook(["tenant", "pattern"])) == [("", "unreadable")]


def test_without_openpyxl_the_way_out_is_told(monkeypatch):
    content = workbook(["tenant", "pattern"])
    monkeypatch.setitem(sys.modules, "openpyxl", None)

    assert faults(content) == [("", "unreadable")]


def test_without_defusedxml_the_way_out_is_told(monkeypatch):
    monkeypatch.setattr(xml, "DEFUSEDXML", False)

    assert faults(workbook(["tenant", "pattern"])) == [("", "unreadable")]
