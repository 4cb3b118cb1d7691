"""What a page of the inbox leaves out: calls not looked at, and callers as busy as those shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Q, Sum

from corsadmin.admin.inbox.refused import RefusedOrigin
from corsadmin.conf import config
from corsadmin.engine import Reason
from corsadmin.models import Traffic, Unseen

if TYPE_CHECKING:
    from django.core.paginator import Page


class Completeness(NamedTuple):
    """How much of the callers' activity the page can show.

    `ring_full` is how often a process lost an unknown number of calls. `has_traffic` says that
    anything at all was recorded.
    """

    not_looked_at: int
    turned_away: int
    ring_full: int
    without_rule: int
    is_recording: bool
    has_traffic: bool

    @property
    def has_gaps(self) -> bool:
        """Report whether calls were left out."""
        return bool(self.not_looked_at or self.turned_away or self.ring_full)


def completeness(visible: Q, since: datetime | None) -> Completeness:
    """Return how complete the recording of some tenants is since a moment."""
    in_time = Q() if since is None else Q(hour__gte=since)
    of_all = Q(tenant__isnull=True)
    sums = Unseen.objects.filter(visible | of_all, in_time).aggregate(
        not_looked_at=Sum("not_looked_at", filter=~of_all),
        turned_away=Sum("turned_away", filter=~of_all),
        ring_full=Sum("ring_full"),
    )
    traffic = Traffic.objects.filter(visible)
    without_rule = traffic.filter(in_time, outcome=Reason.NO_RULE).aggregate(
        calls=Sum("calls"), preflights=Sum("preflights")
    )
    return Completeness(
        **{name: number or 0 for name, number in sums.items()},
        without_rule=sum(number or 0 for number in without_rule.values()),
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
