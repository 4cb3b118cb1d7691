"""Tables as people keep them: where their rows and tenants are found."""

import io

import pytest

from corsadmin.models import Tenant
from corsadmin.models.access import Access
from corsadmin.transfer.formats.bounds import PAGE
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.headings import MAX_HEAD
from corsadmin.transfer.formats.merged_cells import CellRow, fill_down
from corsadmin.transfer.formats.table_choices import TableChoices
from corsadmin.transfer.formats.tables import open_table
from corsadmin.transfer.records.check import Record
from tests.factories import TenantMemberFactory, UserFactory, make_site
from tests.messages.screens import filled, pattern
from tests.transfer.spreadsheets import NEW, book, merged, opened, read, table
from tests.transfer.workbooks import repacked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tenants():
    make_site("acme")
    Tenant.objects.filter(slug="acme").update(name="Acme Inc.")
    for slug in ("one", "two"):
        Tenant.objects.create(slug=slug, name="Twin")
    Tenant.objects.create(slug="007", name="Bond")
    Tenant.objects.create(slug="7", name="Seven")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(table("Kunde;Domäne", f"acme;{NEW}", encoding="cp1252"), id="a German Excel"),
        pytest.param(table("Kunde;Domäne", f"acme;{NEW}", encoding="utf-8-sig"), id="a mark"),
        pytest.param(table("Kunde\tDomäne", f"acme\t{NEW}", encoding="utf-16"), id="Unicode text"),
        pytest.param(table("Our origins, 2026;", "", "Customer;URL", f"acme;{NEW}"), id="a title"),
        pytest.param(table(";;", ";Customer;URL", f";acme;{NEW}", ";;"), id="empty ones around"),
        pytest.param(
            table('"Customer\nname",URL', f"Acme Inc.,{NEW}"), id="a heading of two lines"
        ),
        pytest.param(table("Customer,URL,,", f" Acme  Inc. , {NEW} ,,"), id="blanks in the cells"),
        pytest.param(
            [[None], ["Report", None], [None, "Cliente", "URL"], [None, "acme", NEW]], id="a sheet"
        ),
    ],
)
def test_a_table_is_read_wherever_it_begins(content):
    assert read(content) == ([("acme", {"pattern": NEW})], [])


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("cp1252", "Windows-1252"), ("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16")],
)
def test_the_encoding_is_told(encoding, expected):
    found = opened(table("tenant,pattern,note", f"acme,{NEW},café", encoding=encoding))

    assert [entry.written["note"] for entry in found.records()] == ["café"]
    assert found.grid.encoding == expected


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"tenant,pattern\nacme,\xc3\xa9\nacme,\xe9\n", id="both UTF-8 and not"),
        pytest.param(b"tenant,pattern\nacme,\x81\n", id="a byte that Windows-1252 has not"),
        pytest.param(b"tenant,pattern\nacme,\xe9\x01\n", id="a control character"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="an image"),
        pytest.param(b"tenant,pattern\n" + b"a" * 70_000 + b"\xe9\x01", id="far below"),
    ],
)
def test_what_is_in_no_known_encoding_is_refused(content):
    with pytest.raises(BrokenTextError, match="UTF-8"):
        list(opened(content).records())


@pytest.mark.parametrize(
    ("cell", "slug", "fault"),
    [
        pytest.param("acme", "acme", None, id="a slug"),
        pytest.param("Acme Inc.", "acme", None, id="a name"),
        pytest.param("Twin", "Twin", "tenant-name-shared", id="a name of two"),
        pytest.param("Nobody Inc.", "Nobody Inc.", "tenant-unknown", id="of nobody"),
        pytest.param("nobody", "nobody", "tenant-unknown", id="a slug of nobody"),
        pytest.param("ACME", "ACME", "slug-upper-case", id="a slug in capitals"),
        pytest.param("", "", "slug-empty", id="nothing"),
        pytest.param("x" * 300, "x" * 300, "tenant-unknown", id="longer than every name"),
        pytest.param("007", "007", None, id="digits as text"),
        pytest.param(7, "7", "cell-number", id="a number, of which zeros may be lost"),
        pytest.param("#N/A", "#N/A", "cell-error", id="an error"),
    ],
)
def test_a_tenant_is_found_by_slug_or_by_the_name_of_one(cell, slug, fault):
    (row,), faults = read([["tenant", "pattern"], [cell, NEW]])

    assert row[0] == slug
    assert [code for _place, code in faults] == [fault] * bool(fault)


