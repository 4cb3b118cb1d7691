"""What a page of the inbox leaves out: calls not looked at, and callers as busy as those shown."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Q, Sum
from django.utils import timezone

from corsadmin.admin.inbox.refused import RefusedOrigin
from corsadmin.conf import config
from corsadmin.engine import Reason
from corsadmin.models import Unseen
from corsadmin.sightings.reading import MAX_ROWS, readable_since, traffic_of
from corsadmin.sightings.retention import KEPT

if TYPE_CHECKING:
    from django.core.paginator import Page


class Completeness(NamedTuple):
    """How much of the callers' activity the page can show.

    `ring_full` is how often a process lost an unknown number of calls. If there is too much traffic
    to add up, `without_rule` counts from `since` on. `has_traffic` says that anything was recorded.
    """

    not_looked_at: int
    turned_away: int
    ring_full: int
    without_rule: int
    since: datetime | None
    is_recording: bool
    has_traffic: bool

    @property
    def has_gaps(self) -> bool:
        """Report whether calls were left out."""
        return bool(self.not_looked_at or self.turned_away or self.ring_full)


def completeness(keys: Collection[int] | None, since: datetime | None) -> Completeness:
    """Return how complete the recording of the tenants with these keys is since a moment.

    None stands for all tenants, and for everything that is kept.
    """
    visible = Q(tenant__isnull=False) if keys is None else Q(tenant__in=keys)
    in_time = Q() if since is None else Q(hour__gte=since)
    of_all = Q(tenant__isnull=True)
    sums = Unseen.objects.filter(visible | of_all, in_time).aggregate(
        not_looked_at=Sum("not_looked_at", filter=~of_all),
        turned_away=Sum("turned_away", filter=~of_all),
        ring_full=Sum("ring_full"),
    )
    traffic, asked = traffic_of(keys), since or timezone.now() - KEPT
    begun = readable_since(keys, asked, MAX_ROWS)
    without_rule = traffic.filter(hour__gte=begun, outcome=Reason.NO_RULE).aggregate(
        calls=Sum("calls"), preflights=Sum("preflights")
    )
    return Completeness(
        **{name: number or 0 for name, number in sums.items()},
        without_rule=sum(number or 0 for number in without_rule.values()),
        since=begun if begun > asked else None,
        is_recording=config().sightings,
        has_traffic=traffic.exists(),
    )


def as_busy(ranked: Sequence[RefusedOrigin], page: "Page[RefusedOrigin]") -> int:
    """Return how many strangers on later pages are as busy as the last stranger on this one."""
    strangers = [one for one in page if not one.is_kin]
    if not strangers:
        return 0
    hours = strangers[-1].hours
    return sum(not one.is_kin and one.hours == hours for one in ranked[page.end_index() :])
