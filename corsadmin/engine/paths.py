"""Which request paths a pattern covers."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator
from itertools import zip_longest
from typing import Final
from urllib.parse import unquote

from corsadmin.engine.problems import Problem

MAX_PATH_LENGTH = 512
ALONE: Final = "{$}"  # after a last slash: the path that ends there, and nothing below it

# Cc control, Cs lone surrogate, Zl and Zp line and paragraph separator.
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_UNUSED = "-"  # the first name that a probe path tries for a star
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
# How a pattern ends, in the order of specificity.
_ENDS_EXACT, _ENDS_ALONE, _ENDS_PREFIX = 2, 3, 4
_ENDS = {ALONE: _ENDS_ALONE, "": _ENDS_PREFIX}


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
        return path.startswith(pattern) if pattern[-1:] == "/" else path == written(pattern)
    wanted, ends = _segments(pattern)
    given = path.split("/")
    return (len(given) == len(wanted) if ends else len(given) > len(wanted)) and _stands_for(
        wanted, given
    )


def lies_within(inner: str, outer: str) -> bool:
    """Report whether a valid pattern covers every path that another valid one covers."""
    (given, given_ends), (wanted, wanted_ends) = _segments(inner), _segments(outer)
    if wanted_ends:
        fits = given_ends and len(given) == len(wanted)
    else:
        fits = len(given) >= len(wanted) + given_ends
    return fits and _stands_for(wanted, given)


def written(pattern: str) -> str:
    """Return a pattern without its `{$}`: for an exact pattern without a star, its one path."""
    return pattern.removesuffix(ALONE) if pattern.endswith("/" + ALONE) else pattern


def overlaps(one: str, other: str) -> bool:
    """Report whether some path is covered by both of two valid path patterns."""
    (first, first_ends), (second, second_ends) = _segments(one), _segments(other)
    if (first_ends and len(first) < len(second) + (not second_ends)) or (
        second_ends and len(second) < len(first) + (not first_ends)
    ):
        return False
    return all(
        a == b or ("*" in (a, b) and "" not in (a, b)) for a, b in zip(first, second, strict=False)
    )


def meet(one: str, other: str) -> str:
    """Return the pattern that covers what both of two overlapping patterns cover."""
    pairs = zip_longest(one.split("/"), other.split("/"), fillvalue="")
    return "/".join(first if first not in {"", "*"} else second or first for first, second in pairs)


def specificity(pattern: str) -> tuple[tuple[int, str], ...]:
    """Return a sort key that puts the most specific pattern first; a total order."""
    *segments, last = pattern.split("/")
    end = _ENDS.get(last, _ENDS_EXACT)
    if end == _ENDS_EXACT:
        segments.append(last)
    key = [(1, "") if segment == "*" else (0, segment) for segment in segments]
    # A pattern that goes on sorts before one that ends; exact, then `{$}`, then prefix.
    return (*key, (end, ""))


def common_patterns(some: Iterable[str], others: Iterable[str], limit: str) -> list[str]:
    """Return what each of some patterns has in common with each other one, within a limit."""
    within = {meet(limit, path) for path in others if overlaps(limit, path)}
    starting = {meet(limit, path) for path in some if overlaps(limit, path)}
    return sorted(
        {meet(one, other) for one in starting for other in within if overlaps(one, other)}
    )


def probe_paths(patterns: Iterable[str], known: Collection[str]) -> dict[str, str]:
    """Return a path for each pattern on which no narrower known pattern wins.

    The most specific pattern that covers a path wins. Take a path that two patterns have in common,
    with an unused name for each star and, below a prefix, an empty segment that no other pattern
    mentions. Any other pattern that covers this path covers every path that both cover. So the
    pattern that wins before a change and the one that wins after it both win on this path too, and
    one path for each pair of patterns is enough.
    """
    taken = {segment for pattern in known for segment in pattern.split("/")}
    name = next(filter(lambda text: text not in taken, _names()))
    # Extends a prefix, because the prefix itself may have a rule of its own, by an empty segment,
    # because a star matches any name. Only an unsound row has adjacent slashes.
    gap = "/"
    while any(f"/{gap}" in pattern for pattern in known):
        gap += "/"
    return {
        pattern: written(pattern).replace("*", name) + f"{gap}{name}" * pattern.endswith("/")
        for pattern in patterns
    }


def _names() -> Iterator[str]:
    name = _UNUSED
    while True:
        yield name
        name += _UNUSED


def _segments(pattern: str) -> tuple[list[str], bool]:
    """Return the segments of a pattern, and whether it covers exactly their number."""
    *segments, last = pattern.split("/")
    if last == ALONE:
        return [*segments, ""], True
    return ([*segments, last], True) if last else (segments, False)


def _stands_for(wanted: list[str], given: list[str]) -> bool:
    """Report whether each segment of a pattern stands for the given one in the same place."""
    return all(
        want == got or (want == "*" and got != "") for want, got in zip(wanted, given, strict=False)
    )


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
    # Paths are decoded once. One that still looks encoded after that cannot be a pattern.
    return "" if _is_percent_encoded(decoded) else decoded


def _plain(text: str) -> str:
    """Return the pattern for a regular expression such as `^/api/.*$` or `^/api/$`."""
    body = text.removeprefix("^").replace("\\/", "/")
    if body.endswith("/$"):
        return body.removesuffix("$") + ALONE
    return body.removesuffix("$").removesuffix(".*")


def _has_other_braces(text: str) -> bool:
    """Report whether a pattern has braces anywhere but in `{$}` after its last slash."""
    return not {"{", "}"}.isdisjoint(written(text))


def _without_placeholders(text: str) -> str:
    """Return the pattern for a route such as `/users/{id}/` or `/files/{path...}`."""
    # `/api{$}` needs no `{$}`: `/api` is exact already.
    body = text if text.endswith("/" + ALONE) else text.removesuffix(ALONE)
    *segments, last = ("*" if _is_placeholder(one) else one for one in body.split("/"))
    is_rest = last.endswith("...}") and _is_placeholder(last.replace("...", ""))
    return "/".join([*segments, "" if is_rest else last])


def _is_placeholder(segment: str) -> bool:
    return segment[:1] == "{" and segment[-1:] == "}" and segment[1:-1].isidentifier()


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
    """Put a slash first; `*` alone means every path, which the grammar writes as `/`."""
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
    ("path-brace", _has_other_braces, _without_placeholders),
    ("path-empty-segment", lambda text: "//" in text, _single_slashes),
    ("path-dot-segment", _has_dot_segment, _resolved),
    (
        "path-wildcard-position",
        lambda text: any("*" in part and part != "*" for part in text.split("/")),
        lambda text: text.removesuffix("**"),
    ),
)
