"""The conditions by which auditors select origin entries. They combine with each other."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from corsadmin.models import PLAIN_HTTP, WILDCARD, Origin

# The versions of an entry under its present tenant: users who see the entry may see these too.
_VERSIONS: Final = Origin.history.filter(id=OuterRef("pk"), tenant_id=OuterRef("tenant_id"))
_EXPLAINED: Final = _VERSIONS.exclude(history_change_reason=None).exclude(history_change_reason="")

# Each has an index of its own, or so many rows meet it that a page of them is quickly found.
ORIGIN_CONDITIONS: Final[Mapping[str, Q]] = {
    "accepted": Q(risk_accepted=True),
    "http": PLAIN_HTTP,
    "wildcard": WILDCARD,
    "credentials": Q(credentials=True),
    "no-end": Q(valid_until=None),
    "no-reason": ~Q(Exists(_EXPLAINED.order_by())),
}


def meeting_all(names: Iterable[str]) -> Q:
    """Return the condition that combines these conditions. Raises KeyError for an unknown name."""
    found = Q()
    for name in names:
        found &= ORIGIN_CONDITIONS[name]
    return found


def accepted_entries(entries: QuerySet[Origin]) -> QuerySet[Model]:
    """Return those entries whose risk is accepted, each with the key of the user who did, `accepter`.

    That user wrote the first version of the latest period in which the risk is accepted. None if
    the history does not say.
    """
    earlier = Origin.history.filter(id=OuterRef("id"), tenant_id=OuterRef("tenant_id"))
    refused = earlier.filter(risk_accepted=False).order_by("-history_id").values("history_id")
    since = Coalesce(Subquery(refused[:1]), Value(0))
    first = _VERSIONS.filter(risk_accepted=True, history_id__gt=since).order_by("history_id")
    accepter = Subquery(first.values("history_user")[:1])
    return entries.filter(risk_accepted=True).annotate(accepter=accepter)
