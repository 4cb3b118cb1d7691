"""Delete what was recorded about a tenant's callers, after showing how much that is."""

import logging

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from corsadmin.admin.addresses import address
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.models import Sighting, Tenant
from corsadmin.models.access import Access
from corsadmin.sightings.removing import count_sightings, remove_sightings

logger = logging.getLogger("corsadmin")


def may_forget(may: Access, tenant: Tenant) -> bool:
    """Report whether the user may delete what was recorded about a tenant's callers."""
    return may.may("delete", Sighting, tenant)


def forget_page(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant
) -> dict[str, object] | HttpResponseRedirect:
    """Return how much would be deleted, or a redirect after the deletion."""
    if request.method == "POST" and "remove" in request.POST:
        return _remove(modeladmin, request, tenant)
    counts = count_sightings(Tenant.objects.filter(pk=tenant.pk))
    return {
        "tenant": tenant,
        "counts": [(model._meta.verbose_name_plural, number) for model, number in counts.items()],
        "total": sum(counts.values()),
    }


def _remove(
    modeladmin: PolicyModelAdmin, request: HttpRequest, tenant: Tenant
) -> HttpResponseRedirect:
    tenants = Tenant.objects.filter(pk=tenant.pk)
    number = sum(remove_sightings(tenants))
    text = ngettext(
        "%(count)d recorded row was deleted.",
        "%(count)d recorded rows were deleted.",
        number,
    )
    said = text % {"count": number}
    modeladmin.log_change(request, tenant, said)
    logger.info(
        "User %r deleted %d recorded rows about callers of the tenant %s.",
        request.user.get_username(),
        number,
        tenant.slug,
    )
    modeladmin.message_user(request, said, messages.SUCCESS)
    if sum(count_sightings(tenants).values()):
        # A process wrote new rows during the deletion.
        left = _("New rows were recorded during the deletion. To remove them, delete again.")
        modeladmin.message_user(request, left, messages.WARNING)
    return HttpResponseRedirect(address(modeladmin.admin_site.name, "tenant_change", tenant.pk))
