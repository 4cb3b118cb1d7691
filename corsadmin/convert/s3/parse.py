"""Parse the CORS rules of an S3 bucket, in the form of its API, CloudFormation, Terraform or XML."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from corsadmin.convert.parsing import load_json
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.records.coerce import wrong_type
from corsadmin.transfer.records.diagnostics import file_value

# The keys of a rule, with the API's spelling first.
_ORIGINS: Final = ("AllowedOrigins", "allowed_origins", "AllowedOrigin")
_METHODS: Final = ("AllowedMethods", "allowed_methods", "AllowedMethod")
_HEADERS: Final = ("AllowedHeaders", "allowed_headers", "AllowedHeader")
_EXPOSED: Final = ("ExposeHeaders", "ExposedHeaders", "expose_headers", "ExposeHeader")
_AGE: Final = ("MaxAgeSeconds", "MaxAge", "max_age_seconds")
_ID: Final = ("ID", "Id", "id")
_SPELLINGS: Final = (_ORIGINS, _METHODS, _HEADERS, _EXPOSED, _AGE, _ID)
_NAMES: Final = {name: names[0] for names in _SPELLINGS for name in names}
LISTS: Final = (_ORIGINS[0], _METHODS[0], _HEADERS[0], _EXPOSED[0])
_NEEDED: Final = (_ORIGINS[0], _METHODS[0])
# Names of the objects and elements around the rules.
_ROOT: Final = "CORSConfiguration"
_FRAMES: Final = frozenset({_ROOT, "CorsConfiguration"})
_RULES: Final = frozenset({"CORSRules", "CorsRules", "cors_rule"})
# The rules of Google Cloud Storage have these keys.
_GOOGLES: Final = frozenset({"origin", "method", "responseHeader", "maxAgeSeconds"})
Rule = Mapping[str, Any]


def parse_rules(text: str) -> list[Rule]:
    """Return the rules, at least one, each with all keys in the API's spelling.

    Raises BrokenTextError for rules that S3 would refuse, and for unknown keys.
    """
    found = _read_xml(text) if text.lstrip().startswith("<") else _read_json(text)
    rules = [_checked(place, _renamed(place, rule)) for place, rule in found]
    if not rules:
        raise BrokenTextError("", "it has no CORS rules")
    return rules


def _renamed(place: str, rule: Rule) -> dict[str, object]:
    found: dict[str, object] = {}
    for written, value in rule.items():
        name = _NAMES.get(written)
        if name is None:
            raise _unknown(place, written, rule)
        if name in found:
            raise BrokenTextError(place, f"{place} has {name} twice")
        found[name] = value
    return found


def _checked(place: str, rule: dict[str, object]) -> Rule:
    for name in LISTS:
        values = rule.setdefault(name, [])
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            reason = f"{place}.{name}: {wrong_type('a list of strings', values)}"
            raise BrokenTextError(f"{place}.{name}", reason)
        if name in _NEEDED and not values:
            raise BrokenTextError(place, f"{place} has no {name}")
    return {_AGE[0]: None, **rule}


def _unknown(place: str, name: str, around: Iterable[str]) -> BrokenTextError:
    reason = f"{place}: there is no key “{file_value(name)}” in the CORS rules of S3"
    if not _GOOGLES.isdisjoint(around):
        reason += ". It looks like the format of Google Cloud Storage"
    return BrokenTextError(place, reason)


def _read_json(text: str) -> Iterator[tuple[str, Rule]]:
    rules = _without_frame(_without_frame(load_json(text), _FRAMES), _RULES)
    if not isinstance(rules, list):
        raise BrokenTextError("", wrong_type("a list of rules", rules))
    for number, rule in enumerate(rules):
        place = f"rule {number + 1}"
        if not isinstance(rule, dict):
            raise BrokenTextError(place, f"{place}: {wrong_type('an object', rule)}")
        yield place, rule


def _without_frame(found: object, names: frozenset[str]) -> object:
    """Return the value of an object with one of these keys and no other; other values unchanged."""
    if not isinstance(found, dict) or names.isdisjoint(found):
        return found
    for name in found:
        if name not in names:
            raise _unknown("beside the rules", name, ())
    return next(iter(found.values()))


def _read_xml(text: str) -> Iterator[tuple[str, Rule]]:
    try:
        from defusedxml import DefusedXmlException, ElementTree  # noqa: PLC0415 (optional)
    except ImportError:
        reason = "defusedxml is missing: pip install 'corsadmin[xlsx]'"
        raise BrokenTextError("", reason) from None
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise BrokenTextError("", f"it is not valid XML ({error})") from None
    if _local(root.tag) != _ROOT:
        raise BrokenTextError("", f"its root is {file_value(_local(root.tag))}, not {_ROOT}")
    for number, rule in enumerate(root):
        place = f"rule {number + 1}"
        if _local(rule.tag) != "CORSRule":
            raise _unknown(place, _local(rule.tag), ())
        yield place, _fields(rule)


def _fields(rule: Iterable[Any]) -> Rule:
    found: dict[str, Any] = {}
    for child in rule:
        name, value = _local(child.tag), (child.text or "").strip()
        if _NAMES.get(name) in (_AGE[0], _ID[0]):
            found[name] = value
        else:
            found.setdefault(name, []).append(value)
    return found


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
