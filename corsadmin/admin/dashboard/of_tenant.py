"""The charts on a tenant's page, for users who may see what they show."""

from datetime import timedelta

from django.utils import timezone

from corsadmin.admin.pictures.calls import calls_in_pictures, read_traffic
from corsadmin.admin.pictures.changes import changes_of
from corsadmin.admin.pictures.ending import picture_of_ends
from corsadmin.admin.pictures.traffic import DAYS
from corsadmin.models import Origin, Tenant
from corsadmin.models.access import CALLERS, Access


def pictures_of(may: Access, tenant: Tenant) -> dict[str, object]:
    """Return the charts of a tenant's page, and their time zone."""
    found: dict[str, object] = {"zone": timezone.get_current_timezone_name()}
    if may.sees(tenant, Origin):
        found["ends"] = picture_of_ends(Origin.objects.filter(tenant=tenant))
    if may.sees(tenant, *CALLERS):
        since = timezone.now() - timedelta(days=DAYS)
        changes = changes_of(may, {tenant.pk: tenant.slug}, since)
        found["calls"] = calls_in_pictures(read_traffic((tenant.pk,), is_short=True), changes)
    return found
