"""Hostile texts: nothing raises, nothing is invented, and time stays linear."""

import re
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsadmin.diagnose.console import (
    MAX_TEXT,
    BlockKind,
    addresses,
    blocked,
    chromium,
    content_blockers,
    cookies,
    copied,
    csrf,
    firefox,
    firefox_cookies,
    headers_tab,
    protocol,
    read,
    request_lines,
    webkit,
)
from tests.diagnose.console.corpus import corpus

LINES = corpus()
# The standard library's own parser of regular expressions, which has no public name.
parser: Any = vars(re)["_parser"]
constants: Any = vars(re)["_constants"]
REPEATS = {constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT}
MODULES = (
    addresses,
    blocked,
    chromium,
    content_blockers,
    cookies,
    copied,
    csrf,
    firefox,
    firefox_cookies,
    headers_tab,
    protocol,
    request_lines,
    webkit,
)
PIECES = [line.text[begin : begin + 40] for line in LINES for begin in range(0, len(line.text), 40)]
HOSTILE = {
    "letters": "a",
    "spaces": " ",
    "quotes": "'",
    "marks of quoting": ">",
    "line ends": "\n",
    "brackets": "[(",
    "origins": "from origin '",
    "calls": "Access to fetch at '",
    "messages": (
        "Access to fetch at 'https://a.b/' from origin 'https://c.d' has been blocked by CORS policy: "
    ),
    "old messages": "Origin 'https://a.b' is therefore not allowed access",
    "URLs": "https://a.b ",
    "URLs without an end": "https://a",
    "failed requests": "GET https://a.b net::ERR_FAILED ",
    "errors": "net::ERR_A ",
    "mixed content": "The page at https://a.b requested insecure content ",
    "policies": "https://a.b Content Security Policy ",
    "Firefox's reasons": "https://a.b. (Reason: CORS header 'Access-Control-Allow-Origin' x ",
    "cookies": 'Cookie "a" "SameSite" "Lax" ',
    "cookies of others": "Request to access cookie or storage on ",
    "CSRF": "(403) CSRF Origin checking failed - a ",
    "content blockers": 'The resource at "https://a.b" was blocked ',
    "header names": "Access-Control-Allow-Origin' ",
    "WebKit's words": "cannot load Origin ",
    "methods": "XHR",
    "entries of a HAR": '{"entries":[{"request":{}},',
    "nested lists": '{"entries":[[[[',
    "copied requests": 'fetch("https://a.b", {"a":',
    "commands": "curl '\"\\",
}


@given(st.text())
def test_any_text_is_read(text):
    assert read(text).kind in BlockKind


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_pieces_of_real_texts_are_read_and_nothing_is_invented(text):
    reading = read(text)

    plain = re.sub(r"[\s>|^\\]+", "", text)
    for value in (reading.page, reading.url, reading.redirected_from, reading.method):
        assert value is None or value == "GET" or re.sub(r"[\\^]", "", value) in plain
    assert reading.header is None or reading.header in text.lower()
    for url in filter(None, (reading.page, reading.url, reading.redirected_from)):
        host = url.partition("://")[2].partition("/")[0]
        assert host in text or url == "null"


@pytest.mark.sweep
@pytest.mark.slow
@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_twice_the_text_takes_at_most_twice_the_steps(piece):
    text = piece * (MAX_TEXT // len(piece))

    half, whole = steps(text[: MAX_TEXT // 2]), steps(text)

    assert whole <= 2.2 * half + 500


def steps(text: str) -> int:
    """Return how many calls a reading makes, those of C functions included."""
    calls: list[object] = []
    before = sys.getprofile()
    sys.setprofile(lambda *event: calls.append(event))
    try:
        read(text)
    finally:
        sys.setprofile(before)
    return len(calls)


def depth(pattern: Any) -> int:
    """Return how deep unbounded repetitions are nested in a parsed regular expression."""
    deepest = 0
    for item in pattern if isinstance(pattern, (list, tuple, parser.SubPattern)) else ():
        below = depth(item)
        if isinstance(item, tuple) and item[0] in REPEATS and item[1][1] is constants.MAXREPEAT:
            below += 1
        deepest = max(deepest, below)
    return deepest


def test_what_is_beyond_the_bound_is_not_read():
    line = LINES[0].text

    assert read(" " * MAX_TEXT + line) == read("")
    assert read(line + " " * MAX_TEXT + LINES[1].text) == read(line)


@pytest.mark.parametrize("module", MODULES, ids=[module.__name__ for module in MODULES])
def test_no_regular_expression_repeats_a_repetition(module):
    """Only such a pattern can take exponential time."""
    patterns = [value for value in vars(module).values() if isinstance(value, re.Pattern)]
    patterns += [key for value in vars(module).values() if isinstance(value, dict)
                 for pair in value.items() for key in pair if isinstance(key, re.Pattern)]  # fmt: skip

    assert patterns != [] or module is protocol
    for pattern in patterns:
        assert depth(parser.parse(pattern.pattern, pattern.flags)) <= 1, pattern.pattern
