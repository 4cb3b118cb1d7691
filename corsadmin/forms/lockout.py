"""Ask before a tenant loses its last origin, or the origin of the very page that is being used."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.engine import candidates, parse_origin
from corsadmin.models import Origin, Tenant

CONFIRM: Final = "confirm_lockout"
CODE: Final = "lockout"
LAST: Final = gettext_lazy("This takes away the tenant's last origin in force.")
OWN: Final = gettext_lazy("This refuses the origin of the very page you are using.")
MOST: Final = 20  # losses told at once


def covering(origin: str) -> list[str]:
    """Return every pattern that covers an origin."""
    parts = parse_origin(origin)
    return [] if parts is None else [origin, *candidates(*parts)]


def is_standing(row: Any, now: datetime) -> bool:
    """Report whether an origin entry is in force."""
    return (
        row.enabled
        and (row.valid_from is None or row.valid_from <= now)
        and (row.valid_until is None or row.valid_until > now)
    )


def standing(now: datetime) -> Q:
    """Return the same as a condition."""
    return (
        Q(enabled=True)
        & (Q(valid_from=None) | Q(valid_from__lte=now))
        & (Q(valid_until=None) | Q(valid_until__gt=now))
    )


def losses(before: Collection[str], after: Collection[str], page: str) -> list[Any]:
    """Return what is lost when the patterns in force change: blank when it is nothing of weight.

    `page` is the origin of the page on which the change is made.
    """
    found = []
    if before and not after:
        found.append(LAST)
    patterns = set(covering(page))
    if not patterns.isdisjoint(before) and patterns.isdisjoint(after):
        found.append(OWN)
    return found


def check_lockout(before: Collection[str], after: Collection[str], page: str) -> None:
    """Raise ValidationError when the patterns in force `after` let in less than they must."""
    found = losses(before, after, page)
    if found:
        raise ValidationError([ValidationError(loss, code=CODE) for loss in found])


def telling(rows: QuerySet[Any], page: str) -> list[str]:
    """Return those patterns in force that decide what is lost: some one, and the page's own."""
    patterns = rows.filter(standing(timezone.now())).values_list("pattern", flat=True)
    return [*patterns[:1], *patterns.filter(pattern__in=covering(page))]


def losses_without(gone: QuerySet[Any], page: str) -> list[str]:
    """Return what tenants lose when these origin entries are no longer in force."""
    now = timezone.now()
    keys = gone.order_by().values("pk")
    rows = Origin.objects.filter(standing(now), pk__in=keys)
    # By their keys: asked in one question, a database looks at the origins of all tenants.
    touched = _tenants_of(rows)
    left = Origin.objects.filter(standing(now), tenant__in=touched).exclude(pk__in=keys)
    own = Q(pattern__in=covering(page))
    emptied = touched - _tenants_of(left)
    refused = _tenants_of(rows.filter(own)) - _tenants_of(left.filter(own))
    return [*_told(emptied, LAST), *_told(refused, OWN)]


def _tenants_of(rows: QuerySet[Any]) -> set[int]:
    return set(rows.order_by().values_list("tenant", flat=True).distinct())


def _told(tenants: set[int], loss: Any) -> list[str]:
    slugs = list(Tenant.objects.filter(pk__in=tenants).values_list("slug", flat=True))
    said = [f"{slug}: {loss}" for slug in slugs[:MOST]]
    if len(slugs) > MOST:
        said.append(_("And so with %(count)d more tenants.") % {"count": len(slugs) - MOST})
    return said
