"""What the start page says about callers: how many were refused today, where, and who waits."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db.models import F, FloatField, Q, Sum
from django.db.models.functions import Cast
from django.utils import timezone

from corsadmin.admin.dashboard.review import Review
from corsadmin.admin.inbox.filters import USUAL, InboxFilter
from corsadmin.admin.inbox.refused import MAX_READ_OF_ALL, RefusedOrigin, rank_refused
from corsadmin.admin.pictures.calls import CallPictures, calls_in_pictures, read_traffic
from corsadmin.admin.pictures.changes import PolicyChange
from corsadmin.admin.pictures.refusals import grouped, refused_in
from corsadmin.admin.tenant_slugs import TENANT_SLUG
from corsadmin.admin.words import local
from corsadmin.conf import config
from corsadmin.engine import Reason
from corsadmin.models import Sighting
from corsadmin.serving.store import process_store
from corsadmin.sightings.reading import TrafficSum, traffic_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from corsadmin.models import Traffic

DAY: Final = timedelta(days=1)
MAX_BUSIEST: Final = 50  # tenants whose inboxes are read if there are too many for all
MAX_GONE: Final = 50  # busier tenants that were deleted, until the upkeep removes their rows
MAX_SHOWN: Final = 5  # lines of a card
# PostgreSQL adds floating-point numbers twice as fast as 64-bit integers, whose sum may need more
# than 64 bits. They are exact up to 2**53, which no day reaches.
_ALL_CALLS: Final = Cast(F("calls") + F("preflights"), FloatField())


class Busy(NamedTuple):
    """A tenant, with the number of calls refused in a day."""

    key: int
    slug: str
    refused: str


class Callers(NamedTuple):
    """What the cards say about the callers of all tenants that the user may see."""

    refused_today: int
    yesterday: str
    busiest: list[Busy]
    waiting: list[RefusedOrigin]
    waiting_number: int
    new_waiting: int
    is_bounded: bool
    is_recording: bool
    calls: CallPictures | None

    @property
    def today(self) -> str:
        """Return today's number of refused calls, formatted for people."""
        return grouped(self.refused_today)


def callers(
    keys: frozenset[int] | None, review: Review, changes: Collection[PolicyChange]
) -> Callers:
    """Return what to say about the callers of the tenants with these keys, or of all for None."""
    seen = read_traffic(keys, is_short=review.looked is None)
    now = timezone.now()
    last_day = max(seen.since, now - DAY)
    is_refusing = any(refused_in(one) for one in seen.sums if one.begun >= last_day)
    busiest = _busiest(traffic_of(keys), last_day) if is_refusing else []
    # If there are too many tenants to look through, look at the busiest ones.
    looked = keys if review.looked is None else frozenset(one.key for one in busiest)
    waiting, is_cut = _waiting(looked)
    return Callers(
        _refused_today(seen.sums, now),
        grouped(_refused_today(seen.sums, now - DAY)),
        busiest[:MAX_SHOWN],
        waiting[:MAX_SHOWN],
        len(waiting),
        sum(one.first_seen > now - DAY for one in waiting),
        is_cut or review.looked is not None,
        config().sightings,
        calls_in_pictures(seen, changes),
    )


def _refused_today(sums: Iterable[TrafficSum], now: datetime) -> int:
    """Return how many calls were refused since midnight in the page's time zone."""
    today = local(now).date()
    return sum(
        refused_in(one) for one in sums if one.begun <= now and local(one.begun).date() == today
    )


def _busiest(traffic: "QuerySet[Traffic]", since: datetime) -> list[Busy]:
    """Return the tenants with the most refused calls, the busiest first."""
    refused = traffic.filter(hour__gte=since).exclude(outcome=Reason.ALLOWED).values("tenant")
    rows = refused.annotate(sum=Sum(_ALL_CALLS)).order_by("-sum", "tenant")
    found = rows.annotate(slug=TENANT_SLUG).values_list("tenant", "slug", "sum")
    busiest = [one for one in found[: MAX_BUSIEST + MAX_GONE] if one[1] is not None]
    return [Busy(key, slug, grouped(int(number))) for key, slug, number in busiest[:MAX_BUSIEST]]


def _waiting(keys: frozenset[int] | None) -> tuple[list[RefusedOrigin], bool]:
    """Return the refused origins of the inbox's default view, and whether there are more."""
    form = InboxFilter(USUAL, of_one_tenant=False)
    form.full_clean()
    visible = Q(tenant__isnull=False) if keys is None else Q(tenant__in=keys)
    # For a card, this process's own snapshot is fresh enough.
    snapshot = process_store.current().snapshot
    found = rank_refused(form.choose(Sighting.objects.filter(visible)), MAX_READ_OF_ALL, snapshot)

    return found.ranked, found.is_cut
