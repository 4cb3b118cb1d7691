"""The labelled corpus: what is read right, by engine, as it is pasted and as tickets mangle it."""

import textwrap

import pytest

from corsadmin.diagnose.console import read
from tests.diagnose.console.corpus import ENGINES, FIELDS, corpus, score
from tests.servers import ROOT

LINES = corpus()
# Hindi translates the names of headers too, and this message shares its words with another one.
UNREADABLE = {"w67"}


@pytest.mark.parametrize("engine", ENGINES)
def test_lines_of_every_engine_are_read_right(engine):
    found = score([line for line in LINES if line.engine == engine])

    assert found.page_and_url / found.lines >= 0.98
    assert found.kind / found.lines >= 0.95
    assert found.wrong_certainties == 0


def test_the_docs_give_these_figures():
    page = (ROOT / "docs" / "reference" / "console.md").read_text(encoding="utf-8")

    for engine, name in ENGINES.items():
        cells = score([line for line in LINES if line.engine == engine]).cells
        assert f"| {' | '.join([name, *cells])} |" in page


@pytest.mark.parametrize("line", LINES, ids=[line.id for line in LINES])
def test_a_line_says_what_its_label_says(line):
    reading = read(line.text)

    wrong = [name for name in FIELDS if not line.is_right(name, reading)]

    assert line.id in UNREADABLE or wrong == []


def wrapped(text: str, width: int, mark: str) -> str:
    """Return text as a mail program quotes it."""
    return "\n".join(
        mark + piece
        for line in text.split("\n")
        for piece in textwrap.wrap(
            line, width, break_long_words=False, break_on_hyphens=False
        ) or [""]
    )  # fmt: skip


MANGLED = {
    "quoted": lambda text: "\n".join(f"> {line}" for line in text.split("\n")),
    "quoted twice": lambda text: "\n".join(f">> {line}" for line in text.split("\n")),
    "wrapped and quoted": lambda text: wrapped(text, 72, "> "),
    "wrapped in a table": lambda text: wrapped(text, 60, "| "),
    "with typographic quotes": lambda text: text.replace("'", "\u2019").replace('"', "\u201d"),
    "with hard spaces": lambda text: text.replace(" ", "\u00a0"),
    "escaped for HTML": lambda text: text.replace("'", "&#39;").replace('"', "&quot;"),
    "with Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "before a source place": lambda text: f"{text} app.js:12:3",
    "before a stack": lambda text: (
        f"{text}\n    at load (https://static.globex.example/assets/index-9c1.js:12:345)"
    ),
    "in a mail": lambda text: (
        f"Hello,\nsince Monday, see https://tickets.globex.example/SUP-1 please:\n\n{text}\n\n"
        "Ann, https://www.globex.example/"
    ),
    "twice": lambda text: f"{text}\n{text}",
    "in a code fence": lambda text: f"```\n{text}\n```",
    "indented": lambda text: textwrap.indent(text, "    "),
}


@pytest.mark.slow
@pytest.mark.parametrize("mangle", MANGLED.values(), ids=MANGLED)
def test_a_mangled_line_says_the_same(mangle):
    readings = [(line, read(mangle(line.text))) for line in LINES if line.id not in UNREADABLE]

    wrong = [
        (line.id, name)
        for line, reading in readings
        for name in FIELDS
        if not line.is_right(name, reading)
    ]

    assert wrong == []


@pytest.mark.slow
def test_a_line_with_a_cut_end_never_claims_more():
    wrong = []
    for line in LINES:
        # A URL without quotes may be cut unseen, and DevTools' commands end where they please.
        names = [name for name in FIELDS if name not in ("url", "method", "fix_here")]
        for end in range(0, len(line.text), 5):
            reading = read(line.text[:end])
            wrong += [
                (line.id, name, line.text[:end][-60:])
                for name in names
                if line.is_wrong_certainty(name, reading)
            ]

    # A cut WebSocket line may hide that it was Local Network Access.
    assert {(text, name) for text, name, _end in wrong} <= {("w43", "kind"), ("w81", "kind")}
