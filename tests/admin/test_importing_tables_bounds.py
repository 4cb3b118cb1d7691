"""Import in the admin: spreadsheets at their bounds, forged answers and the sample."""

import io

import openpyxl
import pytest

from corsadmin.admin.import_file import answers, mending
from corsadmin.admin.import_file.tables import MAX_ROWS
from corsadmin.admin.import_file.views import FULL
from corsadmin.models import Tenant
from corsadmin.transfer.formats import xlsx_format
from corsadmin.transfer.formats.columns import COLUMNS, HEADING
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.records.diagnostics import fault
from tests.admin.forms import fields_of
from tests.admin.imports import NEW, OLD, PAGE, check, patterns, problems, said, upload
from tests.admin.spreadsheets import WRONG, again, columns, wrong
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow


def test_what_the_file_lacks_goes_only_when_every_row_is_right(member, acme):
    shown = check(member, WRONG, prune="on")

    assert_says(shown, "import-remove-if-valid")
    assert "digest" not in fields_of(shown)
    again(member, shown, apply="x", digest="x")
    assert patterns(acme) == {OLD}


def test_more_rows_than_the_page_mends_are_counted(member, acme, monkeypatch):
    rows = "".join(f"acme,wrong {number},\n" for number in range(5))
    monkeypatch.setattr(mending, "MAX_SHOWN_ROWS", 3)

    shown = check(member, f"tenant,pattern,note\n{rows}")
    monkeypatch.setattr(mending, "MAX_FIELDS", 4)
    fewer = again(member, shown)

    assert (len(wrong(shown)), shown.context["wrong"], shown.context["hidden"]) == (3, 5, 2)
    assert_says(shown, "import-more-rows", counter=2)
    assert len(wrong(fewer)) == 2


def test_a_row_of_too_many_cells_is_mended_by_any_of_them(member, acme):
    shown = check(member, f"tenant,pattern\nacme,{NEW},x\n")

    assert shown.context["wrong_rows"][0].complaints == [
        fault("", "cell-count", "3 cells, not 2").sentence
    ]
    done = again(member, shown, **{"cell-2-1": f"{NEW}:8443"})
    assert again(member, done, apply="x").status_code == 302
    assert f"{NEW}:8443" in patterns(acme)


def test_a_table_without_tenants_is_of_the_one_that_was_entered(member, acme):
    shown = upload(member, "a.csv", f"URL\n{NEW}\n".encode())

    assert problems(shown) == [("line 1", "column-missing")]
    assert again(member, again(member, shown, into="acme"), apply="x").status_code == 302
    assert NEW in patterns(acme)


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param({"mended": "{"}, id="not JSON"),
        pytest.param({"mended": "[" * 100_000}, id="deep"),
        pytest.param({"mended": "[1]"}, id="a list"),
        pytest.param({"mended": '{"x": "y", "2-1": 3, "99999-1": "z"}'}, id="cells that are none"),
        pytest.param({"cell-2-99": "x", "cell-9999-0": "x"}, id="cells out of the table"),
        pytest.param({"column-1": "id", "column-77": "note"}, id="columns that are none"),
        pytest.param({"heading": "99", "dates": "year", "sheet": "x"}, id="a heading that is none"),
        pytest.param({"heading": "x"}, id="a heading that is not a number"),
        pytest.param({"take": "x"}, id="a correction of nothing"),
        pytest.param({"take": f"{'9' * 5_000}-1 x"}, id="a correction of a row without end"),
        pytest.param({"take": "9-9 x"}, id="a correction of a cell that is none"),
    ],
)
def test_what_was_made_up_changes_nothing(member, acme, forged):
    shown = check(member, f"tenant,pattern\nacme,{NEW}\n")

    response = again(member, shown, **forged)

    assert response.status_code == 200
    assert again(member, response, apply="x").status_code == 302
    assert patterns(acme) == {OLD, NEW}


def full(response):
    """Return whether the page says that it left out corrections."""
    return response.context.get("refused") == FULL and str(FULL) in response.content.decode()


@pytest.mark.parametrize("button", ["check", "apply", "rejects"])
def test_corrections_that_the_page_cannot_carry_are_refused_and_those_before_stay(
    member, acme, monkeypatch, button
):
    rows = "".join(f"acme,wrong {number}\n" for number in range(3))
    shown = check(member, f"tenant,pattern\n{rows}")
    first = again(member, shown, **{"cell-2-1": NEW})
    monkeypatch.setattr(answers, "MAX_MENDED", 60)

    left = again(member, first, **{button: "x", "cell-3-1": "https://other.example.com"})

    assert full(left)
    assert wrong(left) == [(3, {"origin": 1}), (4, {"origin": 1})]
    assert patterns(acme) == {OLD}
    rest = again(member, left, apply="x")  # what does fit can be imported, and makes room
    assert patterns(acme) == {OLD, NEW}
    mended = again(member, rest, **{"cell-3-1": "https://other.example.com"})
    assert "refused" not in mended.context
    assert wrong(mended) == [(4, {"origin": 1})]


