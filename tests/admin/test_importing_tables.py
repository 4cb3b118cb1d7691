"""Import in the admin: spreadsheets are mapped, mended in the page, and taken as far as they are right."""

import csv
import io
import json
from html import unescape

import pytest

from corsadmin.admin.import_file import upload as upload_module
from corsadmin.admin.import_file.views import ALREADY
from corsadmin.models import Origin, Tenant
from tests.admin.forms import fields_of
from tests.admin.imports import NEW, OLD, check, moves, patterns, problems, steps, upload
from tests.admin.spreadsheets import WRONG, again, columns, wrong
from tests.messages.screens import assert_says, text
from tests.transfer.spreadsheets import book, table

pytestmark = pytest.mark.slow


def test_what_the_columns_are_is_shown_and_can_be_changed(member, acme):
    shown = upload(
        member, "kunden.csv", table("Kunde;Domäne;Farbe", f"acme;{NEW};rot", encoding="cp1252")
    )

    assert columns(shown) == [("Kunde", "tenant"), ("Domäne", "pattern"), ("Farbe", 0)]
    assert_says(shown, "import-encoding-guessed", encoding="Windows-1252")
    changed = again(member, shown, **{"column-2": "note"}, check="Check")
    assert columns(changed)[2] == ("Farbe", "note")
    assert again(member, changed, apply="x").status_code == 302
    assert acme.origins.get(pattern=NEW).note == "rot"


def test_a_column_that_is_not_certain_is_asked(member, acme):
    shown = check(member, f"Tenant\tOrigin\tValid\nacme\t{NEW}\t31.12.2027\n")

    assert problems(shown) == [("line 1", "column-open")]
    meant = " ".join((text("import-can-mean"), "valid from, valid until"))
    assert meant in unescape(shown.content.decode())
    answered = again(member, shown, **{"column-2": "valid_until"}, check="Check")
    assert_says(answered, "import-dates-zone", zone="UTC")
    assert again(member, answered, apply="x").status_code == 302
    assert acme.origins.get(pattern=NEW).valid_until.isoformat() == "2027-12-31T23:59:00+00:00"


def test_the_sheet_is_chosen_in_the_page(member, acme):
    whole = [["tenant", "url"], ["acme", NEW]]
    shown = upload(member, "a.xlsx", book(old=[["tenant", "url"], ["acme", "x"]], new=whole))

    assert problems(shown) == [("", "sheet-open")]
    chosen = again(member, shown, sheet="new", check="Check")
    assert again(member, chosen, apply="x").status_code == 302
    assert patterns(acme) == {OLD, NEW}


def test_what_was_said_of_one_sheet_does_not_hold_for_another(member, acme):
    first = [["tenant", "url", "note"], ["acme", "https://one.example", "x"], ["acme", "b c", "y"]]
    second = [["", ""], ["url", "tenant"], [NEW, "acme"], ["https://two.example", "acme"]]
    shown = upload(member, "a.xlsx", book(old=first, new=second))
    chosen = again(member, shown, sheet="old", check="x")
    mended = again(member, chosen, **{"cell-3-1": "d e"}, check="x")
    left = again(member, mended, apply="x")

    other = again(member, left, sheet="new", check="x")

    assert wrong(left) == [(3, {"origin": 1})]
    assert [title for _sign, _kind, title, _fields in steps(other)] == [NEW, "https://two.example"]
    assert columns(other) == [("url", "pattern"), ("tenant", "tenant")]


def test_wrong_cells_are_mended_in_the_page(member, acme):
    first = check(member, WRONG)

    assert wrong(first) == [(3, {"origin": 1}), (4, {"tenant": 1, "origin": 1})]
    assert (first.context["right"], first.context["wrong"]) == (1, 2)
    assert_says(first, "import-rows", counter=1)
    second = again(member, first, **{"cell-3-1": "https://two.example", "cell-4-0": "acme"})
    assert wrong(second) == [(4, {"origin": 1})]
    third = again(member, second, **{"cell-4-1": "https://three.example"})
    assert "wrong_rows" not in third.context or not third.context["wrong"]
    assert again(member, third, apply="Import this").status_code == 302
    assert {f"https://{name}.example" for name in ("one", "two", "three")} < patterns(acme)


