"""What two path patterns have in common."""

from itertools import zip_longest


def overlaps(one: str, other: str) -> bool:
    """Report whether some path is covered by both of two valid path patterns."""
    (first, first_ends), (second, second_ends) = _segments(one), _segments(other)
    if (first_ends and len(first) < len(second) + (not second_ends)) or (
        second_ends and len(second) < len(first) + (not first_ends)
    ):
        return False
    return all(a == b or "*" in (a, b) for a, b in zip(first, second, strict=False))


def meet(one: str, other: str) -> str:
    """Return the pattern that covers what both of two overlapping patterns cover."""
    pairs = zip_longest(one.split("/"), other.split("/"), fillvalue="")
    return "/".join(first if first not in {"", "*"} else second or first for first, second in pairs)


def _segments(pattern: str) -> tuple[list[str], bool]:
    """Return the segments of a pattern, and whether it covers exactly their number."""
    *segments, last = pattern.split("/")
    return ([*segments, last], True) if last else (segments, False)
