"""Headings that people write above their columns, and what is made of them."""

import pytest

from corsadmin.transfer.formats.columns import HEADING
from corsadmin.transfer.formats.headings import find_heading, is_whole, map_columns


def fields(*headings, **chosen):
    """Return for each column its field, or its options joined, or blank where it is ignored."""
    by = {int(key[1:]) if key[:1] == "_" else key: field for key, field in chosen.items()}
    return [column.field or "?".join(column.options) for column in map_columns(headings, by)]


@pytest.mark.parametrize("name", HEADING)
def test_the_name_of_a_field_is_that_field(name):
    spaced = name.replace("_", " ")

    for heading in (name, name.upper(), spaced, spaced.title(), spaced.title().replace(" ", "")):
        assert fields(heading) == [name]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Customer", "tenant"),
        ("Kunde", "tenant"),
        ("Cliente", "tenant"),
        ("Tenant-Slug", "tenant"),
        ("Domain", "pattern"),
        ("URL", "pattern"),
        ("URL (required)", "pattern"),
        ("  Allowed\n origin * ", "pattern"),
        ("DOMÄNE", "pattern"),
        ("Dirección", "pattern"),
        ("Allow credentials", "credentials"),
        ("Access-Control-Allow-Credentials", "credentials"),
        ("Cookies?", "credentials"),
        ("Expires", "valid_until"),
        ("Valid until", "valid_until"),
        ("Gültig bis", "valid_until"),
        ("Gueltig_bis", "valid_until"),
        ("Válido hasta", "valid_until"),
        ("validUntil", "valid_until"),
        ("gültig ab:", "valid_from"),
        ("Pfad", "scope"),
        ("Aktiv", "enabled"),
        ("Bemerkung", "note"),
        ("(note)", "note"),
        ("URL / Ursprung", "pattern"),
        ("Kunde/Name", "tenant"),
    ],
)
def test_what_people_call_a_column_is_known(heading, field):
    assert fields(heading) == [field]


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        pytest.param(["Colour", "", "№ 7"], ["", "", ""], id="what nobody knows is ignored"),
        pytest.param(["Kunde / URL"], ["tenant?pattern"], id="two words for two fields are asked"),
        pytest.param(["URL / Colour"], [""], id="and of an unknown word nothing is guessed"),
        pytest.param(["Valid"], ["valid_from?valid_until"], id="a word for two fields is asked"),
        pytest.param(["Site"], ["tenant?pattern"], id="so is one for tenant and origin"),
        pytest.param(
            ["Site", "tenant"], ["pattern", "tenant"], id="unless a name leaves one of them"
        ),
        pytest.param(["credentals"], ["credentials"], id="a misspelled one is asked"),
        pytest.param(["URL", "Domain"], ["pattern", "pattern"], id="two for one field are asked"),
        pytest.param(["note", "note"], ["note", "note"], id="so is the same one twice"),
        pytest.param(["pattern", "URL"], ["pattern", ""], id="the name of a field wins"),
        pytest.param(["problems", "Problem"], ["", ""], id="what was written beside rejects"),
    ],
)
def test_what_is_not_certain_is_asked_or_ignored(headings, expected):
    found = map_columns(headings)

    assert [column.field or "?".join(column.options) for column in found] == expected
    assert all(not (column.field and column.options) for column in found)


@pytest.mark.parametrize(
    ("headings", "asked"),
    [
        (["credentals"], 1),
        (["URL", "Domain"], 2),
        (["note", "note"], 2),
        (["pattern", "URL"], 0),
        (["Site", "tenant"], 1),
    ],
)
def test_the_open_columns_are_counted(headings, asked):
    assert sum(bool(column.options) for column in map_columns(headings)) == asked


@pytest.mark.parametrize(
    ("headings", "chosen", "expected"),
    [
        pytest.param(["Colour"], {"Colour": "note"}, ["note"], id="by its heading"),
        pytest.param(["URL", "URL"], {1: ""}, ["pattern", ""], id="by its place, to be ignored"),
        pytest.param(
            ["URL", "Domain"], {0: "pattern"}, ["pattern", ""], id="which leaves the other nothing"
        ),
        pytest.param(["tenant"], {0: "note"}, ["note"], id="against its name"),
        pytest.param(
            ["a", "b"], {0: "note", 1: "note"}, ["note", "note"], id="twice, which is asked again"
        ),
        pytest.param(
            ["Valid", "until"], {0: "valid_from"}, ["valid_from", "valid_until"], id="one of two"
        ),
    ],
)
def test_a_person_may_say_what_a_column_is(headings, chosen, expected):
    found = map_columns(headings, chosen)

    assert [column.field or "?".join(column.options) for column in found] == expected


@pytest.mark.parametrize(
    ("rows", "index", "whole"),
    [
        pytest.param([["tenant", "pattern"]], 0, True, id="the first row"),
        pytest.param(
            [["Origins 2026", ""], ["", ""], ["Kunde", "URL"], ["url", "x"]],
            2,
            True,
            id="the third",
        ),
        pytest.param([["", ""], ["Kunde", "Farbe"]], 1, False, id="one without origins"),
        pytest.param([["a", "b"], ["c", "d"]], 0, False, id="none"),
        pytest.param([], 0, False, id="no row at all"),
        pytest.param([["x"]] * 40 + [["tenant", "pattern"]], 0, False, id="one too far below"),
    ],
)
def test_the_heading_is_the_row_that_looks_most_like_one(rows, index, whole):
    found, likeness = find_heading(rows)

    assert (found, is_whole(likeness)) == (index, whole)
