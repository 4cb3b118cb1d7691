"""The four kinds of rows in a file, and their keys, which are the models' fields."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

from django.db import models

from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.models.fields import AnyField
from corsadmin.transfer.records.coerce import Read, reader_for

# `replaces` tells how a row came about, as its history does, not what it allows.
_NOT_IN_FILES: Final = frozenset({"id", "created", "modified", "tenant", "generation", "replaces"})
# The engine bounds the length of these, with sentences of its own.
_BOUNDED_BY_ENGINE: Final = frozenset({"slug", "host", "path", "pattern", "scope"})
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One key of a kind: a field of its model."""

    name: str
    field: AnyField
    read: Read
    required: bool
    default: Callable[[], object]  # returns the value for a key that a new row leaves out
    harmless: object  # the value that cannot conflict with any other key of the row


@dataclass(frozen=True, eq=False)  # compared and hashed by identity, which is fast
class Kind:
    """The rows of one model. `key` identifies a row within its tenant; `section` names its list."""

    name: str
    section: str
    model: type[models.Model]
    key: tuple[str, ...]

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Return the keys of this kind in the order of the model."""
        return tuple(
            Column(
                name=field.name,
                field=field,
                read=reader_for(field, bounded=field.name not in _BOUNDED_BY_ENGINE),
                required=field.name in self.key and not field.blank,
                default=field.get_default,
                harmless=_harmless(field),
            )
            for field in self.model._meta.concrete_fields  # noqa: SLF001 (Django's documented name)
            if field.name not in _NOT_IN_FILES
        )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def defaults(self) -> Row:
        """Return the row of an entry without keys. Do not change the lists in it."""
        return tuple(column.default() for column in self.columns)

    @cached_property
    def required(self) -> frozenset[str]:
        """Return the names of the columns that have no default."""
        return frozenset(column.name for column in self.columns if column.required)

    @cached_property
    def bits(self) -> Mapping[str, int]:
        """Return a bit for each key that a file may leave out of a stored row.

        The columns of `key` have none. A tenant's lists have one each.
        """
        names = [name for name in self.names if name not in self.key]
        if self is TENANT:
            names += [kind.section for kind in KINDS if kind is not TENANT]
        return {name: 1 << place for place, name in enumerate(names)}

    def missing(self, written: Iterable[str]) -> int:
        """Return the bits of the keys that an entry leaves out."""
        return _missing(self, tuple(written))

    def named(self, row: Row, missing: int) -> dict[str, Any]:
        """Return the values of a row that were written, without those of the missing keys."""
        values = zip(self.names, row, strict=True)
        return {name: value for name, value in values if not missing & self.bits.get(name, 0)}

    def without_conflicts(self, row: Row, missing: int) -> Row:
        """Return a row whose missing keys have values that conflict with nothing."""
        return tuple(
            column.harmless if missing & self.bits.get(column.name, 0) else value
            for column, value in zip(self.columns, row, strict=True)
        )

    @cached_property
    def readers(self) -> Mapping[str, tuple[int, Read]]:
        """Return the place of each key in a row, and the function that reads it."""
        return {column.name: (place, column.read) for place, column in enumerate(self.columns)}

    @cached_property
    def key_places(self) -> tuple[int, ...]:
        """Return the places of the key's columns in a row."""
        return tuple(self.names.index(name) for name in self.key)

    def row_of(self, instance: models.Model) -> Row:
        """Return the row of a model instance."""
        return tuple(getattr(instance, name) for name in self.names)

    def key_of(self, row: Row) -> Row:
        """Return the key's values, by which rows are sorted."""
        return tuple(row[place] for place in self.key_places)

    @property
    def table(self) -> str:
        """Return the name of the model's table."""
        return table_of(self.model)

    def title(self, row: Row) -> str:
        """Return the name of a row in a plan."""
        return " ".join(str(value) for value in self.key_of(row) if value)


@lru_cache(maxsize=1_000)  # most entries of a file are written with the same keys
def _missing(kind: Kind, written: tuple[str, ...]) -> int:
    return sum(bit for name, bit in kind.bits.items() if name not in written)


def _harmless(field: AnyField) -> object:
    if isinstance(field, models.BooleanField):
        return field.name == "risk_accepted"
    if isinstance(field, models.JSONField):
        return []
    return None if field.null else ""


def table_of(model: type[models.Model]) -> str:
    """Return the name of a model's table."""
    return model._meta.db_table  # noqa: SLF001 (Django's documented name)


TENANT: Final = Kind("tenant", "tenants", Tenant, ("slug",))
HOST: Final = Kind("host", "hosts", TenantHost, ("host",))
PATH: Final = Kind("path", "paths", PathRule, ("path",))
ORIGIN: Final = Kind("origin", "origins", Origin, ("pattern", "scope"))

# In the order of showing and writing: a row's tenant comes before the row.
KINDS: Final = (TENANT, HOST, ORIGIN, PATH)
