"""Which request paths a pattern covers."""

import unicodedata
from collections.abc import Mapping
from itertools import zip_longest
from typing import Generic, TypeVar
from urllib.parse import unquote

from corsadmin.engine.problems import Problem

MAX_PATH_LENGTH = 512
MAX_TRIED_LENGTHS = 8

T = TypeVar("T")

# Cc control, Cs lone surrogate, Zl and Zp line and paragraph separator.
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


def check_path(text: str, field: str = "path") -> Problem | None:
    """Return what is wrong with a path pattern, or None."""
    code, mended = _first_fault(text)
    if not code:
        return None
    suggestion = mended
    for _ in range(len(_FAULTS)):
        again, further = _first_fault(suggestion)
        if not again:
            break
        suggestion = further
    return Problem(field, code, text, "" if _first_fault(suggestion)[0] else suggestion)


def is_coverable(path: str) -> bool:
    """Report whether any pattern may cover path: no dot segments, backslash or NUL."""
    if path[:1] != "/" or "\\" in path or "\0" in path:
        return False
    return "/." not in path or not _has_dot_segment(path)


def covers(pattern: str, path: str) -> bool:
    """Report whether one pattern covers path."""
    if not is_coverable(path):
        return False
    if "*" not in pattern:
        return path.startswith(pattern) if pattern[-1:] == "/" else path == pattern
    wanted, given = pattern.split("/"), path.split("/")
    if wanted[-1] == "":
        # A prefix pattern covers its own path and all below: compare what comes before.
        if len(given) < len(wanted):
            return False
        wanted.pop()
        del given[len(wanted) :]
    return len(wanted) == len(given) and all(
        want == got or (want == "*" and got != "") for want, got in zip(wanted, given, strict=True)
    )


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


def specificity(pattern: str) -> tuple[tuple[int, str], ...]:
    """Return a sort key that puts the most specific pattern first; a total order."""
    *segments, last = pattern.split("/")
    if last:
        segments.append(last)
    key = [(1, "") if segment == "*" else (0, segment) for segment in segments]
    # A pattern that goes on sorts before one that ends; exact ends before prefix ends.
    return (*key, (2, "") if last else (3, ""))


class PathTable(Generic[T]):
    """Finds the value of the most specific pattern that covers a path; values are not None."""

    __slots__ = ("_exact", "_lengths", "_prefixes", "_root")

    def __init__(self, values: Mapping[str, T]) -> None:
        # A row that passed the gate by may hold anything; every path begins with a slash.
        rooted = {pattern: value for pattern, value in values.items() if pattern[:1] == "/"}
        self._exact = {pattern: value for pattern, value in rooted.items() if pattern[-1] != "/"}
        self._prefixes = {pattern: value for pattern, value in rooted.items() if pattern[-1] == "/"}
        self._lengths = sorted({len(pattern) for pattern in self._prefixes}, reverse=True)
        # A few lengths are tried one by one; with more of them, or with stars, a tree is walked.
        tree = len(self._lengths) > MAX_TRIED_LENGTHS or any("*" in pattern for pattern in rooted)
        self._root: _Node[T] | None = _build(rooted) if tree else None

    def find(self, path: str) -> T | None:
        """Return the value of the most specific pattern that covers path, or None."""
        # Only a path that looks odd is worth a call: this is the hot path.
        if ("/." in path or "\\" in path or "\0" in path) and not is_coverable(path):
            return None
        if self._root is not None:
            return _search(self._root, path)
        found = self._exact.get(path) if self._exact else None  # no path is hashed in vain
        if found is None:
            prefixes = self._prefixes
            for length in self._lengths:
                found = prefixes.get(path[:length])
                if found is not None:
                    break
        return found


class _Node(Generic[T]):
    """One segment of the patterns that hold a `*`."""

    __slots__ = ("below", "exact", "prefix")

    def __init__(self) -> None:
        self.below: dict[str, _Node[T]] = {}
        self.exact: T | None = None
        self.prefix: T | None = None


def _build(values: Mapping[str, T]) -> _Node[T]:
    root: _Node[T] = _Node()
    for pattern, value in values.items():
        *segments, last = pattern.split("/")
        if last:
            segments.append(last)
        node = root
        for segment in segments:
            node = node.below.setdefault(segment, _Node())
        if last:
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


def _segments(pattern: str) -> tuple[list[str], bool]:
    """Return the segments of a pattern, and whether it covers exactly their number."""
    *segments, last = pattern.split("/")
    return ([*segments, last], True) if last else (segments, False)


def _has_dot_segment(path: str) -> bool:
    return "/./" in path or "/../" in path or path.endswith(("/.", "/.."))


def _first_fault(text: str) -> tuple[str, str]:
    """Return the first code that applies and the text with that fault mended, or two blanks."""
    for code, is_faulty, mend in _FAULTS:
        if is_faulty(text):
            return code, mend(text)
    return "", ""


def _is_percent_encoded(text: str) -> bool:
    return any(_HEX_DIGITS.issuperset(part[:2]) and len(part) > 1 for part in text.split("%")[1:])


def _decoded(text: str) -> str:
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        return ""
    # A path that still looks encoded after the one decoding it gets cannot be written.
    return "" if _is_percent_encoded(decoded) else decoded


def _plain(text: str) -> str:
    """Return what a regular expression such as `^/api/.*$` says as a prefix."""
    return text.removeprefix("^").removesuffix("$").removesuffix(".*").replace("\\/", "/")


def _resolved(text: str) -> str:
    """Resolve dot segments as a browser does before it sends a path."""
    kept: list[str] = []
    for segment in text[1:].split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    below = "/" * (text.endswith(("/.", "/..")) and kept != [])
    return "/" + "/".join(kept) + below


def _from_root(text: str) -> str:
    """Put a slash first; `*` alone says every path, which the grammar writes `/`."""
    return "/" + (text if text.strip("*") else "")


def _path_of_url(text: str) -> str:
    return "/" + text.partition("://")[2].partition("/")[2]


def _single_slashes(text: str) -> str:
    parts = [part for part in text.split("/") if part]
    return "/" + "/".join(parts) + "/" * (parts != [] and text.endswith("/"))


_FAULTS = (
    ("path-empty", lambda text: not text.strip(), lambda _: ""),
    ("path-too-long", lambda text: len(text) > MAX_PATH_LENGTH, lambda _: ""),
    ("path-white-space", lambda text: text != text.strip(), str.strip),
    (
        "path-control-character",
        lambda text: any(unicodedata.category(character) in _UNPRINTABLE for character in text),
        lambda _: "",
    ),
    ("path-url", lambda text: text[0] != "/" and "://" in text, _path_of_url),
    ("path-regex", lambda text: text[0] == "^" or ".*" in text, _plain),
    ("path-backslash", lambda text: "\\" in text, lambda text: text.replace("\\", "/")),
    ("path-fragment", lambda text: "#" in text, lambda text: text.partition("#")[0]),
    ("path-query", lambda text: "?" in text, lambda text: text.partition("?")[0]),
    ("path-percent-encoded", _is_percent_encoded, _decoded),
    ("path-leading-slash-missing", lambda text: text[0] != "/", _from_root),
    ("path-empty-segment", lambda text: "//" in text, _single_slashes),
    ("path-dot-segment", _has_dot_segment, _resolved),
    (
        "path-wildcard-position",
        lambda text: any("*" in part and part != "*" for part in text.split("/")),
        lambda text: text.removesuffix("**"),
    ),
)
