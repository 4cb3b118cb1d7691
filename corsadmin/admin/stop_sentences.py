"""What switching an emergency stops of all that was seen lately, and what lifting it gives back."""

from django.http import HttpRequest

from corsadmin.engine.emergencies import StopLevel
from corsadmin.models import Tenant
from corsadmin.models.access import CALLERS, access
from corsadmin.proposed_change.impact_sentences import impact_sentences
from corsadmin.proposed_change.stop_impact import find_stop_impact


def stop_sentences(
    request: HttpRequest, tenant: Tenant, level: StopLevel | str, *, lifts: bool = False
) -> list[str]:
    """Return in sentences what an emergency of a tenant stops, or what lifting it gives back."""
    may = access(request)
    return impact_sentences(
        find_stop_impact(tenant, StopLevel(level), lifts=lifts),
        seen=may.seen(Tenant),
        named=may.seen(*CALLERS),
        own=tenant.pk,
    )
