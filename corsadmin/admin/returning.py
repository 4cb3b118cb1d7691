"""Lead back from a form to the page that linked to it."""

from typing import Final
from urllib.parse import urlencode

from django.db.models import Model
from django.http import HttpRequest

from corsadmin.admin.addresses import address, app_page

BACK: Final = "back"
_SIGNS: Final = str.maketrans("", "", "/_-")  # the only other characters in the app's addresses
MAX_BACK: Final = 4096  # characters; longer addresses are not pages of this site


def form_address(page: str, given: dict[str, object], back: str) -> str:
    """Return the address of a form with values filled in, which leads back after a save."""
    return f"{page}?{urlencode({**given, BACK: back})}"


def page_address(site: str, row: Model, back: str) -> str:
    """Return the address of a row's page, which leads back after a save, blank without a page."""
    page = address(site, f"{row._meta.model_name}_change", row.pk)
    return page and form_address(page, {}, back)


def address_to_return_to(request: HttpRequest, site: str) -> str:
    """Return the page that a form leads back to, blank unless it is a page of this app."""
    asked = request.GET.get(BACK, "")
    below = app_page(site)
    # No parser is needed, which could raise: an address below this path has no scheme or host. Dots,
    # backslashes and escapes could lead out of the app again, but none of its pages has them.
    page = asked.partition("?")[0]
    is_plain = page.isascii() and page.removeprefix(below).translate(_SIGNS).isalnum()
    is_own = page == below or (page.startswith(below) and is_plain)
    return asked if is_own and len(asked) <= MAX_BACK and asked.isprintable() else ""


def page_without(request: HttpRequest, *names: str) -> str:
    """Return the address of the current page without some of its parameters."""
    query = request.GET.copy()
    for name in names:
        query.pop(name, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path
