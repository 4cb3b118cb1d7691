"""Boxes that select rows by key, and ignore values that are not keys."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple

from corsadmin.admin.keys import is_key


def _keys(values: Iterable[str]) -> list[str]:
    """Leave out values from forged requests: Django's boxes would crash on any other text."""
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
