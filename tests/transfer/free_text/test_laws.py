"""What holds for every text that somebody may paste, hostile ones included."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsadmin.engine.hosts import check_host
from corsadmin.engine.origins import parse_pattern
from corsadmin.transfer.free_text.finds import Doubt
from corsadmin.transfer.free_text.letters import lines_of
from corsadmin.transfer.free_text.reader import read_lines
from tests.transfer.free_text.test_corpus import HELD_OUT, PASTES, finds_in

PIECES = (
    *(
        "https://",
        "http:",
        "//",
        "hxxps://",
        "app://",
        "*.",
        "pr-*",
        "www.",
        "api.",
        "acme",
        ".com",
    ),
    *("localhost", ":8443", ":*", "/login", "?a=1", "@", ",", ";", " ", "\t", "\n", "|", "<", ">"),
    *(
        "„",
        "“",
        '"',
        "'",
        "`",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "\u200b",
        "\u00ad",
        "\u00a0",
        "\u200d",
    ),
    *("münchen", ".de", "xn--mnchen-3ya", "10.0.0.1", "report.pdf", "API host: ", "Origin: ", "."),
    *("-- \n", "Kind regards\n", "remove ", "siehe ", "^", "\\.", "$", "=", "\\n", "null", "*"),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=200)
PROSE = st.lists(
    st.sampled_from(["hello", "we", "sent", "it", "yesterday", "12", "thanks!", "ok,", "-"]),
    max_size=6,
).map(" ".join)
LETTERS = re.compile(r"[\w*]")


@given(TEXTS)
def test_every_find_becomes_only_what_the_engine_accepts(text):
    for find in finds_in(text):
        if find.origin:
            parse_pattern(find.origin)
        if find.host:
            assert check_host(find.host) is None
        assert find.value or find.problem is not None


@given(TEXTS)
def test_every_find_stands_in_the_text_where_it_says(text):
    lines = lines_of(text)
    end = (0, 0)
    for find in finds_in(text):
        start = find.column - 1
        assert lines[find.line - 1][start : start + len(find.text)] == find.text
        assert (find.line, start) >= end
        end = (find.line, start + len(find.text))


@given(TEXTS)
def test_no_find_has_a_letter_that_the_text_has_not(text):
    for find in finds_in(text):
        if not find.text.isascii() or "0" in find.text or "xn--" in find.text.lower():
            continue  # punycode and addresses are written in another form
        spelled = set(LETTERS.findall(find.text.lower()))
        named = set(LETTERS.findall(find.value.partition("://")[2]))
        assert named <= spelled


@given(TEXTS)
def test_the_pieces_of_a_line_are_the_line(text):
    lines = [*read_lines(lines_of(text))]

    assert ["".join(piece for piece, _is_find in line.pieces()) for line in lines] == lines_of(text)
    marked = [piece for line in lines for piece, is_find in line.pieces() if is_find]
    assert marked == [find.text for line in lines for find in line.finds]


@given(st.sampled_from([*PASTES, *HELD_OUT]), PROSE, PROSE)
def test_prose_around_a_paste_changes_no_find(paste, before, after):
    text = paste["text"].strip("\n")
    alone = finds_in(text)

    around = finds_in(f"{before}\n\n{text}\n\n{after}")

    assert [(find.kind, find.value, find.text) for find in around] == [
        (find.kind, find.value, find.text) for find in alone
    ]
    # Prose can look like the beginning of a signature: that adds a doubt, and nothing takes one away.
    for find, later in zip(alone, around, strict=True):
        assert later.doubt in {find.doubt, Doubt.SIGNATURE}


@pytest.mark.parametrize("separator", [",", "\n"], ids=["on one line", "on many lines"])
def test_no_more_is_looked_for_than_was_asked(separator):
    text = separator.join(["a.de"] * 100)

    lines = [*read_lines(lines_of(text), 7)]

    assert sum(len(line.finds) for line in lines) == 8
    assert len(lines) == (1 if separator == "," else 8)
