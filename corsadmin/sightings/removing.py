"""Remove rows in small transactions that never wait for a writer while they hold a lock."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db import connections
from django.db.models import Model, QuerySet

from corsadmin.models import (
    Dismissal,
    EntrySeen,
    Origin,
    RuleNames,
    Sighting,
    Tenant,
    Traffic,
    Unseen,
)
from corsadmin.sightings.bounded import bounded_transaction, read_bounded

MAX_REMOVED: Final = 1_000  # in one transaction

OF_TENANTS: Final[tuple[type[Model], ...]] = (Sighting, Traffic, RuleNames, Unseen, Dismissal)


def remove(rows: "QuerySet[Model, object]") -> Iterator[int]:
    """Remove rows; yield the number of each transaction. Rows that a writer has locked stay."""
    keys = rows.order_by().values_list("pk", flat=True)
    held: set[object] = set()
    while len(held) < MAX_REMOVED:
        rest = keys.exclude(pk__in=held) if held else keys
        found = read_bounded(rest[:MAX_REMOVED])
        if not found:
            return
        with bounded_transaction(rows.db):
            free = lock_free(rows.model, found, rows.db)
            _of(rows.model, rows.db).filter(pk__in=free).delete()
        held.update({*found}.difference(free))
        yield len(free)


def lock_free(model: type[Model], keys: Sequence[object], alias: str) -> Sequence[Any]:
    """Lock the rows that nobody else has locked, until the open transaction ends.

    Waiting for the others could end in a deadlock. A database without row locks returns all keys.
    """
    if not connections[alias].features.has_select_for_update_skip_locked:
        return keys
    rows = _of(model, alias).filter(pk__in=keys).select_for_update(skip_locked=True)
    return list(rows.values_list("pk", flat=True))


def remove_sightings(tenants: "QuerySet[Tenant, object]") -> Iterator[int]:
    """Remove everything that is kept about the callers of these tenants.

    Yields the number of rows of each transaction.
    """
    entries = Origin.objects.using(tenants.db).filter(tenant__in=tenants)
    yield from remove(_of(EntrySeen, tenants.db).filter(entry__in=entries))
    for model in OF_TENANTS:
        yield from remove(_of(model, tenants.db).filter(tenant__in=tenants))


def count_sightings(tenants: "QuerySet[Tenant, object]") -> dict[type[Model], int]:
    """Return how many rows of each model are kept about the callers of these tenants."""
    entries = Origin.objects.using(tenants.db).filter(tenant__in=tenants)
    counts = {
        model: _of(model, tenants.db).filter(tenant__in=tenants).count() for model in OF_TENANTS
    }
    return {**counts, EntrySeen: _of(EntrySeen, tenants.db).filter(entry__in=entries).count()}


def _of(model: type[Model], alias: str) -> "QuerySet[Model, object]":
    return model._base_manager.using(alias)  # noqa: SLF001 (Django's documented name)
