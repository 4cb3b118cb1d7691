"""Check the origin entry that a person typed."""

from dataclasses import dataclass

from corsadmin.engine.origins import OriginPattern, parse_pattern, risks
from corsadmin.engine.paths import check_path
from corsadmin.engine.problems import PolicyError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginText:
    """An origin entry as it is stored. The window's ends are seconds since the epoch, UTC."""

    pattern: str
    credentials: bool = False
    scope: str = ""
    valid_from: float | None = None
    valid_until: float | None = None
    risk_accepted: bool = False


def check_origin(text: OriginText) -> tuple[Problem, ...]:
    """Return every problem of an origin entry; empty if it is sound.

    A dangerous pattern with credentials is a problem until its risk is accepted.
    """
    return examine_origin(text)[1]


def examine_origin(text: OriginText) -> tuple[OriginPattern | None, tuple[Problem, ...]]:
    """Return the pattern of an origin entry, None if it does not parse, and every problem of it."""
    found: list[Problem | None] = []
    if text.scope:
        found.append(check_path(text.scope, "scope"))
    start, end = text.valid_from, text.valid_until
    if start is not None and end is not None and start >= end:
        found.append(Problem("valid_until", "window-order", ""))
    pattern = None
    try:
        pattern = parse_pattern(text.pattern)
    except PolicyError as error:
        found.extend(error.problems)
    else:
        if text.credentials and not text.risk_accepted:
            found.extend(Problem("pattern", code, text.pattern) for code in risks(pattern))
    return pattern, tuple(filter(None, found))
