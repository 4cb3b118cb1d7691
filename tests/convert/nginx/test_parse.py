"""nginx's syntax, and nginx's own opinion of what it says."""

import pytest

from corsadmin.convert.nginx.parse import Directive, parse_directives
from corsadmin.transfer.formats.document_source import BrokenTextError


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
        ("a\nb", "line 2: the file ends"),
        ("a {\n b;", "line 2: the file ends"),
        ("a b }", "line 1: unexpected }"),
        ("}", "line 1: unexpected }"),
        ("\n;", "line 2: unexpected ;"),
        ("a;\n'b", "line 2: a quotation mark is not closed"),
        ("'a'b;", "line 1: unexpected b after a quotation mark"),
        ("a {" * 50, "line 1: it is nested too deeply"),
        ("a b\\", "line 1: the file ends"),
        ("a;\nb '\1';", "line 2: it has a control character"),
        ("\0", "line 1: it has a control character"),
    ],
)
def test_what_is_no_configuration_is_refused(text, reason):
    with pytest.raises(BrokenTextError) as raised:
        parse_directives(text)

    assert raised.value.reason.startswith(reason)