def test_a_correction_is_one_click(member, acme):
    shown = check(
        member, "tenant,pattern\nacme,https://ONE.example\nacme,https://two.example:443\n"
    )
    offers = [
        complaint.correction
        for row in shown.context["wrong_rows"]
        for cell in row.cells
        for complaint in cell.complaints
    ]

    assert offers == ["2-1 https://one.example", "3-1 https://two.example"]
    assert wrong(again(member, shown, take=offers[0])) == [(3, {"origin": 1})]
    done = again(member, shown, take="*")
    assert again(member, done, apply="x").status_code == 302
    assert patterns(acme) == {OLD, "https://one.example", "https://two.example"}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (
            "https://ONE.example, https://two.example:443",
            {"https://one.example", "https://two.example"},
        ),
        ("HTTPS://One.example:443/", {"https://one.example"}),
    ],
)
def test_corrections_within_a_cell_keep_the_rest_of_it(member, acme, cell, expected):
    shown = check(member, f'tenant,pattern\nacme,"{cell}"\n')

    assert again(member, again(member, shown, take="*"), apply="x").status_code == 302
    assert patterns(acme) == {OLD, *expected}


def test_all_corrections_leave_what_has_none_and_say_it_once(member, acme):
    wrong_end = 'acme,"https://a.example, https://b.example",never\n'
    shown = check(member, f"tenant,pattern,valid_until\nacme,https://ONE.example,\n{wrong_end}")

    left = again(member, shown, take="*")

    (row,) = left.context["wrong_rows"]
    assert [len(cell.complaints) for cell in row.cells if cell.complaints] == [1]


def test_corrections_end_after_some_rounds(member, acme, monkeypatch):
    monkeypatch.setattr(upload_module, "_MAX_ROUNDS", 1)
    shown = check(member, "tenant,pattern\nacme,https://ONE.example\n")

    assert again(member, again(member, shown, take="*"), apply="x").status_code == 302
    assert patterns(acme) == {OLD, "https://one.example"}


def test_a_number_for_a_tenant_is_confirmed_with_a_click(member, acme):
    Tenant.objects.filter(pk=acme.pk).update(slug="7")
    shown = upload(member, "a.xlsx", book(a=[["tenant", "url"], [7, NEW]]))

    assert wrong(again(member, shown)) == [(2, {"tenant": 1})]
    assert again(member, again(member, shown, take="2-0 7"), apply="x").status_code == 302
    assert NEW in patterns(acme)


def test_day_and_month_are_asked_in_the_page(member, acme):
    shown = check(member, f"tenant,pattern,until\nacme,{NEW},01/02/2027\n")

    assert_says(shown, "import-dates-order")
    answered = again(member, shown, dates="day")
    assert again(member, answered, apply="x").status_code == 302
    assert acme.origins.get(pattern=NEW).valid_until.isoformat() == "2027-02-01T23:59:00+00:00"


def test_the_good_rows_are_imported_and_the_others_stay(member, acme):
    shown = check(member, WRONG)

    left = again(member, shown, apply="x")

    assert patterns(acme) == {OLD, "https://one.example"}
    assert "1 added" in left.content.decode()
    assert_says(left, "import-left-out", count=2)
    assert wrong(left) == [(3, {"origin": 1}), (4, {"tenant": 1, "origin": 1})]
    assert left.context["right"] == 0
    assert "digest" not in fields_of(left)
    mended = again(
        member, left, **{"cell-4-0": "acme", "cell-4-1": "https://c.example", "take": "*"}
    )
    assert again(member, mended, apply="x").status_code == 302
    assert {"https://two.example", "https://c.example"} < patterns(acme)


def test_what_is_left_keeps_what_was_said_of_its_columns(member, acme):
    shown = check(member, f"tenant,pattern,Colour\nacme,{NEW},red\nacme,x y,blue\n")
    said_of = again(member, shown, **{"column-2": "note"}, check="x")

    left = again(member, said_of, apply="x")

    assert columns(left) == [("tenant", "tenant"), ("pattern", "pattern"), ("Colour", "note")]
    assert acme.origins.get(pattern=NEW).note == "red"


