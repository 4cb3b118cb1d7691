"""Origin patterns that the gate judges otherwise than a peer: a closed list, proved by the pattern."""

import re
from collections.abc import Callable
from typing import NamedTuple

from corsadmin.engine.entries import OriginText, check_origin
from corsadmin.engine.origins import parse_pattern
from tests.conformance.peers.cases import Pattern


class PatternReason(NamedTuple):
    """A named difference: `covers(pattern)` says of which patterns it holds."""

    name: str
    why: str
    taken_here: bool
    covers: Callable[[str], bool]


def pattern_reason(case: Pattern) -> str:
    """Return the name of the difference; there is exactly one."""
    [found] = [
        reason.name
        for reason in PATTERN_REASONS
        if reason.taken_here is not case.taken and reason.covers(case.pattern)
    ]
    return found


def _as_sent(text: str) -> str:
    return text.strip().lower().removesuffix("/")


def _suggested(text: str) -> set[str]:
    return {problem.suggestion for problem in check_origin(OriginText(pattern=text))}


PATTERN_REASONS = [
    PatternReason(
        "a wildcard inside the first label",
        "Taken here: preview deployments have such names.",
        taken_here=True,
        covers=lambda text: bool(parse_pattern(text).label),
    ),
    PatternReason(
        "IPv4-mapped IPv6",
        "Taken here: browsers send it.",
        taken_here=True,
        covers=lambda text: "[::ffff:" in text,
    ),
    PatternReason(
        "a dot at the end of the host",
        "Refused here: it is another origin than the one without the dot, and hardly anybody means it.",
        taken_here=False,
        covers=lambda text: re.search(r"\.(:\d+)?$", text) is not None,
    ),
    PatternReason(
        "written otherwise than browsers do",
        "Refused here, with what browsers send as the suggestion: the peer drops blanks, case and a "
        "slash at the end.",
        taken_here=False,
        covers=lambda text: _as_sent(text) in _suggested(text),
    ),
]
