"""A change as a value: the rows that it writes and the rows that it deletes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import router
from django.db.models import Model, QuerySet

from corsadmin.models import Origin, PathRule, Tenant, TenantHost

KINDS: Final[tuple[Any, ...]] = (Tenant, TenantHost, PathRule, Origin)


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """What a change writes.

    `deletes` are rows that it deletes or switches off, by their model. `upserts` are rows as it
    leaves them; each replaces the stored row with its key.
    """

    deletes: Mapping[Any, QuerySet[Any]] = field(default_factory=dict)
    upserts: Sequence[Any] = ()
    only_tenant: int | None = None  # the owner of every row, where there is one owner

    @classmethod
    def from_deletes(cls, rows: QuerySet[Any]) -> "ProposedChange":
        """Return the change that deletes rows or switches them off."""
        return cls(deletes={rows.model: rows} if rows.model in KINDS else {})

    @classmethod
    def from_rows(
        cls, rows: Iterable[Any], deletes: Iterable[Any] = (), *, only_tenant: int | None = None
    ) -> "ProposedChange":
        """Return the change that writes some rows and deletes others."""
        keys: defaultdict[Any, list[Any]] = defaultdict(list)
        for row in deletes:
            keys[type(row)].append(row.pk)
        away = {model: stored(model).filter(pk__in=keys[model]) for model in KINDS if keys[model]}
        return cls(away, [row for row in rows if isinstance(row, KINDS)], only_tenant)

    def upserts_of(self, model: Any) -> list[Any]:
        """Return the rows of a model that are written."""
        return [row for row in self.upserts if isinstance(row, model)]

    def touches(self, *models: Any) -> bool:
        """Report whether rows of one of these models are written or deleted."""
        return any(model in self.deletes or self.upserts_of(model) for model in models)

    def untouched(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return those stored rows that stay as they are."""
        rows = rows.exclude(pk__in=[row.pk for row in self.upserts_of(rows.model) if row.pk])
        if rows.model in self.deletes:
            rows = rows.exclude(pk__in=self.deletes[rows.model].order_by().values("pk"))
        return rows


def owner(row: Model) -> int | None:
    """Return the key of the tenant that a row belongs to or is, None where there is none yet."""
    key: int | None = row.pk if isinstance(row, Tenant) else getattr(row, "tenant_id", None)
    return key


def stored(model: Any) -> QuerySet[Any]:
    """Return the rows of a model where the writes go: a replica may not know the latest."""
    rows: QuerySet[Any] = model.objects.using(router.db_for_write(model)).order_by()
    return rows
