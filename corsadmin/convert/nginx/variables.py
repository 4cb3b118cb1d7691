"""Evaluate nginx's variables and conditions for one kind of request.

Nothing is guessed: an uncertain condition raises UncertainError, so that the caller tries both ways.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from corsadmin.convert.nginx.parse import Directive
from corsadmin.convert.regexes import (
    Translation,
    finds,
    in_lower_case,
    translate_searched_origin,
)
from corsadmin.engine.origins import parse_pattern

# Stand-ins for what a browser sends, if it is not a single known text.
ORIGIN, ASKED_METHOD, ASKED_HEADERS = "\1", "\2", "\3"
_STAND_INS: Final = frozenset({ORIGIN, ASKED_METHOD, ASKED_HEADERS})
# Bounds on evaluating a variable; beyond them its value is unknown.
_MAX_TEXT_LENGTH: Final = 8_000  # characters of a text
_MAX_MAPS: Final = 100  # looked up for one text
_MAX_MAP_DEPTH: Final = 20  # maps that lead to maps
_NAME: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


class UnclearError(Exception):
    """A `directive` cannot be followed; `why` is a sentence."""

    def __init__(self, directive: Directive, why: str) -> None:
        self.directive, self.why = directive, why
        super().__init__(directive, why)


class UncertainError(Exception):
    """A condition may hold or not. It is `foreign` if it depends on something other than CORS."""

    def __init__(self, key: tuple[int, str], *, foreign: bool = False) -> None:
        self.key, self.foreign = key, foreign
        super().__init__(key)


class _ForeignError(Exception):
    """A variable is unknown."""


@dataclass(frozen=True, slots=True)
class SimulatedRequest:
    """One kind of request. Without a pattern, its origin is one that the configuration never names."""

    method: str
    pattern: str = ""
    # The assumed results of uncertain conditions.
    world: Mapping[tuple[int, str], bool] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Return the origin, or its stand-in."""
        return ORIGIN if "*" in self.pattern else self.pattern or ORIGIN


def pattern_within(inner: str, outer: str) -> bool:
    """Report whether one origin pattern covers all that another covers."""
    return parse_pattern(outer).contains(parse_pattern(inner))


def _is_within_any(inner: str, patterns: Iterable[str]) -> bool:
    # A pattern without a star covers only itself.
    return any(one == inner or ("*" in one and pattern_within(inner, one)) for one in patterns)


def patterns_overlap(one: str, other: str) -> bool:
    """Report whether some origin is covered by both patterns."""
    return parse_pattern(one).overlaps(parse_pattern(other))


def searched(regex: str, *, caseless: bool) -> Translation:
    """Return the origin patterns for a regex that nginx searches for anywhere in the origin."""
    # Browsers send origins in lower case.
    return translate_searched_origin(in_lower_case(regex) if caseless else regex)


@dataclass(frozen=True, slots=True)
class _Map:
    """A map. Its literal cases are indexed, because a file may list thousands of origins."""

    source: str
    default: str
    literals: Mapping[str, Directive]
    regexes: tuple[Directive, ...]
    unread: Directive | None  # a case that refers to another file or needs host matching


def _read_map(one: Directive) -> _Map:
    default = ""
    literals: dict[str, Directive] = {}
    regexes: list[Directive] = []
    unread: Directive | None = None
    for case in one.block or ():
        if case.name in ("hostnames", "include"):
            unread = unread or case
        elif case.name == "default":
            default = case.arguments[0]
        elif case.name.startswith("~"):
            regexes.append(case)
        elif case.arguments:
            literals.setdefault(case.name.removeprefix("\\").lower(), case)
    return _Map(one.arguments[0], default, literals, tuple(regexes), unread)


