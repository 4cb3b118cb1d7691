"""Carry over the CORS rules of an S3 bucket, in JSON or XML."""

import json
from collections.abc import Mapping
from typing import Any, Final

from corsadmin.engine import PolicyError, parse_pattern
from corsadmin.messages import describe
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.records.coerce import wrong_type
from corsadmin.transfer.sources.carried import Carried

_LISTS: Final = {
    "AllowedOrigins": "AllowedOrigin",
    "AllowedMethods": "AllowedMethod",
    "AllowedHeaders": "AllowedHeader",
    "ExposeHeaders": "ExposeHeader",
}


def carry_rules(text: str) -> Carried:
    """Return what the rules say. Raises BrokenTextError for what are no rules."""
    rules = _read_xml(text) if text.lstrip().startswith("<") else _read_json(text)
    carried = Carried()
    if len(rules) > 1 and any(
        _without_origins(rule) != _without_origins(rules[0]) for rule in rules
    ):
        carried.remark(
            "rules 2 and on",
            "they allow other methods or headers than the first: S3 takes the first that fits, "
            "a path here has one list for all origins. Give them paths of their own.",
        )
        rules = rules[:1]
    for rule in rules:
        _carry(carried, rule)
    return carried


def _carry(carried: Carried, rule: Mapping[str, Any]) -> None:
    origins = rule.get("AllowedOrigins", [])
    any_origin = "*" in origins
    for origin in [] if any_origin else origins:
        if origin.endswith(":*"):
            why = "S3 asks for a port here, an entry for any port or none."
            carried.remark(f"AllowedOrigins {origin!r}", why, origin)
            continue
        try:
            # The star stands for anything, yet what browsers send has only labels before a dot.
            parse_pattern(origin)
        except PolicyError as error:
            (problem,) = error.problems
            carried.remark(f"AllowedOrigins {origin!r}", describe(problem))
        else:
            carried.add_origin(pattern=origin, credentials=True)
    headers = rule.get("AllowedHeaders", [])
    if "*" in headers and not any_origin:
        carried.remark(
            "AllowedHeaders '*'",
            "S3 sends credentials to listed origins, and with credentials a star is no wildcard. "
            "List the headers.",
        )
        headers = [name for name in headers if name != "*"]
    if not carried.paths:
        carried.paths.append({
            "path": "/",
            "any_origin": any_origin,
            "credentials": not any_origin,
            "methods": carried.methods(rule.get("AllowedMethods", []), "AllowedMethods"),
            "request_headers": carried.request_headers(headers, "AllowedHeaders"),
            "exposed_headers": carried.exposed_headers(rule.get("ExposeHeaders", []), "ExposeHeaders"),
            "max_age": carried.max_age(rule.get("MaxAgeSeconds"), "MaxAgeSeconds"),
        })  # fmt: skip


def _without_origins(rule: Mapping[str, Any]) -> dict[str, Any]:
    listed = {name: sorted(rule.get(name, [])) for name in _LISTS if name != "AllowedOrigins"}
    return {**listed, "*": "*" in rule["AllowedOrigins"], "age": rule.get("MaxAgeSeconds")}


def _read_json(text: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenTextError("", f"it is no JSON ({error})") from None
    rules = found.get("CORSRules") if isinstance(found, dict) else found
    if not isinstance(rules, list):
        raise BrokenTextError("", wrong_type("a list of rules", rules))
    for place, rule in enumerate(rules):
        if not isinstance(rule, dict):
            raise BrokenTextError(f"CORSRules[{place}]", wrong_type("an object", rule))
        for name in _LISTS:
            values = rule.setdefault(name, [])
            if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
                raise BrokenTextError(f"CORSRules[{place}].{name}", wrong_type("texts", values))
    return rules


def _read_xml(text: str) -> list[dict[str, Any]]:
    try:
        from defusedxml import DefusedXmlException, ElementTree  # noqa: PLC0415 (optional)
    except ImportError:
        reason = "defusedxml is missing: pip install 'corsadmin[xlsx]'"
        raise BrokenTextError("", reason) from None
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise BrokenTextError("", f"it is no sound XML ({error})") from None
    rules = []
    for rule in root.iter():
        if _local(rule.tag) == "CORSRule":
            texts = [(_local(child.tag), (child.text or "").strip()) for child in rule]
            found: dict[str, Any] = {
                many: [value for name, value in texts if name == one]
                for many, one in _LISTS.items()
            }
            found["MaxAgeSeconds"] = dict(texts).get("MaxAgeSeconds")
            rules.append(found)
    return rules


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
