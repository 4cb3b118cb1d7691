"""Addresses of the admin's pages. Links stay on the admin site that the request is for."""

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse


def address(site: str, page: str, *args: object) -> str:
    """Return the address of one of this app's pages on the admin site with a name.

    `page` names a model and a view: `origin_changelist`. The result is blank if the site has no
    such page, since a project may register only some of the models.
    """
    try:
        return reverse(f"admin:corsadmin_{page}", args=args, current_app=site)
    except NoReverseMatch:
        return ""


def app_page(site: str) -> str:
    """Return the address of the app's start page on an admin site. All its pages lie below it."""
    return reverse("admin:app_list", args=["corsadmin"], current_app=site)


def site_of(request: HttpRequest) -> str:
    """Return the name of the admin site that a request is for."""
    # Django's views set it on the request for the templates' `url` tag.
    name: str = getattr(request, "current_app", "")
    return name


def is_list(request: HttpRequest) -> bool:
    """Report whether a request is for a list of rows."""
    return _is_page(request, "_changelist")


def is_version_page(request: HttpRequest) -> bool:
    """Report whether a request is for an old version of a row."""
    return _is_page(request, "_simple_history")


def _is_page(request: HttpRequest, ending: str) -> bool:
    match = request.resolver_match
    return match is not None and (match.url_name or "").endswith(ending)
