"""Origins as XLSX: read and written like CSV, and bounded against bombs."""

import io
import sys
import zipfile
from datetime import datetime

import openpyxl
import pytest
from openpyxl import xml

from corsadmin.models import Origin
from corsadmin.transfer import xlsx_format
from corsadmin.transfer.applying import Signature
from corsadmin.transfer.exporting import has_risks, read_tenants
from corsadmin.transfer.faults import TransferError
from corsadmin.transfer.xlsx_format import write_xlsx
from tests.factories import make_site
from tests.transfer.files import apply_file, faults_of

# As a spreadsheet has it: nothing says in which time zone.
MIDNIGHT = datetime(2027, 1, 31)  # noqa: DTZ001

pytestmark = pytest.mark.django_db


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def export(slugs=None):
    return b"".join(write_xlsx(read_tenants(slugs), risky=has_risks(slugs)))


def run(content, **choices):
    return apply_file(content, Signature(), format="xlsx", **choices)


def faults(content):
    return faults_of(content, format="xlsx")


@pytest.fixture(autouse=True)
def site():
    return make_site("acme")


def test_rows_are_imported(site):
    run(
        workbook(
            ["tenant", "pattern", "credentials", "enabled", "note", None],
            ["acme", "https://a.example", True, "no", 12],
            [None, None],
            ["acme", "https://b.example"],
        )
    )

    first, second = site.origins.order_by("pattern")
    assert (first.credentials, first.enabled, first.note) == (True, False, "12")
    assert (second.credentials, second.enabled, second.note) == (False, True, "")


@pytest.mark.parametrize(
    "note",
    [
        pytest.param("=1+1", id="R56 equals sign"),
        pytest.param("'=1", id="R56 quote and equals sign"),
        pytest.param("-1", id="R56 minus"),
        pytest.param("line\nline", id="line feed"),
        pytest.param("line\r\nline", id="carriage return and line feed"),
        pytest.param("\x0b\x1f", id="control characters"),
        pytest.param("_x000D_", id="what looks like an escaped character"),
        pytest.param(" spaces ", id="spaces"),
        pytest.param("é\u2028", id="beyond ASCII"),
    ],
)
def test_a_note_survives_export_and_import(note, site):
    row = Origin.objects.create(tenant=site, pattern="https://a.example", note=note)
    content = export()

    assert run(content, prune=True)[0] == []
    row.delete()
    run(content)
    assert site.origins.get().note == note


def test_accepted_risks_survive(site):
    Origin.objects.create(
        tenant=site, pattern="http://a.example", credentials=True, risk_accepted=True
    )

    assert run(export(), prune=True)[0] == []


def test_a_text_that_no_cell_holds_is_refused(site):
    Origin.objects.create(tenant=site, pattern="https://a.example", note="x" * 40_000)

    with pytest.raises(TransferError, match="acme: https://a"):
        export()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([["tenant"]], [("row 1", "key-missing")], id="a column is missing"),
        pytest.param([], [("row 1", "key-missing")] * 2, id="an empty sheet"),
        pytest.param(
            [["tenant", "pattern", "note"], ["acme", "https://a.example", "=1+1"]],
            [("row 2, cell C2", "cell-formula")],
            id="R56 a formula",
        ),
        pytest.param(
            [
                ["tenant", "pattern", "valid_from"],
                ["acme", "https://a.example", MIDNIGHT],
            ],
            [("row 2, valid_from", "moment-without-zone")],
            id="a date of a spreadsheet",
        ),
        pytest.param(
            [["tenant", "pattern", "credentials"], ["acme", "https://a.example", 2]],
            [("row 2, credentials", "wrong-type")],
            id="a number for true",
        ),
    ],
)
def test_a_fault_names_its_row(rows, expected):
    assert faults(workbook(*rows)) == expected


def test_a_date_of_a_spreadsheet_can_be_taken_as_utc(site):
    content = workbook(["tenant", "pattern", "valid_from"], ["acme", "https://a.example", MIDNIGHT])

    run(content, fix=True)

    assert site.origins.get().valid_from.isoformat() == "2027-01-31T00:00:00+00:00"


def repacked(name, content):
    """Return a workbook in which one member holds something else."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(["tenant", "pattern"]))) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            new.writestr(member, content if member == name else old.read(member))
    return buffer.getvalue()


def test_r58_a_zip_that_unpacks_to_far_more_is_refused():
    content = repacked("xl/worksheets/sheet1.xml", b"0" * (xlsx_format.MAX_UNPACKED + 1))

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


def test_a_huge_workbook_is_refused(monkeypatch):
    monkeypatch.setattr(xlsx_format, "MAX_FILE", 100)

    assert faults(workbook(["tenant", "pattern"])) == [("", "unreadable")]


def test_without_openpyxl_the_way_out_is_told(monkeypatch):
    content = workbook(["tenant", "pattern"])
    monkeypatch.setitem(sys.modules, "openpyxl", None)

    assert faults(content) == [("", "unreadable")]


def test_without_defusedxml_the_way_out_is_told(monkeypatch):
    monkeypatch.setattr(xml, "DEFUSEDXML", False)

    assert faults(workbook(["tenant", "pattern"])) == [("", "unreadable")]
