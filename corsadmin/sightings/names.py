"""Add the method and header names that preflights requested to those of a row."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from corsadmin.sightings.batch import MAX_NAMES, CallerSeen, Names
from corsadmin.sightings.lookups import is_storable
from corsadmin.sightings.upserts import Upsert, overwritten

MAX_NAME_LENGTH: Final = 100
COLUMNS: Final = ("methods", "request_headers")  # the last columns of a row

NameLists = tuple[list[str], list[str]]


def name_lists(asked: CallerSeen | Names) -> NameLists:
    """Return the requested names that a new row stores."""
    return _bounded(asked.methods), _bounded(asked.headers)


def add_names(upsert: Upsert, alias: str, rows: Iterable[Sequence[Any]]) -> None:
    """Add names to rows that the open transaction has written with the same upsert.

    The transaction has locked them, so no name of another writer is lost.
    """
    named = {row[0]: row for row in rows if any(row[-2:])}
    if not named:
        return
    changed = []
    stored = upsert.model._base_manager.using(alias)  # noqa: SLF001 (Django's documented name)
    for key, *lists in stored.filter(pk__in=[*named]).values_list("pk", *COLUMNS):
        row = named[key]
        both = [_united(*pair) for pair in zip(lists, row[-2:], strict=True)]
        if both != lists:
            changed.append((*row[:-2], *both))
    changed.sort(key=lambda row: row[0])
    replace(upsert, expressions=dict.fromkeys(COLUMNS, overwritten), moments=()).write(
        alias, changed
    )


def _united(stored: list[str], new: list[str]) -> list[str]:
    """Return the stored names and, while there is room, the new ones."""
    return list(dict.fromkeys([*stored, *new]))[: max(MAX_NAMES, len(stored))]


def _bounded(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if is_storable(name, MAX_NAME_LENGTH))[:MAX_NAMES]
