"""Origins as XLSX: read and written like CSV, and bounded against bombs."""

from datetime import date, datetime

import pytest

from corsadmin.models import Origin
from corsadmin.transfer.exporting import read_tenants
from corsadmin.transfer.formats.bounds import PAGE
from corsadmin.transfer.formats.grid import OddCell
from corsadmin.transfer.formats.workbook_limits import measure_workbook
from corsadmin.transfer.formats.xlsx_format import write_xlsx
from corsadmin.transfer.formats.xlsx_sheet import Sheets
from corsadmin.transfer.plan import staging
from corsadmin.transfer.plan.apply import Signature
from corsadmin.transfer.records.diagnostics import TransferError
from tests.factories import make_site
from tests.transfer.files import apply_file, faults_of
from tests.transfer.hostile_workbooks import workbook_with_strings
from tests.transfer.workbooks import SHEET, repacked, workbook

# As a spreadsheet has it: nothing says in which time zone.
MIDNIGHT = datetime(2027, 1, 31)  # noqa: DTZ001

pytestmark = pytest.mark.django_db


def export(slugs=None):
    return b"".join(write_xlsx(read_tenants(slugs)))


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
            ["tenant", "pattern", "credentials", "enabled", "note", " "],
            ["acme", "https://a.example", True, "no", 12],
            [None, None],
            ["acme", "https://b.example"],
        )
    )

    first, second = site.origins.order_by("pattern")
    assert (first.credentials, first.enabled, first.note) == (True, False, "12")
    assert (second.credentials, second.enabled, second.note) == (False, True, "")


@pytest.mark.slow
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


def test_long_notes_are_written_as_they_come(site, monkeypatch):
    """A batch of them would not fit into memory."""
    monkeypatch.setattr(staging, "_MAX_NOTES", 20)
    rows = [["acme", f"https://{number}.example", "x" * number] for number in (15, 10, 20)]

    run(workbook(["tenant", "pattern", "note"], *rows))

    assert sorted(len(entry.note) for entry in site.origins.all()) == [10, 15, 20]


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
        pytest.param([["tenant"]], [("row 1", "column-missing")], id="a column is missing"),
        pytest.param([], [("row 1", "column-missing")] * 2, id="an empty sheet"),
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


def cells(*written):
    """Return the values of the cells of a sheet's only row."""
    content = workbook_with_strings(
        f"<row>{''.join(written)}</row>", "<r><t>a</t></r><r><t>b</t></r>"
    )
    tags = measure_workbook(content, PAGE)
    book = Sheets(content, tags, PAGE)
    ((_number, found),) = book.rows(book.names[0])
    return [*found.values()]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        pytest.param('<c t="s"><v>0</v></c>', "ab", id="a shared text in runs"),
        pytest.param('<c t="b"><v>1</v></c>', True, id="true"),
        pytest.param('<c t="d"><v>2027-01-31</v></c>', date(2027, 1, 31), id="a date in ISO 8601"),
        pytest.param('<c t="inlineStr"/>', None, id="a text that is missing"),
        pytest.param("<c/>", None, id="an empty cell"),
        pytest.param("<c><v>1.5</v></c>", 1.5, id="a number"),
        pytest.param(
            '<c t="e"><v>#N/A</v></c>', OddCell("A1", "#N/A", "cell-error"), id="an error"
        ),
        pytest.param(
            '<c t="str"><f>B1&amp;C1</f><v>x</v></c>',
            OddCell("A1", "=B1&C1", "cell-formula", "x"),
            id="a formula with what it had",
        ),
        pytest.param('<c s="1"><v>99999999999</v></c>', "#VALUE!", id="a date in no year"),
        pytest.param('<c t="str"><v>x</v></c>', "x", id="a text"),
    ],
)
def test_a_cell_is_read_as_what_it_is(written, value):
    assert cells(written) == [value]


def test_a_workbook_that_breaks_off_is_refused():
    assert faults(repacked(SHEET, b"<worksheet>")) == [("", "unreadable")]
