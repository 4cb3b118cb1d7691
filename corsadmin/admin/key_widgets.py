"""Boxes that choose rows by their keys, and show none for what is not a key."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple

from corsadmin.admin.keys import is_key


def _keys(values: Iterable[str]) -> list[str]:
    """Leave out what only a forged form sends: Django's boxes look it up, and crash on a text."""
    return [value for value in values if is_key(str(value))]


class RowSelect(AutocompleteSelect):
    """A box for one row."""

    def optgroups(
        self, name: str, value: Sequence[str], attr: dict[str, object] | None = None
    ) -> list[Any]:
        return super().optgroups(name, _keys(value), attr)


class RowSelectMultiple(AutocompleteSelectMultiple):
    """A box for several rows."""

    def optgroups(
        self, name: str, value: Sequence[str], attr: dict[str, object] | None = None
    ) -> list[Any]:
        return super().optgroups(name, _keys(value), attr)
