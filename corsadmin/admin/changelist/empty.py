"""What an empty list says: why it is empty, and what to do first."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.addresses import address
from corsadmin.admin.changelist.pasted import pasted_address
from corsadmin.admin.keys import is_key
from corsadmin.models import Origin, Tenant, TenantHost
from corsadmin.models.access import access


class EmptyList(NamedTuple):
    """The text of an empty list, and the addresses of its links. A blank address means no link."""

    text: str | Promise
    whole: str  # of the list without search and filters
    add: str
    origins: str  # of the origins that cover what was searched for


def empty_list(request: HttpRequest, listed: ChangeList) -> EmptyList:
    """Return what an empty list says to the user."""
    screen: Any = listed.model_admin
    site = screen.admin_site.name
    name = listed.opts.model_name
    is_narrowed = bool(listed.query) or listed.has_active_filters
    add = ""
    if screen.has_add_permission(request) and not listed.is_popup:
        tenant = request.GET.get("tenant", "")
        page = address(site, f"{name}_add")
        add = f"{page}?tenant={tenant}" if page and is_key(tenant) else page
    origins = ""
    if listed.model in (Tenant, TenantHost) and pasted_address(listed.query):
        page = address(site, "origin_changelist") if access(request).sees(None, Origin) else ""
        origins = page and f"{page}?{urlencode({'q': listed.query})}"
    return EmptyList(
        _("No row matches the search and the filters.") if is_narrowed else screen.first_step,
        (f"?{IS_POPUP_VAR}=1" if listed.is_popup else "?") if is_narrowed else "",
        add,
        origins,
    )