def test_what_a_slug_means_no_name_changes():
    Tenant.objects.create(slug="other", name="acme")

    assert read([["tenant", "pattern"], ["acme", NEW]])[0][0][0] == "acme"


@pytest.mark.parametrize("text", ["rival", "Rival Inc.", "missing", "Missing Inc."])
def test_r53_a_tenant_of_others_answers_as_one_that_does_not_exist(text):
    make_site("rival")
    Tenant.objects.filter(slug="rival").update(name="Rival Inc.")
    user = UserFactory(is_staff=True)
    TenantMemberFactory(tenant=Tenant.objects.get(slug="acme"), user=user, role="editor")
    TenantMemberFactory(tenant=Tenant.objects.get(slug="one"), user=user, role="viewer")

    content = table("tenant,pattern", f"{text},{NEW}", f"acme,{NEW}", f"Twin,{NEW}")
    records = list(opened(content, access=Access(user)).records())

    assert [[(fault.code, fault.value) for fault in record.faults] for record in records] == [
        [("tenant-unknown", text)],
        [],
        # Of the two with this name the user sees one, and may not change that.
        [("not-permitted", filled("transfer-change-tenant", slug="one"))],
    ]


def test_a_table_without_tenants_is_of_the_one_that_was_named():
    content = table("URL", NEW)

    assert read(content, into="acme") == ([("acme", {"pattern": NEW})], [])
    assert read(content) == ([], [("line 1", "column-missing")])


WHOLE = [["tenant", "pattern"], ["acme", NEW]]


@pytest.mark.parametrize(
    ("sheets", "choices", "sheet", "codes"),
    [
        pytest.param({"a": WHOLE}, {}, "a", [], id="the only one"),
        pytest.param({"help": [["x"]], "b": WHOLE}, {}, "b", [], id="the only one with origins"),
        pytest.param({"a_": WHOLE, "b": WHOLE}, {}, "b", [], id="the only one that is seen"),
        pytest.param({"a": WHOLE, "b": WHOLE}, {}, "a", ["sheet-open"], id="either of two"),
        pytest.param(
            {"a": WHOLE, "b": WHOLE}, {"sheet": "b"}, "b", [], id="the one that was named"
        ),
        pytest.param({"a": WHOLE}, {"sheet": "c"}, "a", ["sheet-unknown"], id="none of that name"),
        pytest.param(
            {"a_": WHOLE, "b": WHOLE}, {"sheet": "a_"}, "b", ["sheet-unknown"], id="a hidden one"
        ),
        pytest.param(
            {"a": [["x"]], "b": [["y"]]}, {}, "a", ["column-missing"] * 2, id="none with origins"
        ),
    ],
)
def test_one_sheet_is_read(sheets, choices, sheet, codes):
    found = opened(book(**sheets), **choices)

    assert (found.grid.sheet, [fault.code for fault in found.faults]) == (sheet, codes)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            [["tenant", "pattern"], ["acme", '="https://"&A1']],
            [("row 2, cell B2", "cell-formula")],
            id="a formula",
        ),
        pytest.param(
            [["tenant", "pattern", "note"], ["acme", NEW, "#NV"]],
            [("row 2, note", "cell-error")],
            id="an error of a German spreadsheet",
        ),
        pytest.param(
            [["tenant", "pattern", "comment", "ticket"], ["acme", NEW, "a", "b"]],
            [("row 1", "column-open")] * 2,
            id="two columns for one field",
        ),
        pytest.param(
            [["tenant", "pattern", "valid"], ["acme", NEW, "x"]],
            [("row 1", "column-open")],
            id="a heading for two fields",
        ),
        pytest.param(
            table("tenant,pattern", f"acme,{NEW},x"),
            [("line 2", "cell-count")],
            id="a cell too many",
        ),
    ],
)
def test_what_a_person_must_say_is_a_fault(content, expected):
    assert read(content)[1] == expected


