"""Names that a link offers to add to a path rule's lists. The rule's form shows them unsaved."""

from collections.abc import Mapping
from typing import Final

MAX_ADDED_NAMES: Final = 20  # to one list
_LISTS: Final = ("methods", "request_headers")


def additions_query(names: Mapping[str, list[str]]) -> dict[str, object]:
    """Return the query parameters of a link that offers names, by list."""
    return {f"add_{name}": ",".join(found) for name, found in names.items() if found}


def additions(query: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the names that the query of a form's address offers, by list."""
    found = {name: query.get(f"add_{name}", "").split(",") for name in _LISTS}
    return {
        name: added
        for name, values in found.items()
        if (added := [value for value in values if value][:MAX_ADDED_NAMES])
    }


def with_additions(stored: object, added: list[str]) -> object:
    """Return a stored list with the names that it lacks, and other values unchanged."""
    if not isinstance(stored, list):
        return stored
    return [*stored, *(name for name in added if name not in stored)]
