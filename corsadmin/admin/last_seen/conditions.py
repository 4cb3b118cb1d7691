"""Conditions for origins, path rules and tenants that nobody has used for some days."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from corsadmin.models import EntrySeen, Origin, PathRule, RuleNames, Tenant

PERIODS: Final = (30, 90, 365)  # days
NEW: Final = PERIODS[0]  # days before an unused row counts as never used

# The rows that record when a row, or a tenant's path rules, were used.
_USES: Final[dict[type[Model], QuerySet[Model]]] = {
    Origin: EntrySeen.objects.filter(entry=OuterRef("pk")),
    PathRule: RuleNames.objects.filter(tenant=OuterRef("tenant"), rule=OuterRef("path")),
    Tenant: RuleNames.objects.filter(tenant=OuterRef("pk")),
}


def with_last_day(rows: QuerySet[Model]) -> QuerySet[Model]:
    """Return path rules or tenants, each with the day when it last let somebody in."""
    days = _USES[rows.model].order_by("-last_day").values("last_day")
    found: QuerySet[Model] = rows.annotate(last_day=Subquery(days[:1]))
    return found


def is_unused(model: type[Model], days: int) -> Q:
    """Return the condition for rows that existed for this many days and were not used in them."""
    return Q(created__lt=timezone.now() - timedelta(days=days)) & ~_was_used(model, days)


def is_never_used(model: type[Model]) -> Q:
    """Return the condition for rows that are not new and were never used."""
    return Q(created__lt=timezone.now() - timedelta(days=NEW)) & ~_was_used(model, None)


def is_still_unused(model: type[Model]) -> Q:
    """Return the condition for new rows that have not been used yet."""
    return Q(created__gte=timezone.now() - timedelta(days=NEW)) & ~_was_used(model, None)


def today() -> date:
    """Return today's date in UTC, as sightings count days."""
    return datetime.now(UTC).date()


def _was_used(model: type[Model], days: int | None) -> Q:
    """Return the condition for rows that were used in the last days, or ever for None."""
    uses = _USES[model]
    if days is not None:
        uses = uses.filter(last_day__gte=today() - timedelta(days=days))
    return Q(Exists(uses))
