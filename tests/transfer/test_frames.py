"""A document whose frame or text is broken: told in one sentence, with its place."""

import codecs
import json

import pytest

from corsadmin.transfer.formats.json_reader import JsonStream
from tests.transfer.files import acme, document, faults_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param([], [("", "wrong-type")], id="a list"),
        pytest.param("3", [("", "wrong-type")], id="a number"),
        pytest.param({}, [("", "key-missing"), ("", "key-missing")], id="an empty object"),
        pytest.param({"tenants": []}, [("", "key-missing")], id="no version"),
        pytest.param(document(version=2), [("version", "version-unknown")], id="version 2"),
        pytest.param(document(version=True), [("version", "version-unknown")], id="version true"),
        pytest.param(
            {"version": 1, "tenants": {}}, [("tenants", "wrong-type")], id="tenants no list"
        ),
        pytest.param(document(3), [("tenants[0]", "wrong-type")], id="tenant no object"),
        pytest.param(
            document(acme(), acme()), [("tenants[1]", "duplicate")], id="the same tenant twice"
        ),
        pytest.param(
            {**document(), "tenant": []}, [("tenant", "key-unknown")], id="unknown key at the top"
        ),
        pytest.param(
            '{"version": 1, "tenants": [], "version": 1}',
            [("", "duplicate-key")],
            id="version twice",
        ),
        pytest.param(
            '{"version": 1, "tenants": [{"slug": "acme", "note": "a", "note": "b"}]}',
            [("tenants[0]", "duplicate-key")],
            id="a tenant's key twice",
        ),
        pytest.param(
            '{"version": 1, "tenants": [{"slug": "acme", "origins":'
            ' [{"pattern": "https://a.example", "note": "a", "note": "b"}]}]}',
            [("tenants[0].origins[0]", "duplicate-key")],
            id="an origin's key twice",
        ),
        pytest.param(
            '{"version": 1, "tenants": [{"hosts": ["A.example", 3], "slug": "acme"}]}',
            [("tenants[0].hosts[0]", "host-upper-case"), ("tenants[0].hosts[1]", "wrong-type")],
            id="hosts before the slug",
        ),
        pytest.param(
            '{"version": 1, "tenants": [{"hosts": 3, "slug": "acme"}]}',
            [("tenants[0].hosts", "wrong-type")],
            id="hosts no list before the slug",
        ),
    ],
)
def test_a_fault_of_the_frame_names_its_place(content, expected):
    assert faults_of(content) == expected


@pytest.mark.parametrize(
    ("content", "place"),
    [
        pytest.param(b"", "", id="R59 empty"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0", "byte 0", id="R59 an image"),
        pytest.param(codecs.BOM_UTF16_LE + "{}".encode("utf-16-le"), "", id="R59 UTF-16"),
        pytest.param(codecs.BOM_UTF32_LE + "{}".encode("utf-32-le"), "", id="R59 UTF-32"),
        pytest.param('{"version": 1, "n": "é"}'.encode("latin-1"), "byte 21", id="R59 latin-1"),
        pytest.param(b'{"version": 1}\0', "", id="R59 NUL after the end"),
        pytest.param(codecs.BOM_UTF8, "line 1, column 1", id="R59 a byte order mark alone"),
        pytest.param(" \n ", "line 2, column 2", id="white space"),
        pytest.param('{"version": 1, "tenants": [', "line 1, column 28", id="cut short"),
        pytest.param('{"version": 1, "tenants": [{"slug": "ac', "line 1, column 37", id="cut"),
        pytest.param('{\n "version" 1}', "line 2, column 12", id="no colon"),
        pytest.param("{version: 1}", "line 1, column 2", id="no quotes"),
        pytest.param('{"version": 1,}', "line 1, column 15", id="comma before the brace"),
        pytest.param('{"version": 1, "tenants": [1,]}', "line 1, column 30", id="comma in a list"),
        pytest.param('{"version": 1, "tenants": []} x', "line 1, column 31", id="more text"),
        pytest.param('{"version": 1, "tenants": [] "x"', "line 1, column 30", id="no comma"),
        pytest.param('{"version": NaN}', "line 1, column 13", id="NaN"),
        pytest.param('{"version": -Infinity}', "line 1, column 13", id="infinity"),
        pytest.param('{"version": ' + "1" * 5000 + "}", "line 1, column 13", id="5,000 digits"),
        pytest.param('{"version": ' + "[" * 100_000, "line 1, column 13", id="deep nesting"),
        pytest.param(
            '{"version": "' + "x" * 1_200_000 + '"}', "line 1, column 13", id="a long text"
        ),
    ],
)
def test_a_file_that_is_no_json_is_refused_in_one_sentence(content, place):
    faults = faults_of(content)

    assert faults[-1] == (place, "unreadable")


def test_a_byte_order_mark_is_passed_over():
    assert faults_of(codecs.BOM_UTF8 + json.dumps(document()).encode()) == []


def test_a_long_file_is_read_in_pieces_and_counts_its_lines():
    rows = [{"pattern": f"https://a-{number}.example"} for number in range(5_000)]
    text = json.dumps(document(acme(origins=rows)), indent=1)
    broken = text[: text.rindex("]", 0, text.rindex("]"))] + "3" + "]}]}"

    assert faults_of(text) == []
    assert faults_of(broken)[-1] == (f"line {broken.count(chr(10)) + 1}, column 4", "unreadable")


def test_a_number_may_go_on_in_the_next_piece():
    assert JsonStream(iter(["[1", "2, 3", "4]"])).value() == [12, 34]
    assert JsonStream(iter(["1", "2"])).value() == 12
