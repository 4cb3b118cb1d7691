"""Translate regular expressions for origins and paths if that is exact.

A regex is read, never run. A regex that is not understood is not carried over. Only what browsers can
send counts, so `.*` before a domain means labels and nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_uppercase
from typing import Final

from corsadmin.convert.regex_reader import (
    ANY,
    CHARACTER,
    DIGITS,
    LABEL,
    LABELS,
    MAYBE,
    MORE,
    SEGMENT,
    STAND_INS,
    WHOLE,
    NotUnderstoodError,
    alternatives,
    expand,
    without_anchors,
)
from corsadmin.engine.origins import parse_pattern
from corsadmin.engine.paths import ALONE, check_path
from corsadmin.engine.problems import PolicyError

_OTHER: Final = "no entry matches exactly the same."
_WIDER: Final = "no entry matches exactly the same, and the nearest lets in more."
_DOTS: Final = "it also allows a dot, or nothing, where an entry has its star."
_WHYS: Final = ("", _DOTS, _OTHER, _WIDER)
# Stand-ins for a part of a first label, and how an entry with a star there differs.
_IN_LABELS: Final = {
    WHOLE: "",
    ANY: _DOTS,
    SEGMENT: _DOTS,
    MAYBE: _DOTS,
    LABEL: _WIDER,
    DIGITS: _WIDER,
}


@dataclass(frozen=True, slots=True)
class Translation:
    """The patterns that express a regex.

    `exact` patterns match nothing that the regex does not. Together they match all of it, unless
    `why` says what is missing. `nearest` are the closest patterns to the rest; some match more.
    """

    exact: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()
    why: str = ""


def translate_origin(regex: str) -> Translation:
    """Return the origin patterns for a regex that is matched from the beginning."""
    return _translate(regex, _origin_part)


def in_lower_case(regex: str) -> str:
    """Return a regex that ignores case in a form that matches the same texts in lower case."""
    if any(f"\\{sign}" in regex for sign in ascii_uppercase):
        return regex
    return regex.lower()


def translate_path(regex: str) -> Translation:
    """Return the path patterns for a regex that is matched from the beginning."""
    return _translate(regex, _path_part)


def paths_around(regex: str) -> tuple[str, ...]:
    """Return path patterns that cover at least what a regex matches from the beginning."""
    try:
        found = [
            _around(text, is_anchored=is_anchored)
            for part in alternatives(regex)
            for body, is_anchored in [without_anchors(part)]
            for text in expand(body)
        ]
    except NotUnderstoodError:
        return ("/",)
    return tuple(dict.fromkeys(found))


def begins_with_text(regex: str) -> bool:
    """Report whether each alternative of a regex matches at the beginning of a text only."""
    try:
        return all(part.startswith(("^", "\\A")) for part in alternatives(regex))
    except NotUnderstoodError:
        return False


def translate_searched_origin(regex: str) -> Translation:
    """Return the origin patterns for a regex that is searched for anywhere in an origin."""
    found = translate_origin(regex)
    if begins_with_text(regex):
        return found
    why = "it has no ^ at its beginning, so it also allows any text before the match."
    nearest = tuple(dict.fromkeys((*found.exact, *found.nearest)))
    return Translation((), nearest, found.why if not nearest and found.why else why)


def finds(regex: str, text: str) -> bool | None:
    """Report whether a regex of literals matches somewhere in a text; None for other regexes."""
    try:
        parts = [(part, *without_anchors(part)) for part in alternatives(regex)]
        literals = [
            (literal, part.startswith(("^", "\\A")), is_ended)
            for part, body, is_ended in parts
            for literal in expand(body)
        ]
    except NotUnderstoodError:
        return None
    if any(STAND_INS.intersection(literal) for literal, *_ in literals):
        return None
    return any(_stands_in(text, *literal) for literal in literals)


def _stands_in(text: str, literal: str, is_begun: bool, is_ended: bool) -> bool:  # noqa: FBT001
    if is_begun and is_ended:
        return text == literal
    if is_begun:
        return text.startswith(literal)
    return text.endswith(literal) if is_ended else literal in text


def _around(text: str, *, is_anchored: bool) -> str:
    signs = (ANY, MORE, CHARACTER)
    cut = min((text.find(sign) for sign in signs if sign in text), default=len(text))
    *segments, last = text[:cut].split("/")
    found = ["*" if STAND_INS.intersection(segment) else segment for segment in segments]
    is_whole = is_anchored and cut == len(text)
    pattern = "/".join(
        [*found, ("*" if STAND_INS.intersection(last) else last) if is_whole else ""]
    )
    return pattern if "{" not in pattern and check_path(pattern) is None else "/"


@lru_cache(maxsize=1024)  # reading one file translates each of its regexes many times
def _translate(regex: str, translate: Callable[[str], Translation]) -> Translation:
    try:
        # Each alternative at the top has anchors of its own.
        found = [translate(part) for part in alternatives(regex)]
    except NotUnderstoodError as error:
        return Translation(why=str(error))
    return Translation(
        tuple(dict.fromkeys(pattern for part in found for pattern in part.exact)),
        tuple(dict.fromkeys(pattern for part in found for pattern in part.nearest)),
        next((part.why for part in found if part.why), ""),
    )


def _origin_part(regex: str) -> Translation:
    body, is_anchored = without_anchors(regex)
    # No label is empty, so requiring at least one character changes nothing.
    found = [*dict.fromkeys(text.replace(MORE, ANY) for text in expand(body))]
    exact: list[str] = []
    nearest: list[str] = []
    whys: list[str] = []
    for text in found:
        if text.endswith(f":{DIGITS}") and text.removesuffix(f":{DIGITS}") in found:
            continue  # handled together with the same host without a port
        shape = f"{text}:*" if f"{text}:{DIGITS}" in found else text
        pattern, why = _pattern(shape)
        whys.append(why)
        if pattern:
            (exact if why in ("", _DOTS) and is_anchored else nearest).append(pattern)
    if not is_anchored:
        whys = ["it has no $ at its end, so it also allows every host that continues from there."]
    # Prefer the reason why something is not carried over at all.
    why = max(whys, key=_WHYS.index) if is_anchored else whys[0]
    return Translation(tuple(exact), tuple(nearest), why)


def _path_part(regex: str) -> Translation:
    body, is_anchored = without_anchors(regex)
    found = expand(body)
    exact: list[str] = []
    nearest: list[str] = []
    for text in found:
        # A pattern for everything below a path also covers the path itself.
        needs_more = text.endswith(MORE)
        open_end = needs_more or not is_anchored or text.endswith(ANY)
        segments = (text.removesuffix(ANY).removesuffix(MORE) or "/").split("/")
        literal = "/".join("*" if part == SEGMENT else part for part in segments)
        # A brace is an ordinary character in a path, but special in a pattern.
        if {*STAND_INS, "{"}.intersection(literal) or check_path(literal):
            continue
        if open_end and not literal.endswith("/"):
            nearest += [literal, f"{literal}/"]
        elif literal.endswith("/") and needs_more:
            nearest.append(literal)
        elif literal.endswith("/") and not open_end:
            exact.append(literal + ALONE)
        else:
            exact.append(literal)
    why = "" if len(exact) == len(found) else "no path pattern covers exactly the same."
    return Translation(tuple(exact), tuple(nearest), why)


def _pattern(shape: str) -> tuple[str, str]:
    """Return the pattern of an expanded origin, blank if there is none, and why it is not exact."""
    scheme, separator, rest = shape.partition("://")
    rest, why = _first_label(rest)
    if rest.endswith(f":{DIGITS}"):
        rest, why = rest.removesuffix(DIGITS) + "*", _OTHER
    if CHARACTER in rest:
        rest, why = rest.replace(CHARACTER, "."), _OTHER
    pattern = scheme + separator + rest
    try:
        parse_pattern(pattern)
    except PolicyError:
        return "", _OTHER
    return pattern, why


def _first_label(rest: str) -> tuple[str, str]:
    """Return the part after the scheme, with a star for the only stand-in of the first label."""
    if rest.startswith(LABELS):
        return "*." + rest.removeprefix(LABELS), ""
    first, dot, parent = rest.partition(".")
    stand_ins = [sign for sign in first if sign in _IN_LABELS]
    if len(stand_ins) != 1 or not dot:
        return rest, ""
    (sign,) = stand_ins
    if first == sign:
        return f"*.{parent}", "" if sign == ANY else _OTHER
    if first.startswith(ANY) and "." not in parent:
        # Hardly anybody means to match names that merely end like the domain.
        return f"*.{first.removeprefix(ANY)}.{parent}", _OTHER
    return f"{first.replace(sign, '*')}.{parent}", _IN_LABELS[sign]
