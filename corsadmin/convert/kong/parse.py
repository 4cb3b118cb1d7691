"""Read Kong's declarative configuration, in YAML or JSON, and take typed values out of it."""

import io
from collections.abc import Mapping
from typing import Any

from corsadmin.convert.parsing import load_json
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.yaml_format import load_yaml
from corsadmin.transfer.records.coerce import wrong_type

Object = Mapping[str, Any]


def parse_configuration(text: str) -> Object:
    """Return the document. Raises BrokenTextError if the text is not a configuration of Kong."""
    if text.lstrip().startswith("{"):
        document = load_json(text)
    else:
        try:
            document = load_yaml(io.BytesIO(text.encode()))
        except BrokenTextError as error:
            reason = ": ".join(filter(None, [error.place, error.reason]))
            raise BrokenTextError(error.place, reason) from None
    if not isinstance(document, dict) or not {"services", "routes"} & document.keys():
        reason = "it is not a declarative configuration of Kong: it has no services and no routes"
        raise BrokenTextError("", reason)
    return document


def object_of(owner: Object, name: str) -> Object:
    """Return an object, empty if there is none. Raises BrokenTextError."""
    value = owner.get(name) or {}
    if not isinstance(value, dict):
        raise BrokenTextError(name, f"{name}: {wrong_type('an object', value)}")
    return value


def objects_of(owner: Object, name: str) -> list[Any]:
    """Return a list of objects, empty if there is none. Raises BrokenTextError."""
    values = owner.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise BrokenTextError(name, f"{name}: {wrong_type('a list of objects', values)}")
    return values


def texts_of(owner: Object, name: str) -> list[str]:
    """Return a list of texts, empty if there is none. Raises BrokenTextError."""
    values = owner.get(name)
    if values is None:
        return []
    if not isinstance(values, list):
        raise BrokenTextError(name, f"{name}: {wrong_type('a list of strings', values)}")
    return [str(value) for value in values]


def truth_of(owner: Object, name: str, *, default: bool) -> bool:
    """Return a boolean, `default` if there is none. Raises BrokenTextError for other types."""
    value = owner.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise BrokenTextError(name, f"{name}: {wrong_type('true or false', value)}")
    return value
