"""Admin sites beside Django's own, and a walk through the pages of one."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.contrib import admin
from django.urls import path, resolve

from corsadmin.models import Origin, PathRule, Tenant, TenantHost, TenantMember

MODELS = (Tenant, TenantHost, PathRule, Origin, TenantMember)
# Attributes that lead a browser, or a script of the page, to another address.
LEADING = ("href", "action", "formaction", "data-ajax--url", "data-href-template")


def second_site(models):
    """Return a site called ops, with the pages of some models as the first site has them."""
    site = admin.AdminSite("ops")
    for model in models:
        site.register(model, type(admin.site.get_model_admin(model)))
    return site


def routes(site):
    """Return a URLconf with both sites, each below its name."""
    return (path("ops/", site.urls), path("admin/", admin.site.urls))


class _Links(HTMLParser):
    """Collects where a page leads."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag != "link":
            self.found += [value for name, value in attrs if name in LEADING and value]


def links(page, response):
    """Return the addresses that a page leads to, without those of other servers."""
    if response.streaming:
        return []  # a file
    parser = _Links()
    parser.feed(response.content.decode())
    found = [urljoin(page, address) for address in parser.found]
    return [address for address in found if not urlsplit(address).netloc]


def kinds(page):
    """Return what makes a page one of its kind: its view with each name of its query.

    The links of a list add filters to those that it has: sets of them are hundreds.
    """
    parts = urlsplit(page)
    view = resolve(parts.path).view_name
    return {(view, name) for name in ("", *(name for name, _value in parse_qsl(parts.query)))}


def walk(client, starts, root):
    """Open the starts, and pages of each kind below a root; yield them with their links."""
    queue, ahead = [*starts], {*starts}
    seen: set[tuple[str, str]] = set()
    while queue:
        page = queue.pop()
        if kinds(page) <= seen and page not in ahead:
            continue
        ahead.discard(page)
        seen |= kinds(page)
        response = client.get(page)

        assert response.status_code in {200, 302}, (page, response.status_code)
        found = [response.url] if response.status_code == 302 else links(page, response)
        yield page, found
        queue += [link for link in found if urlsplit(link).path.startswith(root)]
