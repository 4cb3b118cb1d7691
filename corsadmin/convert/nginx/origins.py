"""Find all origins that an nginx configuration names."""

from itertools import compress
from typing import Final

from corsadmin.convert.conversion import Conversion
from corsadmin.convert.nginx.parse import Directive, descendants
from corsadmin.convert.nginx.variables import condition_words, searched
from corsadmin.engine import headers
from corsadmin.engine.origins import parse_pattern
from corsadmin.engine.problems import PolicyError
from corsadmin.messages import describe

_ACAO: Final = headers.ACAO.lower()
_SPECIAL: Final = frozenset({"default", "volatile", "hostnames", "include", ""})


def named_patterns(
    conversion: Conversion, maps: tuple[Directive, ...], server: Directive
) -> tuple[str, ...]:
    """Return every origin pattern in a configuration; remark on values that cannot become one."""
    found: dict[str, None] = {}
    for one in _used(maps, server):
        for case in one.block or ():
            found |= _of_case(conversion, one, case)
    for block in (server, *descendants(server)):
        _remark_on_two(conversion, block)
    for one in descendants(server):
        if one.name == "if":
            found |= _of_condition(conversion, one)
        elif one.name == "set":
            found |= _of_value(one.arguments[1])
        elif one.name == "add_header" and one.arguments[0].lower() == _ACAO:
            value = one.arguments[1]
            found |= {} if "$" in value or value == "*" else _of_literal(conversion, one, value)
    return tuple(found)


def _used(maps: tuple[Directive, ...], server: Directive) -> list[Directive]:
    """Return the maps whose variables a server uses, itself or through another map."""
    texts = [word for one in descendants(server) for word in one.arguments]
    found: list[Directive] = []
    rest = maps
    while texts:
        named = [_names(one.arguments[-1], texts) for one in rest]
        new = [*compress(rest, named)]
        rest = tuple(one for one, is_new in zip(rest, named, strict=True) if not is_new)
        found += new
        texts = [one.arguments[0] for one in new]
        texts += [word for one in new for case in one.block or () for word in case.arguments]
    return found


def _names(variable: str, texts: list[str]) -> bool:
    return any(variable in text or f"${{{variable[1:]}}}" in text for text in texts)


def _remark_on_two(conversion: Conversion, block: Directive) -> None:
    several = [
        one
        for one in block.block or ()
        if one.name == "add_header"
        and one.arguments[0].lower() == _ACAO
        and "$" not in one.arguments[1]
    ]
    for one in several[1:]:
        conversion.remark(str(one), "the header is then sent twice, and browsers accept neither.")


def _of_case(conversion: Conversion, one: Directive, case: Directive) -> dict[str, None]:
    found = {} if not case.arguments else _of_value(case.arguments[0])
    if "http_origin" not in one.arguments[0] or case.name in _SPECIAL:
        return found
    if case.name.startswith("~"):
        return found | _of_regex(conversion, case, case.name[1:])
    return found | _of_literal(conversion, case, case.name.lower())


def _of_condition(conversion: Conversion, one: Directive) -> dict[str, None]:
    words = condition_words(one)
    if words[0] != "$http_origin" or len(words) < 3 or not words[2]:  # noqa: PLR2004
        return {}
    if "~" in words[1]:
        return _of_regex(conversion, one, "*" * words[1].endswith("*") + words[2])
    return _of_literal(conversion, one, words[2])


def _of_regex(conversion: Conversion, place: Directive, regex: str) -> dict[str, None]:
    found = searched(regex.removeprefix("*"), caseless=regex.startswith("*"))
    if found.why:
        conversion.remark(str(place), found.why, " or ".join(found.nearest))
    return dict.fromkeys(found.exact)


def _of_literal(conversion: Conversion, place: Directive, text: str) -> dict[str, None]:
    try:
        parse_pattern(text)
    except PolicyError as error:
        (problem,) = error.problems
        conversion.remark(str(place), describe(problem))
        return {}
    if "*" in text:
        conversion.remark(
            str(place), "a star is not a wildcard there, so it allowed nothing.", text
        )
        return {}
    return {text: None}


def _of_value(text: str) -> dict[str, None]:
    try:
        parse_pattern(text)
    except PolicyError:
        return {}
    return {} if "*" in text else {text: None}
