"""Lead back from a form to the page whose link opened it."""

from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest

from corsadmin.admin.addresses import address

BACK: Final = "back"
MAX_BACK: Final = 4096  # characters of an address: what is longer is not a page of this site


def form_address(page: str, given: dict[str, object], back: str) -> str:
    """Return the address of a form with values filled in, which leads back once it is saved."""
    return f"{page}?{urlencode({**given, BACK: back})}"


def address_to_return_to(request: HttpRequest, site: str) -> str:
    """Return the page that a form leads back to, blank unless it is one below the list of tenants."""
    asked = request.GET.get(BACK, "")
    below = address(site, "tenant_changelist")
    # Not parsed: what begins so has neither a scheme nor a host, and a parser raises for some texts.
    is_own = below and asked.startswith(below) and len(asked) <= MAX_BACK
    return asked if is_own and asked.isprintable() else ""


def page_without(request: HttpRequest, *names: str) -> str:
    """Return the address of a page without some of its parameters."""
    query = request.GET.copy()
    for name in names:
        query.pop(name, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path
