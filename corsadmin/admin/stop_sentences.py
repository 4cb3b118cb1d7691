"""Which recent calls an emergency stops, and which of them lifting it allows again."""

from django.http import HttpRequest

from corsadmin.engine.emergencies import StopLevel
from corsadmin.models import Tenant
from corsadmin.models.access import CALLERS, access
from corsadmin.proposed_change.impact_sentences import impact_sentences
from corsadmin.proposed_change.stop_impact import find_stop_impact


def stop_sentences(
    request: HttpRequest, tenant: Tenant, level: StopLevel | str, *, lifts: bool = False
) -> list[str]:
    """Return sentences about the calls that an emergency stops, or that lifting it allows again."""
    may = access(request)
    return impact_sentences(
        find_stop_impact(tenant, StopLevel(level), lifts=lifts),
        seen=may.seen(Tenant),
        named=may.seen(*CALLERS),
        own=tenant.pk,
    )
