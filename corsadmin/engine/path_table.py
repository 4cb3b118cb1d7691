"""Look up the most specific pattern that covers a path."""

from collections.abc import Iterator, Mapping
from typing import Final, Generic, TypeVar

from corsadmin.engine.paths import ALONE, MAX_PATH_LENGTH, is_coverable, written

MAX_TRIED_PREFIXES: Final = 8

T = TypeVar("T")


class PathTable(Generic[T]):
    """Finds the value of the most specific pattern that covers a path; values are not None."""

    __slots__ = ("_exact", "_prefixes", "_root")

    def __init__(self, values: Mapping[str, T]) -> None:
        # A row that bypassed the gate may hold anything; every path begins with a slash.
        rooted = {pattern: value for pattern, value in values.items() if pattern[:1] == "/"}
        self._exact = {
            written(pattern): value for pattern, value in rooted.items() if not _is_prefix(pattern)
        }
        prefixes = sorted(filter(_is_prefix, rooted), key=len, reverse=True)
        self._prefixes = tuple((pattern, len(pattern), rooted[pattern]) for pattern in prefixes)
        # A few prefixes are tried one by one; with more of them, or with stars, a tree is walked.
        tree = len(prefixes) > MAX_TRIED_PREFIXES or any("*" in pattern for pattern in rooted)
        self._root: _Node[T] | None = _build(rooted) if tree else None

    def values(self) -> Iterator[T]:
        """Yield the value of each pattern that may be found."""
        yield from self._exact.values()
        yield from (value for *_, value in self._prefixes)

    def find(self, path: str) -> T | None:
        """Return the value of the most specific pattern that covers path, or None."""
        # Only a path that looks odd is worth a call: this is the hot path.
        if ("/." in path or "\\" in path or "\0" in path) and not is_coverable(path):
            return None
        if self._root is not None:
            return _search(self._root, path)
        # Even an empty dict would hash the path.
        if self._exact and (found := self._exact.get(path)) is not None:
            return found
        for prefix, length, value in self._prefixes:
            if path[:length] == prefix:  # two thirds of what startswith() costs
                return value
        return None


class _Node(Generic[T]):
    """One segment of the patterns that hold a `*`."""

    __slots__ = ("alone", "below", "exact", "prefix")

    def __init__(self) -> None:
        self.alone: T | None = None
        self.below: dict[str, _Node[T]] = {}
        self.exact: T | None = None
        self.prefix: T | None = None


def _is_prefix(pattern: str) -> bool:
    return pattern[-1] == "/"


def _build(values: Mapping[str, T]) -> _Node[T]:
    root: _Node[T] = _Node()
    for pattern, value in values.items():
        *segments, last = pattern.split("/")
        if last and last != ALONE:
            segments.append(last)
        node = root
        for segment in segments:
            node = node.below.setdefault(segment, _Node())
        if last == ALONE:
            node.alone = value
        elif last:
            node.exact = value
        else:
            node.prefix = value
    return root


def _search(root: _Node[T], path: str) -> T | None:
    """Visit each node at most once, the most specific first."""
    segments = path.split("/", MAX_PATH_LENGTH)
    count = len(segments)
    waiting: list[tuple[_Node[T], int, bool]] = [(root, 0, True)]
    while waiting:
        node, depth, entering = waiting.pop()
        if not entering or depth == count:
            found = node.exact if depth == count else node.prefix
            if depth == count - 1 and segments[depth] == "" and node.alone is not None:
                found = node.alone
            if found is not None:
                return found
            continue
        # Last in, first out: the literal segment, then `*`, then what covers all below.
        waiting.append((node, depth, False))
        segment = segments[depth]
        if segment and "*" in node.below:
            waiting.append((node.below["*"], depth + 1, True))
        if segment != "*" and segment in node.below:
            waiting.append((node.below[segment], depth + 1, True))
    return None
