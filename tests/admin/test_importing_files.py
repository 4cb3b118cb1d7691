"""Import in the admin: what a file may be, what is said of it, and its corrections."""

import pytest
from django.utils.html import escape

from corsadmin.admin.import_file.forms import MAX_ACCEPTED, MAX_SIZE
from corsadmin.admin.import_file.tables import MAX_ROWS
from corsadmin.admin.import_file.views import MAX_SHOWN_STEPS
from corsadmin.transfer.exporting import read_tenants
from corsadmin.transfer.formats import bounds
from corsadmin.transfer.formats.xlsx_format import write_xlsx
from tests.admin.forms import fields_of
from tests.admin.imports import (
    NEW,
    OLD,
    PAGE,
    TABLE,
    accept,
    check,
    confirm,
    document,
    moves,
    origins,
    patterns,
    steps,
    upload,
)
from tests.messages.screens import assert_says, readable, text
from tests.transfer.workbooks import sheet

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param("a.csv", TABLE, "csv", id="a table"),
        pytest.param("a", TABLE, "csv", id="a table without a name that tells it"),
        pytest.param(
            "a.json", document(origins({"pattern": NEW}, name="Acme")), "json", id="a document"
        ),
        pytest.param("a", document(origins({"pattern": NEW})), "json", id="a nameless document"),
        pytest.param(
            "a.yml",
            f"version: 1\ntenants:\n- slug: acme\n  origins:\n  - pattern: {NEW}\n",
            "yaml",
            id="YAML",
        ),
        pytest.param(
            "a.txt",
            f"# ours\nversion: 1\ntenants:\n- slug: acme\n  origins: [pattern: {NEW}]\n",
            "yaml",
            id="YAML in a text file",
        ),
    ],
)
def test_a_file_is_taken_as_what_it_is(member, acme, name, text, expected):
    shown = upload(member, name, text.encode())

    assert fields_of(shown)["format"] == expected
    assert confirm(member, shown).status_code == 302
    assert NEW in patterns(acme)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_spreadsheet_marks_its_encoding(member, encoding):
    shown = upload(member, "a.csv", TABLE.encode(encoding))

    assert fields_of(shown)["text"].split() == TABLE.split()


def test_the_name_of_a_file_counts_more_than_what_was_chosen_before(member, acme):
    response = upload(member, "a.csv", TABLE.encode(), format="json", text="{}")

    assert fields_of(response)["format"] == "csv"
    assert fields_of(response)["text"].split() == TABLE.split()


def test_a_workbook_is_uploaded_and_confirmed(superuser, member, acme):
    content = b"".join(write_xlsx(read_tenants(["acme"])))
    acme.origins.all().delete()

    shown = upload(member, "origins.xlsx", content)

    assert "<textarea" not in shown.content.decode()
    assert confirm(member, shown).status_code == 302
    assert patterns(acme) == {OLD}


@pytest.mark.parametrize(
    ("text", "chosen", "place", "code"),
    [
        pytest.param("{]", "", "line 1, column 2", "unreadable", id="no JSON"),
        pytest.param("a: [", "", "line 2, column 1", "unreadable", id="no YAML"),
        pytest.param(
            "version: &b 1\ntenants: *b\n", "yaml", "line 2, column 10", "unreadable", id="an alias"
        ),
        pytest.param(
            "version: !!python/object/apply:os.system [x]",
            "yaml",
            "line 1, column 10",
            "unreadable",
            id="a tag",
        ),
        pytest.param("tenant\nacme\n", "csv", "line 1", "column-missing", id="a heading too few"),
        pytest.param("eA==", "xlsx", "", "unreadable", id="no workbook"),
    ],
)
def test_problems_are_said_with_their_place(member, text, chosen, place, code):
    before = moves()

    response = check(member, text, format=chosen)

    fault, _correction = response.context["problems"][0]
    assert (fault.place, fault.code) == (place, code)
    assert escape(fault.sentence) in response.content.decode()
    assert "digest" not in fields_of(response)
    assert moves() == before


def wrong_at(response, field):
    """Return the code of what is wrong with a field, or its text; the page says it."""
    (error,) = response.context["form"].errors.as_data()[field]
    (said,) = error.messages
    assert said in readable(response)
    return error.code or said


NOTHING, NO_TEXT = text("import-choose-file"), text("import-not-utf8")
TOO_LARGE, NO_BASE = text("import-too-large"), text("import-no-pasted-workbook")


