"""Read a regular expression as the texts that it matches, without ever running it."""

import re
from collections.abc import Iterable
from itertools import product
from typing import Final

_MAX_ALTERNATIVES: Final = 100  # alternatives of one regex
_MAX_REGEX_LENGTH: Final = 2_000  # characters; a longer regex would take long to read
_MAX_BRACKET_DEPTH: Final = 20  # brackets within brackets
# Stand-ins for parts that are not literal: characters that no origin and no path contains. LABEL is
# some characters of a label, WHOLE is one or more of all its characters, and MAYBE is WHOLE or nothing.
# LABELS is one or more whole labels with their dots.
ANY, LABEL, DIGITS, CHARACTER, LABELS, WHOLE = "\1", "\2", "\3", "\4", "\5", "\6"
SEGMENT: Final = "\7"  # of a path: anything but a slash
MORE: Final = "\10"  # like ANY, but at least one character
MAYBE: Final = "\11"
STAND_INS: Final = frozenset({ANY, LABEL, DIGITS, CHARACTER, LABELS, WHOLE, SEGMENT, MORE, MAYBE})
_CLASSES: Final = {
    "[0-9]": DIGITS,
    "\\d": DIGITS,
    "\\w": LABEL,
    "[\\w-]": LABEL,
    "[^.]": LABEL,
    "[^./]": LABEL,
    "[^/.]": LABEL,
    "[^/]": SEGMENT,
    "[a-z0-9-]": LABEL,
    "[a-zA-Z0-9-]": LABEL,
    "[a-z]": LABEL,
    "[a-z0-9]": LABEL,
    "[0-9a-f]": LABEL,
    "[a-f0-9]": LABEL,
    "[a-z0-9_-]": LABEL,
    "[a-zA-Z0-9_-]": LABEL,
}
# Only these include every character of a label, the underscore too.
_WHOLE_LABELS: Final = frozenset({
    *("[\\w-]", "[^.]", "[^./]", "[^/.]", "[a-z0-9_-]", "[a-zA-Z0-9_-]"),
})  # fmt: skip
# The stand-in for a part that is repeated with + or *. Other repetitions are not understood.
_SOME: Final = {CHARACTER: MORE, LABEL: LABEL, WHOLE: WHOLE, DIGITS: DIGITS, SEGMENT: SEGMENT}
_MAYBE_SOME: Final = {CHARACTER: ANY, LABEL: LABEL, WHOLE: MAYBE}
_COUNT: Final = re.compile(r"\{\d{1,4}(?:,\d{0,4})?\}")


class NotUnderstoodError(ValueError):
    """A regex has a part that no entry can express."""


def alternatives(regex: str) -> list[str]:
    """Split a regex at each | outside of groups.

    Raises NotUnderstoodError for a regex that is too long or contains a stand-in's character.
    """
    if len(regex) > _MAX_REGEX_LENGTH:
        raise NotUnderstoodError("it is too long.")
    if not STAND_INS.isdisjoint(regex):
        raise NotUnderstoodError("it has control characters.")
    parts, depth, escaped = [""], 0, False
    for sign in regex:
        if sign == "|" and depth == 0 and not escaped:
            parts.append("")
            continue
        parts[-1] += sign
        depth += 0 if escaped else {"(": 1, ")": -1}.get(sign, 0)
        escaped = sign == "\\" and not escaped
    return parts


def without_anchors(regex: str) -> tuple[str, bool]:
    """Return a regex without its anchors, and whether it had one at its end."""
    body = regex.removeprefix("^").removeprefix("\\A")
    for end in ("$", "\\Z"):
        if body.endswith(end) and not body.endswith("\\$"):
            return body.removesuffix(end), True
    return body, False


def expand(regex: str) -> list[str]:
    """Return every text that a regex matches, with stand-ins for parts that are not literal.

    Raises NotUnderstoodError.
    """
    reader = _RegexReader(regex)
    found = reader.alternatives()
    if reader.rest:
        raise NotUnderstoodError("its brackets do not match.")
    return list(dict.fromkeys(found))


class _RegexReader:
    """Reads a regex from left to right."""

    def __init__(self, regex: str) -> None:
        self.rest = regex
        self._depth = 0

    def alternatives(self) -> list[str]:
        """Read to the end or to a closing bracket, and return the texts."""
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
        """Read one part; return its texts, and its character class if it is one."""
        for text, stand_in in _CLASSES.items():
            if self.rest.startswith(text):
                self.rest = self.rest.removeprefix(text)
                return [stand_in], text
        if self.rest[0] == "(":
            return self._group(), ""
        sign, self.rest = self.rest[0], self.rest[1:]
        if sign == ".":
            return [CHARACTER], ""
        if sign == "\\" and self.rest[:1] and not self.rest[0].isalnum() and self.rest[0] != "*":
            sign, self.rest = self.rest[0], self.rest[1:]
            return [sign], ""
        if sign in "\\[]{}^$*+?":
            raise NotUnderstoodError(f"{sign} has no counterpart here.")
        return [sign], ""

    def _group(self) -> list[str]:
        self.rest = self.rest[1:].removeprefix("?:")
        if self.rest.startswith(("?<", "?P<")) and self.rest[2:3] not in ("=", "!"):
            self.rest = self.rest.partition(">")[2]  # the name of the group
        if self.rest.startswith("?"):
            raise NotUnderstoodError("(? has no counterpart here.")
        if self._depth == _MAX_BRACKET_DEPTH:
            raise NotUnderstoodError("its brackets are nested too deeply.")
        self._depth += 1
        found = self.alternatives()
        if not self.rest.startswith(")"):
            raise NotUnderstoodError("its brackets do not match.")
        self._depth -= 1
        self.rest = self.rest[1:]
        return found

    def _repeated(self, atom: list[str], of_class: str) -> list[str]:
        sign = self.rest[:1]
        if of_class and sign not in ("*", "+"):
            return self._counted()
        if sign not in ("*", "+", "?"):
            return atom
        self.rest = self.rest[1:].removeprefix("?")  # greediness does not matter
        if sign == "?":
            return ["", *atom]
        if atom == [LABEL] and of_class in _WHOLE_LABELS:
            atom = [WHOLE]
        if atom in ([f"{WHOLE}."], [f"{MAYBE}."]):
            return [LABELS] if sign == "+" else ["", LABELS]
        found = (_SOME if sign == "+" else _MAYBE_SOME).get("".join(atom))
        if found is None or len(atom) > 1:
            raise NotUnderstoodError(f"it repeats a part with {sign}.")
        return [found]

    def _counted(self) -> list[str]:
        """Read how many times a character class is repeated."""
        count = _COUNT.match(self.rest)
        if count is None:
            raise NotUnderstoodError("it counts characters.")
        self.rest = self.rest[count.end() :].removeprefix("?")
        return [LABEL]  # some characters, of some lengths


def _bounded(found: Iterable[str]) -> list[str]:
    texts = list(found)
    if len(texts) > _MAX_ALTERNATIVES:
        raise NotUnderstoodError("it has too many alternatives.")
    return texts
