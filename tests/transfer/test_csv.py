"""Origins as CSV: what spreadsheets write is read, and what they would run is not written."""

import csv
import io

import pytest

from corsadmin.models import Origin, Tenant
from corsadmin.transfer.formats.registry import FORMATS, format_for
from corsadmin.transfer.formats.tabular import neutral, restored
from corsadmin.transfer.plan.apply import Signature
from corsadmin.transfer.records.diagnostics import TransferError
from tests.factories import make_site
from tests.messages.screens import pattern
from tests.transfer.files import apply_file, faults_of

pytestmark = pytest.mark.django_db

HEADING = "tenant,pattern,credentials,scope,enabled,valid_from,valid_until,note"
WHOLE = f"{HEADING},risk_accepted,made_by"


def table(*rows, heading=HEADING):
    return "\r\n".join([heading, *rows, ""])


def export(slugs=None):
    return "".join(map(str, FORMATS["csv"].write(slugs)))


def run(content, **choices):
    return apply_file(content, Signature(), format="csv", **choices)


@pytest.fixture(autouse=True)
def site():
    return make_site("acme")


def test_rows_are_imported(site):
    lines, _made = run(
        table(
            "acme,https://a.example,true,/api/,false,2027-01-01T00:00:00Z,2028-01-01T00:00:00Z,hi",
            "acme,https://b.example,,,,,,",
            "",
            "platform,https://c.example,NO,,1,,,",
        )
    )

    assert lines == [
        (
            "+ acme: origin https://a.example /api/: credentials true, enabled false, valid_from "
            '"2027-01-01T00:00:00Z", valid_until "2028-01-01T00:00:00Z", note "hi"'
        ),
        "+ acme: origin https://b.example",
        "+ platform: origin https://c.example",
    ]
    assert site.origins.get(pattern="https://b.example").enabled is True
    assert site.paths.exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("tenant;pattern;note\nacme;https://a.example;x,y\n", id="semicolons"),
        pytest.param("tenant\tpattern\tnote\nacme\thttps://a.example\tx,y\n", id="tabs"),
        pytest.param("note,pattern,tenant\n'x',https://a.example,acme", id="columns in any order"),
        pytest.param("\ufefftenant,pattern\nacme,https://a.example\n", id="R59 byte order mark"),
        pytest.param("tenant,pattern\racme,https://a.example\r", id="R59 carriage returns only"),
        pytest.param("sep=;\r\ntenant;pattern\r\nacme;https://a.example\r\n", id="a separator"),
        pytest.param("tenant, pattern \r\nacme,https://a.example\r\n", id="spaces in the heading"),
        pytest.param("tenant,pattern\nacme,https://a.example\n".encode("utf-16"), id="R59 UTF-16"),
    ],
)
def test_what_spreadsheets_write_is_read(content, site):
    run(content)

    assert site.origins.get().pattern == "https://a.example"


@pytest.mark.slow
@pytest.mark.parametrize(
    "note",
    [
        pytest.param("line\nline", id="line feed"),
        pytest.param("line\rline", id="carriage return"),
        pytest.param("line\r\nline", id="both"),
        pytest.param("a\x85b\u2028c\x0bd", id="R59 what only Python takes for a line end"),
        pytest.param('say "a, b; c"', id="quotes and separators"),
        pytest.param("=1+1", id="R56 equals sign"),
        pytest.param("+1", id="R56 plus"),
        pytest.param("-1", id="R56 minus"),
        pytest.param("@x", id="R56 at"),
        pytest.param("\t=1", id="R56 tab"),
        pytest.param("\r=1", id="R56 carriage return"),
        pytest.param("\uff1d1", id="R56 full-width equals sign"),
        pytest.param("'=1", id="R56 a quote before it already"),
        pytest.param("''@x", id="R56 two quotes"),
        pytest.param("'quoted'", id="a quote before harmless text"),
        pytest.param(" leading and trailing ", id="spaces"),
    ],
)
def test_a_note_survives_export_and_import(note, site):
    row = Origin.objects.create(tenant=site, pattern="https://a.example", note=note)
    text = export()

    assert run(text, prune=True)[0] == []
    row.delete()
    run(text)
    assert site.origins.get().note == note


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_r56_no_cell_is_written_that_a_spreadsheet_would_run(sign, site):
    Origin.objects.create(tenant=site, pattern="https://a.example", note=f"{sign}1+1")

    (row,) = csv.DictReader(io.StringIO(export(), newline=""))

    assert row["note"] == f"'{sign}1+1"
    assert restored(neutral(f"{sign}1")) == f"{sign}1"


