"""Carry over the `resources` mapping of flask-cors, written as JSON."""

import json
from collections.abc import Mapping
from typing import Any, Final

from corsadmin.engine import PolicyError, parse_pattern
from corsadmin.messages import describe
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.records.coerce import wrong_type
from corsadmin.transfer.sources.carried import Carried
from corsadmin.transfer.sources.regexes import translate_origin, translate_path
from corsadmin.transfer.sources.scoping import carry_origins

_METHODS: Final = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
# flask-cors takes a text for a regex when it has one of these.
_REGEX_SIGNS: Final = frozenset("*\\]?$^[]()")
_KNOWN: Final = frozenset({
    *("origins", "methods", "allow_headers", "expose_headers", "supports_credentials", "max_age"),
    *("vary_header", "automatic_options", "send_wildcard", "always_send"),
})  # fmt: skip


def carry_resources(text: str) -> Carried:
    """Return what the mapping says. Raises BrokenTextError for what is none."""
    try:
        resources = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenTextError("", f"it is no JSON ({error})") from None
    if not isinstance(resources, dict) or not all(map(_is_object, resources.values())):
        raise BrokenTextError("", wrong_type("an object of path: options", resources))
    carried = Carried()
    found: dict[str, dict[str, bool]] = {}
    for path_text, options in resources.items():
        for path in _paths(carried, path_text):
            found[path] = _carry(carried, path, options)
    carry_origins(carried, found)
    return carried


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _paths(carried: Carried, text: str) -> tuple[str, ...]:
    regex = ".*" if text == "*" else text
    if not _REGEX_SIGNS.intersection(regex):
        return (regex,)
    if regex.endswith("/*") and not _REGEX_SIGNS.intersection(regex[:-2]):
        # What everybody writes and means, though as a regex it says something else.
        carried.remark(text, f"flask-cors also matches every path that begins with {text[:-2]}.")
        return (regex.removesuffix("*"),)
    translation = translate_path(regex)
    if translation.why:
        carried.remark(text, translation.why, " or ".join(translation.nearest))
    return translation.exact


def _carry(carried: Carried, path: str, options: Mapping[str, Any]) -> dict[str, bool]:
    """Add the rule of a path and return its origins, with their credentials."""
    for name in options.keys() - _KNOWN:
        carried.remark(f"{path} {name}", "it is not known here.")
    credentials = bool(options.get("supports_credentials", False))
    origins = _texts(options.get("origins", "*"))
    any_origin = "*" in origins or ".*" in origins
    headers = _texts(options.get("allow_headers", "*"))
    if any_origin and credentials:
        carried.remark(
            f"{path} origins '*' with supports_credentials",
            "every website could read it with its visitors' cookies. List the origins.",
        )
        origins, any_origin = [], False
    if credentials and "*" in headers:
        carried.remark(
            f"{path} allow_headers '*'",
            "with credentials a star is no wildcard. List the headers.",
        )
        headers = [name for name in headers if name != "*"]
    carried.paths.append({
        "path": path,
        "any_origin": any_origin,
        "credentials": credentials,
        "methods": carried.methods(_texts(options.get("methods", _METHODS)), f"{path} methods"),
        "request_headers": carried.request_headers(headers, f"{path} allow_headers"),
        "exposed_headers": carried.exposed_headers(
            _texts(options.get("expose_headers", ())), f"{path} expose_headers"
        ),
        "max_age": carried.max_age(options.get("max_age"), f"{path} max_age"),
    })  # fmt: skip
    found = [] if any_origin else _origins(carried, path, origins)
    return dict.fromkeys(found, credentials)


def _origins(carried: Carried, path: str, origins: list[str]) -> list[str]:
    found: list[str] = []
    for origin in origins:
        if _REGEX_SIGNS.intersection(origin):
            translation = translate_origin(origin)
            found += translation.exact
            if translation.why:
                nearest = " or ".join(translation.nearest)
                carried.remark(f"{path} {origin}", translation.why, nearest)
            continue
        try:
            parse_pattern(origin)
        except PolicyError as error:
            (problem,) = error.problems
            carried.remark(f"{path} {origin}", describe(problem))
        else:
            found.append(origin)
    return found


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(item) for item in value or ()]
