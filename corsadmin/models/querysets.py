"""Move the counter for writes that send no signals: update, bulk_create, delete."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from django.db import models
from django.db.models import Model
from django.utils import timezone

from corsadmin.models import generation
from corsadmin.models.counter import plain_rows
from corsadmin.models.emergency_log import log_bulk_write

Row = TypeVar("Row", bound=models.Model)

# Fields whose update moves a row to another tenant, or changes the key of a tenant.
_MOVING: Final = frozenset({"tenant", "tenant_id", "id"})


class PolicyQuerySet(models.QuerySet[Row]):
    """Rows of a policy model. `tenant_field` is the column that names the tenant of a row."""

    tenant_field = "tenant_id"

    def update(self, **kwargs: object) -> int:
        with generation.change(self._write_alias()) as change:
            if kwargs.keys() & _MOVING:
                change.touch_all()
                change.touch(*_named(kwargs))
            self._touch(change)
            return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        with generation.change(self._write_alias()) as change:
            created = super().bulk_create(objs, *args, **kwargs)
            # Positional arguments after the batch size say what to do with conflicts.
            if kwargs.get("update_conflicts") or len(args) > 1:
                change.touch_all()  # a conflict on the primary key moves a row between tenants
            change.touch(*(getattr(row, self.tenant_field) for row in created))
            return created

    def update_or_create(
        self,
        defaults: Mapping[str, object] | None = None,
        create_defaults: Mapping[str, object] | None = None,
        **kwargs: object,
    ) -> tuple[Row, bool]:
        # Move the counter first: update_or_create locks a row that the writer that holds the
        # counter may be waiting for.
        with generation.change(self._write_alias()):
            return super().update_or_create(defaults, create_defaults, **kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        # The signals touch the tenants row by row; the change counts them as one.
        with generation.change(self._write_alias()):
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def _write_alias(self) -> str:
        self._for_write = True  # like QuerySet.update: `db` is then the database of the writes
        return self.db

    def _touch(self, change: generation.Change) -> None:
        """Touch the tenants of the rows; if they are too many, mark everything as changed."""
        keys = self._tenants()
        found = list(keys[: generation.MAX_STAMPED_TENANTS + 1])
        if len(found) <= generation.MAX_STAMPED_TENANTS:
            change.touch(*found)
            return
        change.touch_all()
        tenants = plain_rows("Tenant", self._write_alias())
        tenants.filter(pk__in=keys).update(modified=timezone.now())

    def _tenants(self) -> models.QuerySet[Model, int]:
        rows = self.using(self._write_alias()).order_by()
        rows.query.select_for_update = False  # PostgreSQL refuses it together with DISTINCT
        return rows.values_list(self.tenant_field, flat=True).distinct()


def _named(values: Mapping[str, object]) -> Iterable[int]:
    """Return the tenant that an update moves its rows to, if it is a plain value."""
    given = values.get("tenant", values.get("tenant_id"))
    key = given.pk if isinstance(given, models.Model) else given
    return [key] if isinstance(key, int) else []


class TenantQuerySet(PolicyQuerySet[Row]):
    """Tenants: each row is its own tenant."""

    tenant_field = "pk"

    def get_by_natural_key(self, slug: str) -> Row:
        return self.get(slug=slug)

    def platform(self) -> Row:
        """Return the reserved tenant; create it again if a flush has deleted it."""
        return self.get_or_create(slug="platform", defaults={"name": "Platform"})[0]


class TenantHostQuerySet(PolicyQuerySet[Row]):
    """Hosts of tenants."""

    def get_by_natural_key(self, host: str) -> Row:
        return self.get(host=host)


class PathRuleQuerySet(PolicyQuerySet[Row]):
    """Path rules of tenants."""

    def get_by_natural_key(self, slug: str, path: str) -> Row:
        return self.get(tenant__slug=slug, path=path)


class OriginQuerySet(PolicyQuerySet[Row]):
    """Origin entries of tenants."""

    def get_by_natural_key(self, slug: str, pattern: str, scope: str) -> Row:
        return self.get(tenant__slug=slug, pattern=pattern, scope=scope)


class EmergencyQuerySet(PolicyQuerySet[Row]):
    """Emergencies of tenants, the platform's among them."""

    def update(self, **kwargs: object) -> int:
        alias = self._write_alias()
        with generation.change(alias):
            keys = list(self.using(alias).order_by().values_list("pk", flat=True))
            with log_bulk_write(self._plain(alias).filter(pk__in=keys), alias):
                return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Row], *args: object, **kwargs: object) -> list[Row]:
        alias, rows = self._write_alias(), list(objs)
        keys = [row.tenant_id for row in rows]  # type: ignore[attr-defined] # each has a tenant
        stored = self._plain(alias).filter(tenant__in=keys)
        with generation.change(alias), log_bulk_write(stored, alias):
            return super().bulk_create(rows, *args, **kwargs)

    def _plain(self, alias: str) -> models.QuerySet[Row]:
        return models.QuerySet(self.model, using=alias)

    def get_by_natural_key(self, slug: str) -> Row:
        return self.get(tenant__slug=slug)

    def seen_by(self, keys: frozenset[int] | None) -> "EmergencyQuerySet[Row]":
        """Return the emergencies that a user sees who sees these tenants; None means all.

        A user who sees any tenant also sees the platform's, because it stops that tenant too.
        """
        if keys is None:
            return self
        seen = models.Q(tenant__in=keys)
        return self.filter(seen | models.Q(tenant__slug="platform") if keys else seen)

    def in_force(self) -> "EmergencyQuerySet[Row]":
        """Return those whose end has not passed."""
        return self.filter(models.Q(until__isnull=True) | models.Q(until__gt=timezone.now()))