def test_every_column_is_written(site):
    assert export().splitlines() == [WHOLE]
    Origin.objects.create(
        tenant=site, pattern="http://a.example", credentials=True, risk_accepted=True
    )

    assert export().splitlines() == [
        WHOLE,
        "acme,http://a.example,true,,true,,,,true,",
    ]
    assert export(["platform"]).splitlines() == [WHOLE]
    assert run(export(), prune=True)[0] == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("", [("line 1", "unreadable")], id="empty"),
        pytest.param("\n\n", [("line 1", "unreadable")], id="empty lines"),
        pytest.param(
            "tenant,colour\n",
            [("line 1", "key-unknown"), ("line 1", "column-missing")],
            id="unknown column",
        ),
        pytest.param(
            "tenant,pattern,note,note\n", [("line 1", "column-open")] * 2, id="column twice"
        ),
        pytest.param(table("acme,https://a.example"), [("line 2", "cell-count")], id="too few"),
        pytest.param(
            table("acme,https://a.example,,,,,,,x"), [("line 2", "cell-count")], id="too many"
        ),
        pytest.param(
            table("acme,https://a.example:443,maybe,api,,soon,2027-01-01,"),
            [
                ("line 2, credentials", "wrong-type"),
                ("line 2, valid_from", "moment-invalid"),
                ("line 2, valid_until", "moment-without-zone"),
                ("line 2, scope", "path-leading-slash-missing"),
                ("line 2, pattern", "origin-default-port"),
            ],
            id="every fault of a row",
        ),
        pytest.param(table("acme,,,,,,,"), [("line 2, pattern", "origin-empty")], id="no pattern"),
        pytest.param(
            table(",https://a.example,,,,,,"), [("line 2, tenant", "slug-empty")], id="no tenant"
        ),
        pytest.param(
            table("nobody,https://a.example,,,,,,"),
            [("line 2, tenant", "tenant-unknown")],
            id="unknown",
        ),
        pytest.param(
            table('acme,https://a.example,,,,,,"two\nlines"', "acme,https://a.example,,,,,,"),
            [("line 4", "duplicate")],
            id="an origin twice, counted in lines",
        ),
        pytest.param(
            table("acme,https://a.example,,,,,,\0"),
            [("line 2, note", "text-unstorable")],
            id="R59 NUL",
        ),
        pytest.param(
            table('acme,https://a.example,,,,,,"x'), [("line 2", "unreadable")], id="open quote"
        ),
        pytest.param(
            table("acme,https://a.example,,,,,," + "x" * 200_000),
            [("line 2", "unreadable")],
            id="R59 a cell of 200 kB",
        ),
        pytest.param(
            table("acme,https://a.example,,,,,,café").encode("latin-1"),
            [("", "unreadable")],
            id="R59 latin-1",
        ),
        pytest.param(b"\x89PNG\r\n\x1a\n", [("", "unreadable")], id="R59 an image"),
        pytest.param(
            "tenant,pattern\nacme,https://a.example\n".encode("utf-16")[:-1],
            [("", "unreadable")],
            id="R59 UTF-16 cut short",
        ),
    ],
)
def test_a_fault_names_its_line_and_column(content, expected):
    assert faults_of(content, format="csv") == expected
    assert not Origin.objects.exists()


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        pytest.param("", "line 1", "transfer-heading-missing", id="empty"),
        pytest.param("sep=;\n", "line 2", "transfer-heading-missing", id="only a separator"),
        pytest.param(
            "sep=;\ntenant;pattern\nacme;https://a.example:443\n",
            r"line 3, pattern \(acme\)",
            "message-write",
            id="a line",
        ),
        pytest.param(
            "tenant,pattern\n".encode("utf-16-le"),
            "line 1",
            "transfer-no-text",
            id="R59 UTF-16 without a mark",
        ),
        pytest.param(
            table('acme,https://a.example,,,,,,"x'),
            "line 2",
            "transfer-quote-open",
            id="an open quote",
        ),
        pytest.param(
            table("acme,https://a.example,,,,,," + "x" * 200_000),
            "line 2",
            "transfer-cell-too-big",
            id="R59 a cell of 200 kB",
        ),
        pytest.param(
            table(*["acme,https://a.example,,,,,,"] * 2, "x" * 10_000_000),
            "line 4",
            "transfer-line-too-long",
            id="R59 a cell of 10 MB",
        ),
        pytest.param(
            table('acme,"https://a.example"x,,,,,,'),
            "line 2",
            "transfer-invalid-csv",
            id="a stray quote",
        ),
    ],
)
def test_a_table_that_cannot_be_read_says_where_and_why(content, place, reason):
    with pytest.raises(TransferError, match=f"^{place}: .*{pattern(reason)}"):
        run(content)


def test_only_some_tenants_can_be_imported():
    run(table("acme,https://a.example,,,,,,", "nobody,bad,,,,,,"), only=frozenset({"acme"}))

    assert Origin.objects.get().pattern == "https://a.example"


def test_prune_removes_origins_only(site):
    Origin.objects.create(tenant=site, pattern="https://old.example")
    make_site("rival", origins=["https://rival.example"])

    lines, _made = run(table("acme,https://a.example,,,,,,"), prune=True)

    assert lines == ["- acme: origin https://old.example", "+ acme: origin https://a.example"]
    assert Tenant.objects.get(slug="acme").hosts.exists()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.json", "json"),
        ("a.yaml", "yaml"),
        ("a.YML", "yaml"),
        ("a.csv", "csv"),
        ("a.tsv", "csv"),
        ("-", "json"),
        ("a.txt", "json"),
    ],
)
def test_the_name_of_a_file_tells_its_format(name, expected):
    assert format_for(name) == expected
