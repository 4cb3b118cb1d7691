"""The table and the page: how much of each peer can be said, and why the rest differs."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.conformance.peers.asking import ask_all, refusals
from tests.conformance.peers.cases import Answer, Case, Rule, Suite
from tests.conformance.peers.differing import REASONS
from tests.conformance.peers.explaining import OPENING, opens, reasons
from tests.conformance.peers.patterns import PATTERN_REASONS, pattern_reason
from tests.conformance.peers.reading import suites
from tests.conformance.peers.unsaid import MEANINGS

HEAD = """# What other libraries' tests say

Every CORS library has tests of its own. We wrote their cases down in our own words: a policy, a request
and what the peer answers to it (`tests/conformance/peers/suites`). Each policy is stored through the
gate, each request goes through the middleware, and the two answers are compared in whatever the peer's
test asserts. No peer's code takes part.

`make peers` writes this page, and a test keeps it true.

| peer | cases | can be said | alike | differ |
|---|--:|--:|--:|--:|
"""

WHY = {item.name: item.why for item in REASONS} | {item.name: item.why for item in PATTERN_REASONS}

WORDS: dict[str, Callable[[Rule], bool]] = {
    "any origin": lambda rule: rule.any_origin,
    "wildcards for the names below a domain": lambda rule: any(
        "*." in text for text in rule.origins
    ),
    "origins of applications and extensions": lambda rule: any(
        not text.startswith("http") for text in rule.origins
    ),
    "exclusive rules": lambda rule: rule.exclusive,
    "`{$}`": lambda rule: rule.path.endswith("{$}"),
    "a star in a list, with credentials": lambda rule: (
        rule.credentials and not rule.any_origin and "*" in {*rule.methods, *rule.headers}
    ),
    "*refuse unlisted*": lambda rule: rule.refuse,
}


@dataclass
class Row:
    """What is made of one suite."""

    suite: Suite
    alike: int = 0
    differ: int = 0
    why: Counter[str] = field(default_factory=Counter)
    opening: list[tuple[str, list[str]]] = field(default_factory=list)
    answers: list[tuple[Case, Answer]] = field(default_factory=list)

    @property
    def said(self) -> int:
        """How many cases can be said here."""
        return self.alike + self.differ

    @property
    def cases(self) -> int:
        """How many cases of the suite are written down."""
        return self.said + len(self.suite.unsaid)

    def count(self, names: list[str]) -> None:
        """Count one case that differs in these ways, or in none."""
        self.why.update(names)
        self.differ += bool(names)
        self.alike += not names


def judge_all() -> list[Row]:
    """Put every case to the gate and the middleware; assert that each difference has a reason."""
    found = [Row(suite) for suite in suites()]
    answers = iter(ask_all(case for row in found for case in row.suite.cases))
    for row in found:
        for case in row.suite.cases:
            ours = next(answers)
            row.answers.append((case, ours))
            row.count(reasons(case, ours))
            if opens(case, ours):
                row.opening.append((case.name, reasons(case, ours)))
        for pattern in row.suite.patterns:
            same = (not refusals(pattern.pattern)) is pattern.taken
            row.count([] if same else [pattern_reason(pattern)])
        for unsaid in row.suite.unsaid:
            proof = refusals(unsaid.refused) if unsaid.refused else []

            assert bool(proof) is MEANINGS[unsaid.why].by_the_gate, unsaid
    return found


def page(found: list[Row]) -> str:
    """Return the whole page."""
    return "".join(
        [
            HEAD,
            *_table(found),
            *_words(found),
            *_differences(found),
            *_opening(found),
            *_unsaid(found),
            *_sources(found),
        ]
    )


def _table(found: list[Row]) -> Iterator[str]:
    for row in found:
        yield _line(row.suite.peer, row.cases, row.said, row.alike, row.differ)
    total = (sum(column) for column in zip(*map(_numbers, found), strict=True))
    yield _line("sum", *total)


def _numbers(row: Row) -> tuple[int, ...]:
    return row.cases, row.said, row.alike, row.differ


def _words(found: list[Row]) -> Iterator[str]:
    yield "\n## What their policies are made of\n\n| part of a policy | cases | peers |\n|---|--:|--:|\n"
    for name, needs in WORDS.items():
        counts = [sum(any(map(needs, case.rules)) for case in row.suite.cases) for row in found]
        yield _line(name, sum(counts), sum(map(bool, counts)))


def _differences(found: list[Row]) -> Iterator[str]:
    yield "\n## Why answers differ\n\n"
    yield "A case may differ in several ways. The test asks each reason to be visible in the two answers.\n\n"
    yield "| difference | cases | peers | why |\n|---|--:|--:|---|\n"
    for name, why in WHY.items():
        counts = [row.why[name] for row in found]
        yield _line(name, sum(counts), sum(map(bool, counts)), why)


def _opening(found: list[Row]) -> Iterator[str]:
    yield "\n## Where a page is let in that the peer keeps out\n\n| peer | case | why |\n|---|---|---|\n"
    for row in found:
        for name, why in row.opening:
            yield _line(row.suite.peer, name, ", ".join(sorted(OPENING.intersection(why))))


def _unsaid(found: list[Row]) -> Iterator[str]:
    yield "\n## What cannot be said\n\n| what | cases | peers | why |\n|---|--:|--:|---|\n"
    for why, meaning in MEANINGS.items():
        counts = [sum(unsaid.why == why for unsaid in row.suite.unsaid) for row in found]
        yield _line(why, sum(counts), sum(map(bool, counts)), meaning.text)


def _sources(found: list[Row]) -> Iterator[str]:
    yield "\n## Which cases these are\n\n| peer | its tests | written down |\n|---|---|---|\n"
    for row in found:
        yield _line(row.suite.peer, f"`{row.suite.source}`", row.suite.coverage)


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |\n"
