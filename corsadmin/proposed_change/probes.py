"""Which paths decide whether two policies answer alike on every path.

A path is answered by the most specific pattern that covers it. Whatever wins before a change and
whatever wins after it also win on a path that both patterns have in common, with a new name for
each star and, below a prefix, an empty segment that no other pattern speaks of: every other pattern
that covers this path covers all paths that both cover. So one path for each pair of patterns is
enough.
"""

from collections.abc import Collection, Iterable

from corsadmin.engine.paths import meet, overlaps, written

_UNUSED = "-"


def common_patterns(some: Iterable[str], others: Iterable[str], limit: str) -> list[str]:
    """Return what each of some patterns has in common with each other one, within a limit."""
    within = {meet(limit, path) for path in others if overlaps(limit, path)}
    starting = {meet(limit, path) for path in some if overlaps(limit, path)}
    return sorted(
        {meet(one, other) for one in starting for other in within if overlaps(one, other)}
    )


def probe_paths(patterns: Iterable[str], known: Collection[str]) -> dict[str, str]:
    """Return a path for each pattern on which nothing narrower among the known patterns wins."""
    taken = {segment for pattern in known for segment in pattern.split("/")}
    name = next(filter(lambda text: text not in taken, _names()))
    # Below a prefix: the path itself may have a rule of its own, and a star stands for any name.
    # Only an unsound row has slashes in a row.
    gap = "/"
    while any(f"/{gap}" in pattern for pattern in known):
        gap += "/"
    return {
        pattern: written(pattern).replace("*", name) + f"{gap}{name}" * pattern.endswith("/")
        for pattern in patterns
    }


def _names() -> Iterable[str]:
    name = _UNUSED
    while True:
        yield name
        name += _UNUSED
