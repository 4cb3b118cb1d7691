"""Origins as XLSX: read and written like CSV, and bounded against bombs."""

from datetime import datetime

import pytest

from corsadmin.models import Origin
from corsadmin.transfer.exporting import has_risks, read_tenants
from corsadmin.transfer.formats.xlsx_format import write_xlsx
from corsadmin.transfer.plan import staging
from corsadmin.transfer.plan.apply import Signature
from corsadmin.transfer.records.diagnostics import TransferError
from tests.factories import make_site
from tests.transfer.files import apply_file, faults_of
from tests.transfer.workbooks import workbook

# As a spreadsheet has it: nothing says in which time zone.
MIDNIGHT = datetime(2027, 1, 31)  # noqa: DTZ001

pytestmark = pytest.mark.django_db


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
            ["tenant", "pattern", "credentials", "enabled", "note", " "],
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


def test_long_notes_are_written_as_they_come(site, monkeypatch):
    """A batch of them would not fit into memory."""
    monkeypatch.setattr(staging, "_HEAVY", 20)
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