@pytest.mark.parametrize(
    ("sent", "field", "expected"),
    [
        pytest.param({}, "__all__", NOTHING, id="nothing"),
        pytest.param({"text": " \n"}, "__all__", NOTHING, id="blanks"),
        pytest.param({"text": "a\0b"}, "text", "null_characters_not_allowed", id="NUL"),
        pytest.param({"text": "é" * MAX_SIZE}, "text", TOO_LARGE, id="a text too long"),
        pytest.param({"text": "no base", "format": "xlsx"}, "text", NO_BASE, id="no workbook"),
        pytest.param({"text": "x", "format": "xml"}, "format", "invalid_choice", id="no format"),
        pytest.param(
            {"text": "x", "accepted": "x" * (MAX_ACCEPTED + 1)},
            "accepted",
            "max_length",
            id="corrections",
        ),
    ],
)
def test_what_cannot_be_read_at_all_is_said_at_its_field(member, sent, field, expected):
    assert wrong_at(member.post(PAGE, sent), field) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"\x81", NO_TEXT, id="no text"),
        pytest.param(b"\xff\xfea", NO_TEXT, id="half a character"),
        pytest.param(b"a\0b", NO_TEXT, id="NUL"),
        pytest.param(b"x" * (MAX_SIZE + 1), TOO_LARGE, id="too long"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_is_said(member, content, expected):
    assert wrong_at(upload(member, "a.csv", content), "file") == expected


def test_only_a_table_may_be_windows_1252(member):
    response = upload(
        member, "a.json", '{"tenants": [{"slug": "acme", "name": "Süd"}]}'.encode("cp1252")
    )

    assert wrong_at(response, "file") == text("import-not-utf8")


def test_a_workbook_that_unpacks_to_far_more_is_for_the_command(member):
    content = sheet("<row/>" * (bounds.PAGE.tags + 1))

    response = upload(member, "a.xlsx", content)

    assert len(content) < MAX_SIZE / 100
    assert wrong_at(response, "file") == text("import-workbook-too-large")


def test_more_rows_than_a_page_takes_are_for_the_command(member, acme):
    rows = [f"acme,https://{number}.example" for number in range(MAX_ROWS + 1)]
    most = "\n".join(["tenant,pattern", *rows[:-1]])

    shown = check(member, most)
    response = check(member, "\n".join(["tenant,pattern", *rows]))

    assert (len(steps(shown)), shown.context["left"]) == (
        MAX_SHOWN_STEPS,
        MAX_ROWS - MAX_SHOWN_STEPS,
    )
    assert_says(shown, "import-more-changes", counter=MAX_ROWS - MAX_SHOWN_STEPS)
    assert_says(response, "import-too-many-rows", too_many=MAX_ROWS)
    assert "digest" not in fields_of(response)


def test_many_problems_are_counted(member, acme):
    rows = [{"pattern": "https://x.example:443"}] * (MAX_SHOWN_STEPS + 3)

    response = check(member, document(origins(*rows)))

    assert response.context["count"] == MAX_SHOWN_STEPS + 3
    assert_says(response, "import-more-problems", counter=3)


TWO = document(origins({"pattern": "https://ONE.example"}, {"pattern": "https://two.example:443"}))


def test_a_correction_is_one_click(member, acme):
    first = check(member, TWO)
    (_fault, one), (_other, _two) = first.context["problems"]
    second = accept(member, first, one)
    ((left, two),) = second.context["problems"]
    third = accept(member, second, two)
    done = confirm(member, third)

    assert left.place == "tenants[0].origins[1].pattern"
    assert [str(fix) for fix in third.context["fixes"]] == [
        "tenants[0].origins[0].pattern: https://ONE.example → https://one.example",
        "tenants[0].origins[1].pattern: https://two.example:443 → https://two.example",
    ]
    assert done.status_code == 302
    assert patterns(acme) == {OLD, "https://one.example", "https://two.example"}


def test_all_corrections_are_one_click_too(member, acme):
    shown = accept(member, check(member, TWO), "*")

    assert fields_of(shown)["accepted"] == "*"
    assert confirm(member, shown).status_code == 302
    assert patterns(acme) == {OLD, "https://one.example", "https://two.example"}


def test_a_row_with_another_problem_stays_one(member, acme):
    text = document(origins({"pattern": "https://ONE.example", "credentials": "perhaps"}))

    shown = check(member, text)
    named = [name for _fault, name in shown.context["problems"] if name]
    again = accept(member, shown, named[0])

    assert len(named) == 1
    assert_says(again, "import-other-problem")
    assert "digest" not in fields_of(again)


@pytest.mark.parametrize(
    "correction",
    [
        pytest.param("somewhere → something", id="of no row"),
        pytest.param("x" * (MAX_ACCEPTED + 1), id="far too long"),
    ],
)
def test_a_forged_correction_writes_nothing_else(member, acme, correction):
    shown = accept(member, check(member, TABLE), correction)

    assert [title for _sign, _kind, title, _fields in steps(shown)] == [NEW]
    assert confirm(member, shown).status_code == 302