def test_of_all_corrections_those_that_fit_are_made_and_then_the_next(member, acme, monkeypatch):
    rows = "".join(f"acme,https://ONE-{number}.example\n" for number in range(5))
    shown = check(member, f"tenant,pattern\n{rows}")
    monkeypatch.setattr(answers, "MAX_MENDED", 2 * len('"2-1": "https://one-0.example", '))

    for number in (1, 3):
        shown = again(member, shown, take="*")

        assert full(shown)
        assert [row for row, _cells in wrong(shown)] == [*range(number + 3, 7)]
        shown = again(member, shown, apply="x")
    shown = again(member, shown, take="*")

    assert not full(shown)
    assert again(member, shown, apply="x").status_code == 302
    assert patterns(acme) == {OLD, *(f"https://one-{number}.example" for number in range(5))}


def test_of_a_row_all_cells_are_corrected_or_none(member, acme, monkeypatch):
    shown = check(member, "tenant,pattern,valid_until\nacme,wrong,never\n")
    monkeypatch.setattr(answers, "MAX_MENDED", 60)

    left = again(member, shown, **{"cell-2-1": NEW, "cell-2-2": "2099-01-01 12:00:00"})

    assert full(left)
    assert wrong(left) == [(2, {"origin": 1, "valid until": 1})]


def test_a_cell_that_is_corrected_again_takes_only_its_own_room(member, acme, monkeypatch):
    shown = check(member, "tenant,pattern\nacme,wrong 1\nacme,wrong 2\n")
    monkeypatch.setattr(answers, "MAX_MENDED", 60)
    first = again(member, shown, **{"cell-2-1": "https://wrong again.example"})

    long = again(member, first, **{"cell-2-1": f"{NEW}/{'x' * 60}"})
    short = again(member, first, **{"cell-2-1": f"{NEW}:8443"})

    assert (full(long), full(short)) == (True, False)
    assert wrong(long)[0] == wrong(first)[0]
    assert [row for row, _cells in wrong(short)] == [3]


def test_corrections_and_rejects_are_of_tables_alone(member, acme):
    shown = check(member, '{"version": 1, "tenants": [{"slug": "acme"}]}')

    for button in ("take", "rejects"):
        assert again(member, shown, **{button: "*"}).status_code == 200


def test_a_table_that_breaks_off_is_mended_in_its_text(member, acme):
    shown = check(member, f'tenant,pattern\nacme,{NEW}\nacme,"x\n', format="csv")

    assert problems(shown) == [("line 3", "unreadable")]
    assert "<textarea" in shown.content.decode()
    assert again(member, shown, take="*").status_code == 200


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_the_sample_is_a_table_that_the_page_reads(member, acme, name):
    Tenant.objects.create(slug="globex")
    response = member.get(PAGE, {"sample": name})

    assert f'filename="origins-sample.{name}"' in response["Content-Disposition"]
    shown = upload(member, f"a.{name}", response.content)
    assert [field for _heading, field in columns(shown)] == [*HEADING]
    assert wrong(shown) == [(3, {"tenant": 1})]  # of a tenant that the member does not see


def test_the_sample_explains_every_column(member, acme):
    content = member.get(PAGE, {"sample": "xlsx"}).content

    told = openpyxl.load_workbook(io.BytesIO(content)).worksheets[1]
    assert [row[0].value for row in told.iter_rows(min_row=2)] == [
        column.name for column in COLUMNS
    ]
    assert all(row[1].value for row in told.iter_rows(min_row=2))


def test_without_openpyxl_the_page_says_so(member, acme, monkeypatch):
    def fail():
        raise BrokenTextError("", "openpyxl is missing")

    monkeypatch.setattr(xlsx_format, "_openpyxl", fail)

    assert "openpyxl is missing" in member.get(PAGE, {"sample": "xlsx"}).content.decode()


def test_as_many_fields_as_the_page_shows_can_be_sent(member, acme, settings):
    names = ",".join(HEADING)
    rows = "".join(f"acme,wrong {number},,,,,,,,\n" for number in range(MAX_ROWS))

    shown = check(member, f"{names}\n{rows}")

    assert len(fields_of(shown)) < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    assert again(member, shown).status_code == 200
    assert said(shown) == []