def test_what_is_left_of_a_workbook_is_still_that_workbook(member, acme):
    rows = [
        ["Allowed origins"],
        ["tenant", "pattern", "note"],
        ["acme", "https://one.example", "x"],
        ["acme", "https://two.example", "=1+1"],
        ["acme", "x y", "y"],
    ]
    shown = upload(member, "a.xlsx", book(origins=rows))

    left = again(member, shown, apply="x")
    mended = again(member, left, **{"cell-5-1": "https://three.example"}, check="x")

    assert wrong(left) == [(4, {"note": 1}), (5, {"origin": 1})]
    assert wrong(mended) == [(4, {"note": 1})]
    assert wrong(again(member, mended, apply="x")) == [(4, {"note": 1})]
    assert patterns(acme) == {OLD, "https://one.example", "https://three.example"}


@pytest.mark.parametrize("done", ["x", "-1", "2,3", "9" * 60_000])
def test_rows_that_a_form_says_were_imported_are_passed_over_and_crash_nothing(member, acme, done):
    shown = check(member, f"tenant,pattern\nacme,{NEW}\nacme,https://b.example\n", done=done)

    assert len(steps(shown)) == (0 if done == "2,3" else 2)


def test_a_button_that_is_pressed_twice_imports_once(member, acme):
    for pasted, status in ((f"tenant,pattern\nacme,{NEW}\n", 302), (WRONG, 200)):
        shown = check(member, pasted)
        assert again(member, shown, apply="x").status_code == status
        before = moves()

        second = again(member, shown, apply="x")

        assert str(ALREADY) in second.content.decode()
        assert moves() == before


def test_the_wrong_rows_are_a_file_too(member, acme):
    shown = check(member, "Kunde,URL,Farbe\nacme,https://ok.example,\nnobody,=1+1,+49\n")

    response = again(member, shown, **{"cell-3-1": "@SUM(1)", "rejects": "csv"})

    assert response["Content-Disposition"] == 'attachment; filename="origins-rejected.csv"'
    heading, row = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert heading == ["Kunde", "URL", "Farbe", "problems"]
    assert row[:3] == ["nobody", "'@SUM(1)", "'+49"]
    assert_says(row[3], "import-tenant-unknown", value="nobody")
    assert not Origin.objects.filter(pattern="https://ok.example").exists()


def test_rows_of_others_answer_as_those_of_nobody(member, acme, rival):
    Tenant.objects.filter(pk=rival.pk).update(name="Rival Inc.")
    text = (
        f"tenant,pattern\nacme,{NEW}\nrival,{NEW}\nnone,{NEW}\nRival Inc.,{NEW}\nNone Inc.,{NEW}\n"
    )

    shown = check(member, text)

    assert wrong(shown) == [(number, {"tenant": 1}) for number in (3, 4, 5, 6)]
    sentences = [
        complaint.text.replace(cell.text, "…")
        for row in shown.context["wrong_rows"]
        for cell in row.cells
        for complaint in cell.complaints
    ]
    assert len(set(sentences)) == 1
    assert "app.rival" not in shown.content.decode()
    again(member, shown, apply="x")
    assert patterns(acme) == {OLD, NEW}
    assert patterns(rival) == {"https://app.rival.example"}


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        pytest.param("half _xD800_ of", "half \ufffd of", id="half of a character"),
        pytest.param("whole _xD83D__xDE00_", "whole \U0001f600", id="both halves"),
    ],
)
def test_a_character_that_no_page_can_show_is_replaced_there(member, acme, cell, shown):
    rows = [["tenant", "pattern", "note", cell], ["acme", "x y", cell, "z"]]
    first = upload(member, "a.xlsx", book(origins=rows))

    text = first.content.decode()
    rejects = again(member, first, rejects="csv").content.decode()

    assert text.count(shown) >= 2
    assert rejects.count(shown) == 2
    assert wrong(again(member, first))


def test_half_a_character_in_a_forged_form_crashes_nothing(member, acme):
    forged = json.dumps({"2-1": "https://a\ud800.example", "2-0": "ac\ud800me"})

    shown = check(member, f"tenant,pattern\nacme,{NEW}\n", mended=forged)

    assert wrong(shown) == [(2, {"tenant": 1, "origin": 1})]
