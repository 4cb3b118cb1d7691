"""A change as a value: the rows that it writes and the rows that it deletes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from django.db import router
from django.db.models import Model, QuerySet

from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.models.access import Row

ChangedRow: TypeAlias = Tenant | TenantHost | PathRule | Origin
KINDS: Final[tuple[type[ChangedRow], ...]] = (Tenant, TenantHost, PathRule, Origin)


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """The rows that a change writes and deletes.

    `deletes` are rows that it deletes or switches off, by model. `upserts` are rows in their new
    state; each replaces the stored row with its key.
    """

    deletes: Mapping[type[Model], QuerySet[Model]] = field(default_factory=dict)
    upserts: Sequence[ChangedRow] = ()
    only_tenant: int | None = None  # the owner of every row, if there is only one

    @classmethod
    def from_deletes(cls, rows: QuerySet[Model]) -> "ProposedChange":
        """Return the change that deletes rows or switches them off."""
        return cls(deletes={rows.model: rows} if rows.model in KINDS else {})

    @classmethod
    def from_rows(
        cls, rows: Iterable[Model], deletes: Iterable[Model] = (), *, only_tenant: int | None = None
    ) -> "ProposedChange":
        """Return the change that writes some rows and deletes others."""
        keys: defaultdict[type[Model], list[object]] = defaultdict(list)
        for row in deletes:
            keys[type(row)].append(row.pk)
        away: dict[type[Model], QuerySet[Model]] = {
            model: stored(model).filter(pk__in=keys[model]) for model in KINDS if keys[model]
        }
        return cls(away, [row for row in rows if isinstance(row, KINDS)], only_tenant)

    def upserts_of(self, model: type[Row]) -> list[Row]:
        """Return the rows of a model that are written."""
        return [row for row in self.upserts if isinstance(row, model)]

    def touches(self, *models: type[Model]) -> bool:
        """Report whether rows of one of these models are written or deleted."""
        return any(model in self.deletes or self.upserts_of(model) for model in models)

    def untouched(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Return those stored rows that the change leaves alone."""
        rows = rows.exclude(pk__in=[row.pk for row in self.upserts_of(rows.model) if row.pk])
        if rows.model in self.deletes:
            rows = rows.exclude(pk__in=self.deletes[rows.model].order_by().values("pk"))
        return rows


def owner(row: Model) -> int | None:
    """Return the key of the tenant that a row belongs to or is, or None if it has none yet."""
    key: int | None = row.pk if isinstance(row, Tenant) else getattr(row, "tenant_id", None)
    return key


def stored(model: type[Row]) -> QuerySet[Row]:
    """Return the rows of a model in the database of the writes, because a replica may lag."""
    return model._base_manager.using(router.db_for_write(model)).order_by()  # noqa: SLF001 (Django's documented name)
