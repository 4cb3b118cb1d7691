"""Read the stored policies tenant by tenant, in an order that is the same on every database."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.db.models import Model, QuerySet

from corsadmin.conf import alias_for_writing
from corsadmin.models import Origin, Tenant
from corsadmin.serving.loader import one_state
from corsadmin.transfer.records.record_types import HOST, ORIGIN, PATH, TENANT, Kind, Row

_TENANTS_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class StoredTenant:
    """A tenant's row and the rows it owns, by kind, sorted by their keys."""

    row: Row
    rows: Mapping[Kind, list[Row]]

    @property
    def slug(self) -> str:
        return str(self.row[TENANT.names.index("slug")])


def read_tenants(
    slugs: Collection[str] | None = None, *, using: str | None = None
) -> Iterator[StoredTenant]:
    """Yield the tenants with these slugs, or all of them, sorted by slug; all of one moment."""
    alias = using or alias_for_writing()
    slugs = None if slugs is None else frozenset(slugs)
    with one_state(alias):
        # Sorted here: databases disagree about the order of texts.
        known = sorted(_rows(Tenant, alias).values_list("slug", "pk"))
        wanted = iter([key for slug, key in known if slugs is None or slug in slugs])
        while keys := list(islice(wanted, _TENANTS_AT_ONCE)):
            yield from _read(alias, keys)


def has_risks(slugs: Collection[str] | None = None, *, using: str | None = None) -> bool:
    """Report whether the risk of an origin was accepted, at these tenants or at any."""
    rows = _rows(Origin, using or alias_for_writing()).filter(risk_accepted=True)
    return (rows if slugs is None else rows.filter(tenant__slug__in=slugs)).exists()


def unknown_slugs(slugs: Collection[str], *, using: str | None = None) -> list[str]:
    """Return those slugs that name no tenant."""
    alias = using or alias_for_writing()
    known = set(_rows(Tenant, alias).filter(slug__in=slugs).values_list("slug", flat=True))
    return sorted(set(slugs) - known)


def _read(alias: str, keys: list[int]) -> Iterator[StoredTenant]:
    owned: dict[Kind, dict[int, list[Row]]] = {}
    for kind in (HOST, ORIGIN, PATH):
        found: dict[int, list[Row]] = defaultdict(list)
        rows = _rows(kind.model, alias).filter(tenant_id__in=keys)
        for key, *row in rows.values_list("tenant_id", *kind.names):
            found[key].append(tuple(row))
        owned[kind] = found
    tenants = _rows(Tenant, alias).filter(pk__in=keys).values_list("pk", *TENANT.names)
    by_key = {key: tuple(row) for key, *row in tenants}
    for key in keys:
        own = {kind: sorted(found.get(key, ()), key=kind.key_of) for kind, found in owned.items()}
        yield StoredTenant(by_key[key], own)


def _rows(model: type[Model], alias: str) -> "QuerySet[Any]":
    return QuerySet(model, using=alias).order_by()
