"""Dismiss refused origins from the inbox for 90 days, and put them back."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final, TypeVar

from django.conf import settings
from django.db import router, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from corsadmin.admin.keys import is_key
from corsadmin.engine.origins import parse_origin
from corsadmin.models import Dismissal, Sighting
from corsadmin.models.access import CALLERS, Access
from corsadmin.models.sightings import DISMISSED_FOR, MAX_USERNAME_LENGTH

_Row = TypeVar("_Row", Sighting, Dismissal)
MAX_CHOSEN: Final = 200  # origins that one form dismisses
Chosen = tuple[int, str]  # a tenant's key and an origin


def read_chosen(values: Iterable[str]) -> set[Chosen]:
    """Return the origins in a submitted form, leaving out values that no page sends."""
    pairs = (value.partition(" ") for value in list(values)[:MAX_CHOSEN])
    return {
        (int(key), origin)
        for key, space, origin in pairs
        if space and is_key(key) and (not origin or parse_origin(origin) is not None)
    }


def dismiss(access: Access, chosen: Collection[Chosen]) -> tuple[int, datetime]:
    """Dismiss the origins that were seen and that the user may dismiss. Return how many, and when."""
    moment = timezone.now()
    seen = _allowed(access, Sighting).filter(_any_of(chosen))
    pairs = sorted(set(seen.values_list("tenant", "origin")) & set(chosen))
    fields = {"by": name_of_user(access), "created": moment, "until": moment + DISMISSED_FOR}
    rows = [Dismissal(tenant_id=key, origin=origin, **fields) for key, origin in pairs]
    with transaction.atomic(using=router.db_for_write(Dismissal)):
        Dismissal.objects.filter(_any_of(pairs)).delete()
        Dismissal.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows), moment


def put_back(access: Access, chosen: Collection[Chosen]) -> int:
    """Put back dismissed origins that the user may dismiss. Return how many."""
    return _allowed(access, Dismissal).filter(_any_of(chosen)).delete()[0]


def dismissed_at(access: Access, text: str) -> QuerySet[Dismissal]:
    """Return the dismissals that the user made at a moment, given as text in a URL."""
    moment = _moment(text)
    if moment is None:
        return Dismissal.objects.none()
    return _allowed(access, Dismissal).filter(created=moment, by=name_of_user(access))


def name_of_user(access: Access) -> str:
    """Return the user's name in the form that a dismissal stores."""
    name: str = access.user.get_username()
    return name[:MAX_USERNAME_LENGTH]


def _allowed(access: Access, model: type[_Row]) -> QuerySet[_Row]:
    """Return the rows of tenants whose inbox the user may see and dismiss from."""
    keys = access.seen(*CALLERS)
    rows: QuerySet[_Row] = QuerySet(model)
    return access.limit(
        rows if keys is None else rows.filter(tenant__in=keys), "dismiss", model=Sighting
    )


def _any_of(chosen: Collection[Chosen]) -> Q:
    by_tenant: dict[int, list[str]] = {}
    for key, origin in chosen:
        by_tenant.setdefault(key, []).append(origin)
    found = Q(pk__in=())
    for key, origins in by_tenant.items():
        found |= Q(tenant=key, origin__in=origins)
    return found


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    if moment is None or is_aware(moment) != settings.USE_TZ:
        return None
    # Older dismissals have ended, and not every database can compare dates of any year.
    return moment if abs(timezone.now() - moment) <= DISMISSED_FOR else None
