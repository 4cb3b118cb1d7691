"""Texts as people paste them, labelled by hand, and what a reading of them gets right.

The messages of Firefox are those of its language packs (MPL 2.0), those of Chromium and WebKit of
their sources; all hosts are made up.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from corsadmin.diagnose.console import BlockDetail, BlockKind, Reading, read

API = "https://api.globex.example/v2/orders"
PAGE = "https://shop.globex.example"
FIELDS = (
    "page",
    "url",
    "redirected_from",
    "kind",
    "proves_preflight",
    "method",
    "header",
    "credentials",
    "fix_here",
    "detail",
    "subject",
)
# They say no more than that something is wrong.
UNSPECIFIC = (None, BlockKind.UNKNOWN, BlockDetail.CSRF)
ENGINES = {
    "chromium": "Chromium",
    "firefox": "Firefox",
    "webkit": "WebKit",
    None: "none named",
}


class Line(NamedTuple):
    """One text with its label. `accept` holds further values of a field that are right too."""

    id: str
    engine: str | None
    text: str
    label: dict[str, Any]
    accept: dict[str, list[Any]]

    def is_right(self, name: str, reading: Reading) -> bool:
        got = getattr(reading, name)
        return got == self.label[name] or got in self.accept.get(name, [])

    def is_wrong_certainty(self, name: str, reading: Reading) -> bool:
        """Report whether a field says something, and something else than the text."""
        says = getattr(reading, name) not in UNSPECIFIC
        return says and not self.is_right(name, reading)


class Score(NamedTuple):
    """What the readings of an engine's lines get right."""

    lines: int
    page_and_url: int
    kind: int
    wrong_certainties: int

    @property
    def cells(self) -> list[str]:
        """Return the figures as the docs print them."""
        return [
            str(self.lines),
            f"{100 * self.page_and_url / self.lines:.1f} %",
            f"{100 * self.kind / self.lines:.1f} %",
            str(self.wrong_certainties),
        ]


def corpus() -> list[Line]:
    return [*_lines()]


def _lines() -> Iterator[Line]:
    for row in Path(__file__).with_name("lines.jsonl").read_text(encoding="utf-8").splitlines():
        given = json.loads(row)
        engine = given["engine"] if given["engine"] in ENGINES else None
        label = {name: given[name] for name in FIELDS}
        yield Line(given["id"], engine, given["text"], label, given.get("accept", {}))


def score(lines: list[Line]) -> Score:
    readings = [(line, read(line.text)) for line in lines]
    return Score(
        len(lines),
        sum(line.is_right("page", got) and line.is_right("url", got) for line, got in readings),
        sum(line.is_right("kind", got) for line, got in readings),
        sum(line.is_wrong_certainty(name, got) for line, got in readings for name in FIELDS),
    )


def fields(text: str, *names: str) -> tuple[object, ...]:
    """Return some fields of the reading of a text."""
    reading = read(text)
    return tuple(getattr(reading, name) for name in names)