def test_a_column_that_is_not_there_cannot_be_named():
    found = opened(table("tenant,pattern"), columns={"Kunde": "tenant"})

    assert [(fault.code, fault.value) for fault in found.faults] == [("column-unknown", "Kunde")]


def test_the_result_of_a_formula_is_offered():
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row><c t="inlineStr"><is><t>tenant</t></is></c><c t="inlineStr"><is><t>url</t></is></c></row>'
        '<row><c t="inlineStr"><is><t>acme</t></is></c>'
        f'<c t="str"><f>A1&amp;"x"</f><v>{NEW}</v></c></row></sheetData></worksheet>'
    )
    (record,) = opened(repacked("xl/worksheets/sheet1.xml", xml.encode())).records()

    assert isinstance(record, Record)
    assert record.faults[0].suggestion == NEW


def test_cells_that_were_mended_stand_for_those_of_the_file():
    content = table("tenant,pattern,note", "acme,wrong,", "acme,https://b.example")

    rows, faults = read(content, mended={(2, 1): NEW, (3, 2): "x"})

    assert [row for _tenant, row in rows] == [
        {"pattern": NEW, "note": ""},
        {"pattern": "https://b.example", "note": "x"},
    ]
    assert faults == []


def test_more_rows_than_are_looked_for_at_once_are_read_in_their_order():
    lines = [f"acme,https://{number}.example" for number in range(1_203)]

    rows, faults = read(table("tenant,pattern", *lines))

    assert [row["pattern"] for _tenant, row in rows] == [line[5:] for line in lines]
    assert faults == []


def test_what_is_broken_below_is_told_after_the_rows_before_it():
    content = table("tenant,pattern", *[f"acme,{NEW}"] * (MAX_HEAD + 5), 'acme,"x')
    found = opened(content).records()

    for _row in range(MAX_HEAD + 5):
        assert isinstance(next(found), Record)
    with pytest.raises(BrokenTextError, match=pattern("transfer-quote-open")):
        next(found)


def test_the_bounds_of_a_page_hold_for_every_sheet():
    with pytest.raises(BrokenTextError):
        open_table(
            io.BytesIO(repacked("xl/workbook.xml", b"<a/>")), "xlsx", PAGE, TableChoices(), None
        )


def test_a_value_of_cells_merged_downwards_is_meant_in_each_row():
    content = merged(
        [
            ["Allowed origins", None, None],
            ["tenant", "pattern", "note"],
            ["acme", NEW, "shop"],
            [None, "https://b.example", None],
            [None, None, None],
            [None, "https://c.example", None],
            ["rival", "https://d.example", "x"],
            [None, "https://e.example", None],
        ],
        "A1:C1",
        "A3:A6",
        "C3:C4",
        "B8:C8",
    )

    assert [(slug, row["pattern"], row["note"]) for slug, row in read(content)[0]] == [
        ("acme", NEW, "shop"),
        ("acme", "https://b.example", "shop"),
        ("acme", "https://c.example", ""),
        ("rival", "https://d.example", "x"),
        ("", "https://e.example", ""),
    ]


@pytest.mark.parametrize("area", ["", "A:A", "A3", "ZZZ3:ZZZ9", "A9:A3", "A3:A99999999"])
def test_an_area_that_no_spreadsheet_writes_fills_nothing(area):
    rows: list[CellRow] = [(3, {1: "acme", 2: "x"}), (4, {2: "y"})]

    assert list(fill_down(rows, [area])) == rows
