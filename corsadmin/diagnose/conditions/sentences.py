"""A sentence for each condition, and for each way in which it is met, not met or not known."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from corsadmin.messages import shown

_COOKIE: Final[dict[str, Promise]] = {
    "same-site": gettext_lazy(
        "The page and the API are the same site (%(site)s), so browsers send the cookie with any "
        "%(prefix)s_SAMESITE."
    ),
    "lax": gettext_lazy(
        "The page (%(page_site)s) and the API (%(site)s) are different sites, and %(prefix)s_SAMESITE "
        'is %(samesite)s, so browsers withhold the cookie. Set %(prefix)s_SAMESITE = "None" and '
        "%(prefix)s_SECURE = True, or serve both below one domain and scheme."
    ),
    "schemes": gettext_lazy(
        "The page (%(page_site)s) and the API (%(site)s) differ in the scheme. Chrome and Edge treat them "
        "as different sites and withhold the cookie, because %(prefix)s_SAMESITE is %(samesite)s; "
        "Firefox does not. Serve both over https."
    ),
    "none-insecure": gettext_lazy(
        '%(prefix)s_SAMESITE is "None" and %(prefix)s_SECURE is not True, so browsers drop the cookie. '
        "Set %(prefix)s_SECURE = True."
    ),
    "none": gettext_lazy(
        '%(prefix)s_SAMESITE is "None" and %(prefix)s_SECURE is True, so browsers may send the cookie '
        "from %(page_site)s to %(site)s."
    ),
    "secure-http": gettext_lazy(
        "%(prefix)s_SECURE is True, but the page calls an http URL. Browsers send the cookie over https only."
    ),
    "secure-localhost": gettext_lazy(
        "%(prefix)s_SECURE is True, but the page calls an http URL. For a server on this machine, Chrome and "
        "Firefox still send the cookie; Safari does not."
    ),
    "application": gettext_lazy(
        "The page belongs to an application or an extension. Its browser decides whether to send a cookie "
        'with %(prefix)s_SAMESITE = %(samesite)s; with "None" and %(prefix)s_SECURE = True it can.'
    ),
}
SENTENCES: Final[dict[str, dict[str, Promise]]] = {
    "mixed-content": {
        "http": gettext_lazy(
            "Browsers block this call as mixed content: a page served over https may not call an http "
            "URL. Serve the API over https."
        ),
    },
    "local-network": {
        "https": gettext_lazy(
            "%(host)s is this machine or on a local network. If the page comes from the internet, Chrome and Edge (from "
            "142) and Firefox (from 153) ask the user for permission first. No response header can grant it."
        ),
        "http": gettext_lazy(
            "%(host)s is this machine or on a local network. If the page comes from the internet, Chrome and Edge (from "
            "142) block the call, because the page is not served over https."
        ),
    },
    "session-cookie": _COOKIE,
    "csrf-cookie": _COOKIE,
    "csrf-trusted-origin": {
        "trusted": gettext_lazy("CSRF_TRUSTED_ORIGINS covers %(page)s."),
        "untrusted": gettext_lazy(
            "CSRF_TRUSTED_ORIGINS lacks %(page)s, so Django answers 403 (Origin checking failed) unless "
            "the view is exempt. Add this origin."
        ),
        "untrusted-session": gettext_lazy(
            "CSRF_TRUSTED_ORIGINS lacks %(page)s, so Django REST framework answers 403 (Origin checking "
            "failed) if the view authenticates by session. Add this origin."
        ),
    },
    "csrf-token": {
        "allowed": gettext_lazy(
            "The page may send the CSRF token in the header %(header)s. It cannot read the cookie of "
            "another host, so have a view return the token."
        ),
        "refused": gettext_lazy(
            "The path rule does not allow the header %(header)s, in which the page sends the CSRF token. "
            "Add it to the request headers of the rule, unless the view is exempt."
        ),
        "unknown": gettext_lazy("The page must send the CSRF token in the header %(header)s."),
    },
    "rest-framework": {
        "sessions": gettext_lazy(
            "Django REST framework checks CSRF only in views that authenticate by session "
            "(SessionAuthentication). corsadmin does not know which classes this view uses."
        ),
    },
    "third-party-cookies": {
        "sites": gettext_lazy(
            "To browsers, these are third-party cookies. Safari blocks them, Firefox keeps separate ones for each "
            "calling site, and Chrome and Edge block them if the user chooses so. Browsers keep a cookie with "
            "Partitioned separately for each calling site; Django has no setting for this attribute."
        ),
    },
    "other-cookies": {
        "names": gettext_lazy(
            "Other cookies, such as those of a log-in package, must meet the same conditions. corsadmin does "
            "not know their settings."
        ),
    },
}


def say(code: str, how: str, facts: Mapping[str, str]) -> str:
    """Return the sentence for a condition and the way it is met or not, in the active language."""
    return str(SENTENCES[code][how]) % {name: shown(value) for name, value in facts.items()}
