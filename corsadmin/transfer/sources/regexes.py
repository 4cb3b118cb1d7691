"""Translate regular expressions of origins and paths where that is exact.

A regex is read here, never run: of one that is not understood nothing is carried over. What is
compared is what browsers send, so `.*` in front of a domain stands for labels and nothing else.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Final

from corsadmin.engine import PolicyError, check_path, parse_pattern

_MOST: Final = 100  # alternatives of one regex
# Stand-ins for what is no literal text, in characters that no origin and no path holds.
# _WHOLE is a label with every character it may have, _LABELS one or more of them with their dots.
_ANY, _LABEL, _DIGITS, _CHARACTER, _LABELS, _WHOLE = "\1", "\2", "\3", "\4", "\5", "\6"
_SEGMENT: Final = "\7"  # of a path: whatever is no slash
_STAND_INS: Final = frozenset({_ANY, _LABEL, _DIGITS, _CHARACTER, _LABELS, _WHOLE, _SEGMENT})
_CLASSES: Final = {
    "[0-9]": _DIGITS,
    "\\d": _DIGITS,
    "\\w": _LABEL,
    "[\\w-]": _LABEL,
    "[^.]": _LABEL,
    "[^./]": _LABEL,
    "[^/.]": _LABEL,
    "[^/]": _SEGMENT,
    "[a-z0-9-]": _LABEL,
    "[a-zA-Z0-9-]": _LABEL,
    "[a-z]": _LABEL,
    "[a-z0-9]": _LABEL,
}
# Only these hold every character of a label, the underscore too.
_WHOLE_LABELS: Final = frozenset({"[\\w-]", "[^.]", "[^./]", "[^/.]"})


class _NotUnderstoodError(ValueError):
    """A regex has a part that no entry can express."""


@dataclass(frozen=True, slots=True)
class Translation:
    """Entries that match the same, and the nearest safe ones of what has none; why, if so."""

    exact: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()
    why: str = ""


def translate_origin(regex: str) -> Translation:
    """Return the origin patterns that match what a regex matches from the beginning."""
    return _translate(regex, _origin_part)


def translate_path(regex: str) -> Translation:
    """Return the path patterns that cover what a regex matches from the beginning."""
    return _translate(regex, _path_part)


def paths_around(regex: str) -> tuple[str, ...]:
    """Return path patterns that cover all that a regex matches from the beginning, and more."""
    try:
        found = [
            _around(text, is_anchored=is_anchored)
            for part in _alternatives(regex)
            for body, is_anchored in [_without_anchors(part)]
            for text in _expand(body)
        ]
    except _NotUnderstoodError:
        return ("/",)
    return tuple(dict.fromkeys(found))


def _around(text: str, *, is_anchored: bool) -> str:
    cut = min((text.find(sign) for sign in (_ANY, _CHARACTER) if sign in text), default=len(text))
    *segments, last = text[:cut].split("/")
    found = ["*" if _STAND_INS.intersection(segment) else segment for segment in segments]
    is_whole = is_anchored and cut == len(text)
    pattern = "/".join(
        [*found, ("*" if _STAND_INS.intersection(last) else last) if is_whole else ""]
    )
    return pattern if check_path(pattern) is None else "/"


def _translate(regex: str, translate: Callable[[str], Translation]) -> Translation:
    try:
        # Each alternative at the top has anchors of its own.
        found = [translate(part) for part in _alternatives(regex)]
    except _NotUnderstoodError as error:
        return Translation(why=str(error))
    return Translation(
        tuple(dict.fromkeys(pattern for part in found for pattern in part.exact)),
        tuple(dict.fromkeys(pattern for part in found for pattern in part.nearest)),
        next((part.why for part in found if part.why), ""),
    )


def _origin_part(regex: str) -> Translation:
    body, is_anchored = _without_anchors(regex)
    found = _expand(body)
    exact: list[str] = []
    nearest: list[str] = []
    has_all = is_anchored
    for text in found:
        if text.endswith(f":{_DIGITS}") and text.removesuffix(f":{_DIGITS}") in found:
            continue  # told together with the same host without a port
        shape = f"{text}:*" if f"{text}:{_DIGITS}" in found else text
        pattern, is_exact = _pattern(shape)
        has_all = has_all and is_exact
        if pattern:
            (exact if is_exact and is_anchored else nearest).append(pattern)
    if not is_anchored:
        why = "it has no $ at its end, so it also allows every host that goes on from there."
    else:
        why = "" if has_all else "no entry matches exactly the same."
    return Translation(tuple(exact), tuple(nearest), why)


def _path_part(regex: str) -> Translation:
    body, is_anchored = _without_anchors(regex)
    found = _expand(body)
    exact: list[str] = []
    nearest: list[str] = []
    for text in found:
        open_end = not is_anchored or text.endswith(_ANY)
        segments = (text.removesuffix(_ANY) or "/").split("/")
        literal = "/".join("*" if part == _SEGMENT else part for part in segments)
        if _STAND_INS.intersection(literal) or check_path(literal):
            continue
        if open_end and not literal.endswith("/"):
            nearest += [literal, f"{literal}/"]
        elif not open_end and literal.endswith("/"):
            nearest.append(literal)
        else:
            exact.append(literal)
    why = "" if len(exact) == len(found) else "no path pattern covers exactly the same."
    return Translation(tuple(exact), tuple(nearest), why)


def _alternatives(regex: str) -> list[str]:
    """Split a regex at each | that is in no group."""
    parts, depth, escaped = [""], 0, False
    for sign in regex:
        if sign == "|" and depth == 0 and not escaped:
            parts.append("")
            continue
        parts[-1] += sign
        depth += 0 if escaped else {"(": 1, ")": -1}.get(sign, 0)
        escaped = sign == "\\" and not escaped
    return parts


def _pattern(shape: str) -> tuple[str, bool]:
    """Return the pattern of an expanded origin, blank when there is none, and if it is exact."""
    scheme, separator, rest = shape.partition("://")
    is_exact = True
    for beginning in (_LABELS, f"{_ANY}.", f"{_LABEL}.", f"{_WHOLE}.", _ANY):
        if rest.startswith(beginning):
            is_exact = beginning in (_LABELS, f"{_ANY}.")
            rest = "*." + rest.removeprefix(beginning)
            break
    if rest.endswith(f":{_DIGITS}"):
        rest, is_exact = rest.removesuffix(_DIGITS) + "*", False
    if _CHARACTER in rest:
        rest, is_exact = rest.replace(_CHARACTER, "."), False
    pattern = scheme + separator + rest
    try:
        parse_pattern(pattern)
    except PolicyError:
        return "", False
    return pattern, is_exact


def _without_anchors(regex: str) -> tuple[str, bool]:
    body = regex.removeprefix("^").removeprefix("\\A")
    for end in ("$", "\\Z"):
        if body.endswith(end) and not body.endswith("\\$"):
            return body.removesuffix(end), True
    return body, False


def _expand(regex: str) -> list[str]:
    """Return every text a regex stands for, with stand-ins for what is no literal."""
    reader = _Reader(regex)
    found = reader.alternatives()
    if reader.rest:
        raise _NotUnderstoodError("its brackets do not match.")
    return list(dict.fromkeys(found))


class _Reader:
    """Reads a regex from left to right."""

    def __init__(self, regex: str) -> None:
        self.rest = regex

    def alternatives(self) -> list[str]:
        """Read up to the end or a closing bracket."""
        found = self._sequence()
        while self.rest.startswith("|"):
            self.rest = self.rest[1:]
            found += self._sequence()
        return _bounded(found)

    def _sequence(self) -> list[str]:
        found = [""]
        while self.rest and self.rest[0] not in "|)":
            atom, of_class = self._atom()
            atom = self._repeated(atom, of_class)
            found = _bounded(["".join(pair) for pair in product(found, atom)])
        return found

    def _atom(self) -> tuple[list[str], str]:
        """Read one part and return it with the class of characters it is, if it is one."""
        for text, stand_in in _CLASSES.items():
            if self.rest.startswith(text):
                self.rest = self.rest.removeprefix(text)
                return [stand_in], text
        if self.rest[0] == "(":
            return self._group(), ""
        sign, self.rest = self.rest[0], self.rest[1:]
        if sign == ".":
            return [_CHARACTER], ""
        if sign == "\\" and self.rest[:1] and not self.rest[0].isalnum() and self.rest[0] != "*":
            sign, self.rest = self.rest[0], self.rest[1:]
            return [sign], ""
        if sign in "\\[]{}^$*+?":
            raise _NotUnderstoodError(f"{sign} has no counterpart here.")
        return [sign], ""

    def _group(self) -> list[str]:
        self.rest = self.rest[1:].removeprefix("?:")
        if self.rest.startswith(("?<", "?P<")) and self.rest[2:3] not in ("=", "!"):
            self.rest = self.rest.partition(">")[2]  # the name of the group
        if self.rest.startswith("?"):
            raise _NotUnderstoodError("(? has no counterpart here.")
        found = self.alternatives()
        if not self.rest.startswith(")"):
            raise _NotUnderstoodError("its brackets do not match.")
        self.rest = self.rest[1:]
        return found

    def _repeated(self, atom: list[str], of_class: str) -> list[str]:
        sign = self.rest[:1]
        if of_class and sign not in ("*", "+"):
            raise _NotUnderstoodError("it counts characters.")
        if sign not in ("*", "+", "?"):
            return atom
        self.rest = self.rest[1:].removeprefix("?")  # how greedy it is changes nothing
        if sign == "?":
            return ["", *atom]
        if atom == [_CHARACTER]:
            return [_ANY]
        if atom == [_LABEL]:
            return [_WHOLE if of_class in _WHOLE_LABELS else _LABEL]
        if atom in ([_DIGITS], [_SEGMENT]) and sign == "+":
            return atom
        if atom == [f"{_WHOLE}."]:
            return [_LABELS] if sign == "+" else ["", _LABELS]
        raise _NotUnderstoodError(f"it repeats a part with {sign}.")


def _bounded(found: Iterable[str]) -> list[str]:
    texts = list(found)
    if len(texts) > _MOST:
        raise _NotUnderstoodError("it has too many alternatives.")
    return texts
