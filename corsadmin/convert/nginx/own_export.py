"""Read back a configuration that cors_export wrote for nginx, if exporting it gives the same."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from corsadmin.convert.conversion import Conversion
from corsadmin.convert.nginx.parse import Directive, parse_directives
from corsadmin.convert.nginx.simulator import names_cors
from corsadmin.convert.nginx.target import METHOD_VARIABLE, NAMES_VARIABLE, render_policy
from corsadmin.convert.origin_regexes import ANY_HOST, ANY_PORT, LABELS, PART_OF_LABEL
from corsadmin.engine import headers
from corsadmin.engine.paths import ALONE
from corsadmin.models import Tenant
from corsadmin.models.policy_rows import OriginRow, RuleRow
from corsadmin.models.tenant_rows import TenantRows
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.records.record_types import ORIGIN, PATH, Kind, Row

_ASKED: Final = frozenset({METHOD_VARIABLE, NAMES_VARIABLE})
_COMPARED: Final = frozenset({"add_header", "if", "set", "return", "rewrite", "break", "include"})


def find_export(server: Directive) -> str:
    """Return the prefix of the variables in a server that cors_export wrote, or blank."""
    for one in server.block or ():
        if one.name == "add_header" and one.arguments[0] == headers.ACAO:
            value = one.arguments[1]
            if value.startswith("$cors_") and value.endswith("_allow_origin"):
                return value.removesuffix("allow_origin")
    return ""


def read_export(
    conversion: Conversion, prefix: str, maps: tuple[Directive, ...], server: Directive
) -> None:
    """Add the exported policy. Raises BrokenTextError if somebody has changed the export since."""
    own = {
        one.arguments[1].removeprefix(prefix): one
        for one in maps
        if one.arguments[1].startswith(prefix)
    }
    try:
        _read(conversion, own)
        slug = prefix.removeprefix("$cors_").removesuffix("_").replace("_", "-")
        text, _remarks = render_policy(_stored(conversion, slug))
    except (KeyError, ValueError, IndexError):
        text = ""
    expected = parse_directives(text)
    wanted = {one for one in expected if one.name == "map"}
    if wanted != set(own.values()) or _compared(expected) != _compared(server.block or ()):
        line = min((one.line for one in own.values()), default=server.line)
        reason = (
            f"line {line}: somebody has changed what cors_export wrote there, so it cannot be read "
            "back. Change the policy itself"
        )
        raise BrokenTextError(f"line {line}", reason)
    for one in server.block or ():
        inside = (one, *(one.block or ()))
        if one.name == "location" and any(
            it.name == "add_header" or names_cors(it) for it in inside
        ):
            reason = f"{one}: with an add_header of its own, it inherits none of the others"
            raise BrokenTextError(f"line {one.line}", reason)


def _compared(directives: tuple[Directive, ...]) -> list[Directive]:
    return [one for one in directives if one.name in _COMPARED]


def _read(conversion: Conversion, maps: Mapping[str, Directive]) -> None:
    rules = {
        number: {
            "path": _path(regex),
            "any_origin": False,
            "credentials": False,
            "max_age": None,
        }
        for regex, number in _cases(maps["rule"])
    }
    origins: dict[str, bool] = {}
    for name in ("listed", "granted"):
        for regex, value in _cases(maps[name]):
            number, _, origin = regex.removeprefix("~^").partition("\\|")
            if value == "*":
                rules[number]["any_origin"] = True
            else:
                origins[_origin(origin.removesuffix("$"))] = name == "granted"
                rules[number]["credentials"] = name == "granted"
    listed = {regex.removeprefix("~^").partition("\\|")[0] for regex, _ in _cases(maps["listed"])}
    for number, rule in rules.items() if origins else ():
        # Only an exclusive rule lists none of the origins that all other rules list.
        rule["exclusive"] = number not in listed
    _read_lists(rules, maps)
    conversion.paths.extend(rules.values())
    for pattern, credentials in origins.items():
        conversion.add_origin(pattern=pattern, credentials=credentials)


def _read_lists(rules: Mapping[str, dict[str, Any]], maps: Mapping[str, Directive]) -> None:
    for name, field in (("allow_methods", "methods"), ("allow_headers", "request_headers")):
        for key, value in _cases(maps[name]):
            rule = rules[key.removeprefix("204|")]
            rule[field] = ["*" if name in _ASKED else name for name in _listed(value)]
            # Only a rule with credentials echoes, even if no entry has credentials.
            rule["credentials"] |= not _ASKED.isdisjoint(_listed(value))
    for regex, value in _cases(maps["expose_headers"]):
        number = regex.removeprefix("~^\\|").removesuffix("\\|.")
        rules[number]["exposed_headers"] = _listed(value)
    for key, value in _cases(maps["max_age"]):
        rules[key.removeprefix("204|")]["max_age"] = int(value)


def _cases(one: Directive) -> Iterator[tuple[str, str]]:
    for case in one.block or ():
        if case.name != "default":
            yield case.name, case.arguments[0]


def _listed(value: str) -> list[str]:
    return value.split(", ") if value else []


def _path(regex: str) -> str:
    body = _plain(regex.removeprefix("~^").removesuffix("$").replace("[^/]+", "*"))
    return body + ALONE if regex.endswith("/$") else body


def _origin(regex: str) -> str:
    body, any_port = regex.removesuffix(ANY_PORT), regex.endswith(ANY_PORT)
    body = body.replace(LABELS, "*.").replace(PART_OF_LABEL, "*").replace(ANY_HOST, "*")
    return _plain(body) + ":*" * any_port


def _plain(regex: str) -> str:
    """Return the text that the export has quoted for a regex."""
    first, *rest = regex.split("\\x")
    found = first.encode()
    for part in rest:
        found += bytes([int(part[:2], 16)]) + part[2:].encode()
    return found.decode()


def _stored(conversion: Conversion, slug: str) -> TenantRows:
    return TenantRows(
        Tenant(slug=slug),
        rules=[RuleRow._make(_row(PATH, one)) for one in conversion.paths],
        origins=[OriginRow._make(_row(ORIGIN, one)) for one in conversion.origins],
    )


def _row(kind: Kind, values: Mapping[str, Any]) -> Row:
    return tuple(
        values.get(name, default) for name, default in zip(kind.names, kind.defaults, strict=True)
    )
