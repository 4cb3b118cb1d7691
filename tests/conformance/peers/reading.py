"""Read the suites: text files of policies (`=`, `+`), cases, patterns (`~`) and what cannot be said (`!`).

    = origins https://a.example; methods GET PUT; age 60
    + path /open; any
    an allowed method > OPTIONS from https://a.example for PUT with x-a > 200; origin echo; vary Origin
    ~ a path > https://a.example/x > refused
    ! a function decides > the origin is looked up
    ! the gate refuses it > two wildcards > https://*.*.example

A policy holds for the cases below it; `+` adds a rule for another path. In an answer `-` means absent,
`echo` the origin of the request, and `none` that no header of a CORS answer is there. `only` makes a
rule exclusive, `{host}` is the site's own, and `␠` is a blank.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.conformance.peers.cases import (
    FIELDS,
    Call,
    Case,
    Pattern,
    Rule,
    Suite,
    Unsaid,
    value,
)

SUITES = Path(__file__).parent / "suites"
CALL = re.compile(
    r"(?P<method>\S+)(?: (?P<path>/\S*))?(?: from (?P<origin>\S+))?(?: for (?P<asked>\S+))?"
    r"(?: with (?P<names>.+?))?(?: varying (?P<vary>\S+))?"
)
FLAGS = {"any": "any_origin", "credentials": "credentials", "refuse": "refuse"}
WORDS = {"methods", "headers", "exposed", "origins"}


def suites() -> list[Suite]:
    """Return every suite, by the order of its file's name."""
    return [read(path) for path in sorted(SUITES.glob("*.txt"))]


def read(path: Path) -> Suite:
    """Return the suite of one file. Its first three lines name peer, source and coverage."""
    peer, source, coverage, *lines = path.read_text(encoding="utf-8").splitlines()
    cases: list[Case] = []
    patterns: list[Pattern] = []
    unsaid: list[Unsaid] = []
    rules: tuple[Rule, ...] = ()
    for line in filter(None, lines):
        sign, rest = line[0], line[2:]
        if sign == "=":
            rules = (_rule(rest),)
        elif sign == "+":
            rules = (*rules, _rule(rest))
        elif sign == "~":
            name, pattern, verdict = rest.split(" > ")
            patterns.append(
                Pattern(name, pattern.replace("␠", " "), {"taken": True, "refused": False}[verdict])
            )
        elif sign == "!":
            why, name, *refused = rest.split(" > ")
            unsaid.append(Unsaid(name, why, "".join(refused)))
        else:
            name, asked, answered = line.split(" > ")
            call = _call(asked)
            cases.append(Case(name, rules, call, dict(_answer(answered, call))))
    return Suite(peer, source, coverage, tuple(cases), tuple(patterns), tuple(unsaid))


def _rule(text: str) -> Rule:
    fields: dict[str, Any] = {}
    for part in filter(None, text.split("; ")):
        word, _, rest = part.partition(" ")
        if word in FLAGS:
            fields[FLAGS[word]] = True
        elif word in WORDS:
            fields[word] = tuple(rest.split())
        elif word == "age":
            fields[word] = int(rest)
        elif word == "only":  # these origins, and here no others
            fields |= {"origins": tuple(rest.split()), "exclusive": True}
        else:
            fields[word] = rest
    return replace(Rule(), **fields)


def _call(text: str) -> Call:
    match = CALL.fullmatch(text)
    assert match, text
    return Call(
        method=match["method"],
        path=match["path"] or "/",
        origin=match["origin"],
        requested_method=match["asked"],
        requested_headers=match["names"] and match["names"].replace("␠", " "),
        page_sets_vary=match["vary"],
    )


def _answer(text: str, call: Call) -> Iterator[tuple[str, Any]]:
    for part in text.split("; "):
        word, _, rest = part.partition(" ")
        if word == "none":
            yield from ((field, None) for field in FIELDS if field != "vary")
        elif word.isdigit():
            yield "status", int(word)
        else:
            assert word in FIELDS, text
            text_of = {"-": None, "echo": call.origin, "": "true"}.get(rest, rest)
            yield word, value(word, text_of)
