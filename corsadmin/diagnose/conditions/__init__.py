"""What a call needs besides the policies: cookies that travel, a CSRF check, a network that is open.

Conditions follow from what browsers do and from the given settings; `met` is None if neither decides.
"""

from collections.abc import Iterator
from typing import NamedTuple

from corsadmin.diagnose.conditions.csrf import SAFE_METHODS, is_trusted
from corsadmin.diagnose.conditions.project_settings import CookieSettings, ProjectSettings
from corsadmin.diagnose.conditions.sentences import say
from corsadmin.engine.browser import host_name, is_same_site, schemeful_site
from corsadmin.engine.hosts import is_host, is_local, is_loopback

__all__ = ["BrowserCall", "Condition", "conditions_of"]


class Condition(NamedTuple):
    """One thing that must be true for a call to work. `met` is None where corsadmin cannot know."""

    code: str
    met: bool | None
    sentence: str


class BrowserCall(NamedTuple):
    """A cross-origin call of a page: two origins, and what the page does.

    `method` and `credentials` are None if unknown. `may_send_token` tells whether the policies let
    the page send the header of the CSRF token; None if they refuse the call anyway.
    """

    page: str
    address: str
    method: str | None = None
    credentials: bool | None = None
    may_send_token: bool | None = None

    @property
    def is_checked(self) -> bool:
        """Report whether Django's CSRF check looks at such a call."""
        return self.method is not None and self.method not in SAFE_METHODS


def conditions_of(call: BrowserCall, project: ProjectSettings) -> list[Condition]:
    """Return the conditions besides the policies, starting with those that stop the whole call."""
    return [*_network(call), *(_cookies(call, project) if call.credentials else ())]


def _network(call: BrowserCall) -> Iterator[Condition]:
    scheme, _separator, authority = call.address.partition("://")
    host = host_name(authority)
    is_secure_page = call.page.startswith("https:")
    is_inside = is_host(host) and is_local(host)
    if is_secure_page and scheme == "http" and not is_inside:
        yield _condition("mixed-content", "http", met=False)
    if is_inside and _is_public_page(call.page):
        how = "https" if is_secure_page else "http"
        yield _condition("local-network", how, met=None, host=host)


def _is_public_page(page: str) -> bool:
    """Report whether a page may come from the internet."""
    scheme, _separator, authority = page.partition("://")
    host = host_name(authority)
    return scheme in ("http", "https") and not (is_host(host) and is_local(host))


def _cookies(call: BrowserCall, project: ProjectSettings) -> Iterator[Condition]:
    same_site = is_same_site(call.page, call.address)
    if project.session_cookie is not None:
        yield _cookie("session-cookie", project.session_cookie, call, same_site=same_site)
    if call.is_checked:
        yield from _csrf(call, project, same_site=same_site)
    if same_site is False:
        yield _condition("third-party-cookies", "sites", met=None)
    if same_site is False or project.session_cookie is None:
        yield _condition("other-cookies", "names", met=None)


def _cookie(
    code: str, cookie: CookieSettings, call: BrowserCall, *, same_site: bool | None
) -> Condition:
    """Return whether a cookie travels with a call."""
    how, met = _how_it_travels(cookie, call, same_site=same_site)
    return _condition(
        code,
        how,
        met=met,
        prefix=cookie.prefix,
        samesite=cookie.samesite or "False",
        page_site=schemeful_site(call.page),
        site=schemeful_site(call.address),
    )


def _how_it_travels(
    cookie: CookieSettings, call: BrowserCall, *, same_site: bool | None
) -> tuple[str, bool | None]:
    """Return the name of a sentence, and whether the cookie travels."""
    if same_site is None:
        return "application", None
    if same_site is False and cookie.samesite.lower() != "none":
        return ("schemes" if _differ_in_scheme(call) else "lax"), False
    if cookie.samesite.lower() == "none" and not cookie.is_secure:
        return "none-insecure", False
    if cookie.is_secure and call.address.startswith("http:"):
        is_own_machine = is_loopback(host_name(call.address.partition("://")[2]))
        return ("secure-localhost", None) if is_own_machine else ("secure-http", False)
    return ("same-site", True) if same_site else ("none", True)


def _differ_in_scheme(call: BrowserCall) -> bool:
    """Report whether the sites of a page and an address differ in their schemes alone."""
    page, address = schemeful_site(call.page), schemeful_site(call.address)
    return page.partition("://")[2] == address.partition("://")[2]


def _csrf(
    call: BrowserCall, project: ProjectSettings, *, same_site: bool | None
) -> Iterator[Condition]:
    if not (project.checks_csrf or project.has_rest_framework):
        return
    trusted = is_trusted(call.page, project.trusted_origins)
    how = "trusted" if trusted else "untrusted" if project.checks_csrf else "untrusted-session"
    met = True if trusted else False if project.checks_csrf else None
    yield _condition("csrf-trusted-origin", how, met=met, page=call.page)
    if project.csrf_cookie is not None:
        yield _cookie("csrf-cookie", project.csrf_cookie, call, same_site=same_site)
    token = {None: "unknown", True: "allowed", False: "refused"}[call.may_send_token]
    yield _condition("csrf-token", token, met=call.may_send_token, header=project.csrf_header)
    if project.has_rest_framework:
        yield _condition("rest-framework", "sessions", met=None)


def _condition(code: str, how: str, *, met: bool | None, **facts: str) -> Condition:
    return Condition(code, met, say(code, how, facts))