class Variables:
    """The variables of a configuration."""

    def __init__(self, maps: Iterable[Directive], names: Iterable[str]) -> None:
        self._maps = {one.arguments[-1]: _read_map(one) for one in maps}
        self._names = frozenset(names)
        self._depth = self._looked_up = 0

    def text(self, template: str, asked: SimulatedRequest, given: Mapping[str, str]) -> str:
        """Return a text with its variables replaced. Raises UnclearError, UncertainError."""
        found, *rest = template.split("$")
        for part in rest:
            if part.startswith("{"):
                name, closing, after = part[1:].partition("}")
                if not closing:
                    raise _ForeignError(part)
            else:
                size = next((at for at, sign in enumerate(part) if sign not in _NAME), len(part))
                name, after = part[:size], part[size:]
            found += self._variable(name, asked, given) + after
            if len(found) > _MAX_TEXT_LENGTH:
                raise _ForeignError(name)
        return found

    def holds(
        self, condition: Directive, asked: SimulatedRequest, given: Mapping[str, str]
    ) -> bool:
        """Report whether the condition of an if holds. Raises UnclearError, UncertainError."""
        words = _in_brackets(condition.arguments)
        try:
            if len(words) == 1:
                return self.text(words[0], asked, given) not in ("", "0")
            if len(words) != 3 or not words[0].startswith("$"):  # noqa: PLR2004
                raise _ForeignError(words[0])
            left, operator, right = words
            value = self.text(left, asked, given)
            if operator in ("=", "!="):
                equal = self._equals(condition.line, value, self.text(right, asked, given), asked)
                return equal == (operator == "=")
            caseless = operator.endswith("*")
            found = self._finds(condition.line, right, value, asked, caseless=caseless)
            return found != operator.startswith("!")
        except _ForeignError:
            key = (condition.line, " ".join(words))
            if key in asked.world:
                return asked.world[key]
            raise UncertainError(key, foreign=True) from None

    def known(
        self, directive: Directive, template: str, asked: SimulatedRequest, given: Mapping[str, str]
    ) -> str:
        """Return the value of a header. Raises UnclearError if it is unknown."""
        try:
            return self.text(template, asked, given)
        except _ForeignError as error:
            raise UnclearError(directive, f"the value of ${error} is not known here.") from None

    def kept(self, template: str, asked: SimulatedRequest, given: Mapping[str, str]) -> str:
        """Return the value that `set` gives a variable. An unknown part fails when it is used."""
        try:
            return self.text(template, asked, given)
        except _ForeignError as error:
            return f"${error}"

    def _variable(self, name: str, asked: SimulatedRequest, given: Mapping[str, str]) -> str:
        preflight = asked.method == "OPTIONS"
        sent = {
            "http_origin": asked.origin,
            "request_method": asked.method,
            "http_access_control_request_method": ASKED_METHOD if preflight else "",
            "http_access_control_request_headers": ASKED_HEADERS if preflight else "",
        }
        if name in sent:
            return sent[name]
        if f"${name}" in self._maps:
            return self._looked_up_in(name, asked, given)
        if name in given:
            return self.text(given[name], asked, {})
        if name in self._names:
            return ""
        raise _ForeignError(name)

    def _looked_up_in(self, name: str, asked: SimulatedRequest, given: Mapping[str, str]) -> str:
        """Return the value of a map's variable. A map that leads back to itself is unknown."""
        if not self._depth:
            self._looked_up = 0
        if self._depth == _MAX_MAP_DEPTH or self._looked_up == _MAX_MAPS:
            raise _ForeignError(name)
        self._depth += 1
        self._looked_up += 1
        try:
            return self._mapped(self._maps[f"${name}"], asked, given)
        finally:
            self._depth -= 1

    def _mapped(self, one: "_Map", asked: SimulatedRequest, given: Mapping[str, str]) -> str:
        if one.unread is not None:
            raise UnclearError(one.unread, "its contents are not known here.")
        source = self.text(one.source, asked, given)
        found = self._literal_case(one, source.lower(), asked)
        if found is not None:
            return self.text(found.arguments[0], asked, given)
        for case in one.regexes:
            caseless = case.name.startswith("~*")
            regex = case.name.removeprefix("~").removeprefix("*")
            if self._finds(case.line, regex, source, asked, caseless=caseless):
                return self.text(case.arguments[0], asked, given)
        return self.text(one.default, asked, given)

    def _literal_case(self, one: "_Map", value: str, asked: SimulatedRequest) -> Directive | None:
        if value == ORIGIN or not _STAND_INS.intersection(value):
            return one.literals.get(value)
        cases = one.literals.items()
        return next(
            (case for key, case in cases if self._equals(case.line, value, key, asked)), None
        )

    def _equals(self, line: int, value: str, wanted: str, asked: SimulatedRequest) -> bool:
        if value in (wanted, ORIGIN) or not _STAND_INS.intersection(value) or not wanted:
            return value == wanted
        key = (line, f"= {wanted}")
        if key not in asked.world:
            raise UncertainError(key)
        return asked.world[key]

    def _finds(
        self, line: int, regex: str, value: str, asked: SimulatedRequest, *, caseless: bool
    ) -> bool:
        found: bool | None = None
        if value == asked.origin:
            patterns = searched(regex, caseless=caseless)
            if asked.pattern and _is_within_any(asked.pattern, patterns.exact):
                found = True
            elif not patterns.why:
                found = False
        elif not _STAND_INS.intersection(value):
            found = finds(regex.lower(), value.lower()) if caseless else finds(regex, value)
        if found is not None:
            return found
        key = (line, f"~ {regex}")
        if key not in asked.world:
            raise UncertainError(key)
        return asked.world[key]


def _in_brackets(words: tuple[str, ...]) -> list[str]:
    text = list(words)
    text[0] = text[0].removeprefix("(")
    text[-1] = text[-1].removesuffix(")")
    return [word for at, word in enumerate(text) if word or 0 < at < len(text) - 1]


def condition_words(condition: Directive) -> list[str]:
    """Return the words of the condition of an if."""
    return _in_brackets(condition.arguments)
