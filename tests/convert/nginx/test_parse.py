"""nginx's syntax, and nginx's own opinion of what it says."""

import pytest

from corsadmin.convert.nginx.parse import Directive, parse_directives
from corsadmin.transfer.formats.document_source import BrokenTextError
from tests.messages.screens import filled


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b  c;", ["a", "b", "c"]),
        ("a\tb\r\nc;", ["a", "b", "c"]),
        ("a 'b c' \"d;{}\";", ["a", "b c", "d;{}"]),
        (r"a b\;c;", ["a", r"b\;c"]),
        (r"a '\'' '\"' '\\.' '\.' '\t';", ["a", "'", '"', r"\.", r"\.", "\t"]),
        (r"a \\.b\n;", ["a", "\\.b\n"]),
        ("a ${b}c$d;", ["a", "${b}c$d"]),
        ("a b#c; # 'no\n", ["a", "b#c"]),
        ("a '' b;", ["a", "", "b"]),
        ("a ($b = 'c') ;", ["a", "($b", "=", "c", ")"]),
    ],
)
def test_words(text, words):
    assert parse_directives(text) == (Directive(words[0], tuple(words[1:])),)


def test_blocks_and_lines():
    found = parse_directives("# first\na {\n  b\n  c;\n  d { }\n}\ne 'f\ng';h;")

    assert [(one.line, one.name) for one in found] == [(2, "a"), (7, "e"), (8, "h")]
    assert [(one.line, one.name, one.block) for one in found[0].block or ()] == [
        (3, "b", None),
        (5, "d", ()),
    ]
    assert str(found[1]) == "line 7: e f\ng"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a\nb", filled("convert-nginx-end", line=2)),
        ("a {\n b;", filled("convert-nginx-end", line=2)),
        ("a b }", filled("convert-nginx-unexpected", line=1, sign="}")),
        ("}", filled("convert-nginx-unexpected", line=1, sign="}")),
        ("\n;", filled("convert-nginx-unexpected", line=2, sign=";")),
        ("a;\n'b", filled("convert-nginx-quote", line=2)),
        ("'a'b;", filled("convert-nginx-after-quote", line=1, sign="b")),
        ("a {" * 50, filled("convert-nginx-deep", line=1)),
        ("a b\\", filled("convert-nginx-end", line=1)),
        ("a;\nb '\1';", filled("convert-nginx-control", line=2)),
        ("\0", filled("convert-nginx-control", line=1)),
    ],
)
def test_what_is_no_configuration_is_refused(text, reason):
    with pytest.raises(BrokenTextError) as raised:
        parse_directives(text)

    assert raised.value.reason == reason
