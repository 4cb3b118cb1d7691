"""What went wrong according to a text, and the causes that no policy cures, with what to do."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from corsadmin.diagnose.console import BlockDetail, BlockKind, Reading
from corsadmin.messages import shown

_KINDS: Final[dict[BlockKind, Promise]] = {
    BlockKind.NO_ACAO: gettext_lazy("The response has no Access-Control-Allow-Origin."),
    BlockKind.WRONG_ACAO: gettext_lazy("Access-Control-Allow-Origin names another origin."),
    BlockKind.MULTIPLE_ACAO: gettext_lazy("Access-Control-Allow-Origin has several values."),
    BlockKind.INVALID_ACAO: gettext_lazy("Access-Control-Allow-Origin is not a valid origin."),
    BlockKind.WILDCARD_CREDENTIALS: gettext_lazy(
        "Access-Control-Allow-Origin is *, but the page calls with cookies."
    ),
    BlockKind.ACAC_MISSING: gettext_lazy(
        "Access-Control-Allow-Credentials is not true, but the page calls with cookies."
    ),
    BlockKind.METHOD: gettext_lazy("The preflight response does not allow the method."),
    BlockKind.HEADER: gettext_lazy("The preflight response does not allow a request header."),
    BlockKind.PREFLIGHT_STATUS: gettext_lazy("The preflight response is an error."),
    BlockKind.PREFLIGHT_REDIRECT: gettext_lazy("The preflight response is a redirect."),
    BlockKind.REDIRECT_NULL: gettext_lazy("A redirect made the browser send Origin: null."),
    BlockKind.NOT_CORS_NETWORK: gettext_lazy("No response arrived."),
    BlockKind.MIXED_CONTENT: gettext_lazy("A page served over https called an http URL."),
    BlockKind.CSP: gettext_lazy("The page's Content-Security-Policy forbids the call."),
    BlockKind.CORP: gettext_lazy("Cross-Origin-Resource-Policy hides the response from the page."),
    BlockKind.LNA: gettext_lazy("The browser protects the local network."),
    BlockKind.WEBSOCKET: gettext_lazy("A WebSocket could not connect."),
    BlockKind.UNKNOWN: gettext_lazy("The text does not say."),
}
_DETAILS: Final[dict[BlockDetail, Promise]] = {
    BlockDetail.CERTIFICATE: gettext_lazy("The browser does not trust the API's certificate."),
    BlockDetail.CONNECTION: gettext_lazy("The browser could not connect to the API."),
    BlockDetail.CONTENT_BLOCKER: gettext_lazy("A content blocker stopped the call."),
    BlockDetail.GATEWAY: gettext_lazy("The server in front of Django answered with an error."),
    BlockDetail.HOST_NAME: gettext_lazy("The API's host name has no address."),
    BlockDetail.CSRF: gettext_lazy("Django's CSRF check refused the request."),
    BlockDetail.CSRF_COOKIE: gettext_lazy("The CSRF cookie did not come with the request."),
    BlockDetail.CSRF_ORIGIN: gettext_lazy("Django's CSRF check does not trust the page's origin."),
    BlockDetail.CSRF_REFERER: gettext_lazy("Django's CSRF check does not trust the Referer."),
    BlockDetail.CSRF_TOKEN: gettext_lazy("The CSRF token is missing or wrong."),
    BlockDetail.COOKIE_BLOCKED: gettext_lazy("The browser's settings withhold the cookie."),
    BlockDetail.COOKIE_INSECURE: gettext_lazy("A Secure cookie does not travel over http."),
    BlockDetail.COOKIE_PARTITIONED: gettext_lazy("A third-party cookie is not Partitioned."),
    BlockDetail.COOKIE_REDIRECT: gettext_lazy(
        "A redirect across sites made the browser withhold the cookie."
    ),
    BlockDetail.COOKIE_SAMESITE: gettext_lazy("SameSite makes the browser withhold the cookie."),
    BlockDetail.COOKIE_SECURE: gettext_lazy("The cookie lacks Secure, so the browser drops it."),
}
_CAUSES: Final[dict[BlockKind, Promise]] = {
    BlockKind.LNA: gettext_lazy(
        "This is not CORS: the browser protects the local network. The page must be served over "
        "https, and its user must allow it to reach the local network. No response header can grant "
        "that."
    ),
    BlockKind.MIXED_CONTENT: gettext_lazy(
        "This is not CORS: a page served over https may not call an http URL. Serve the API over "
        "https."
    ),
    BlockKind.CSP: gettext_lazy(
        "This is not CORS: the page's own Content-Security-Policy forbids the call. Add the API to "
        "connect-src where the page is served."
    ),
    BlockKind.CORP: gettext_lazy(
        "This is not CORS: Cross-Origin-Resource-Policy hides the response from the page. Change that "
        "header on the server that sends the response."
    ),
    BlockKind.WEBSOCKET: gettext_lazy(
        "This is not CORS: browsers let every page open a WebSocket, and the server decides. Check "
        "the server's response to the handshake, and the origins that it accepts."
    ),
    BlockKind.NOT_CORS_NETWORK: gettext_lazy(
        "No response arrived, so CORS is not the cause. Check the network, the certificate, the "
        "server, and content blockers."
    ),
    BlockKind.REDIRECT_NULL: gettext_lazy(
        "A redirect to another origin made the browser send Origin: null, which no entry allows. "
        "Have the page call the final address."
    ),
}
_CAUSES_IN_DETAIL: Final[dict[BlockDetail, Promise]] = {
    BlockDetail.CERTIFICATE: gettext_lazy(
        "No response arrived, so CORS is not the cause: the browser does not trust the certificate of "
        "the API. Open the URL in a tab of its own to see why, then renew the certificate or complete "
        "its chain."
    ),
    BlockDetail.CONNECTION: gettext_lazy(
        "No response arrived, so CORS is not the cause: the browser could not connect. Check that the "
        "server runs, that the port is right, and that no firewall or VPN is in the way."
    ),
    BlockDetail.CONTENT_BLOCKER: gettext_lazy(
        "No response arrived, so CORS is not the cause: a content blocker (an extension or the "
        "browser's own protection) stopped the call. Try a private window without extensions. If that "
        "works, allow the API in the blocker, or rename a path or host that looks like advertising or "
        "tracking."
    ),
    BlockDetail.HOST_NAME: gettext_lazy(
        "No response arrived, so CORS is not the cause: the host name of the API has no address. Check "
        "its spelling and its DNS record."
    ),
    BlockDetail.CSRF: gettext_lazy(
        "This is not CORS: Django's CSRF check refused the request with 403. Django's log says "
        "why, and so does the error page if DEBUG is on."
    ),
    BlockDetail.CSRF_COOKIE: gettext_lazy(
        "This is not CORS: the CSRF cookie did not come with the request, so Django answers 403. The "
        "page must first call a view that sets it, and each call needs credentials: 'include'. If the "
        'page and the API are on different sites, the cookie needs CSRF_COOKIE_SAMESITE = "None" and '
        "CSRF_COOKIE_SECURE = True."
    ),
    BlockDetail.CSRF_ORIGIN: gettext_lazy(
        "This is not CORS: Django's CSRF check does not trust the origin %(subject)s and answers 403. "
        "Add it to CSRF_TRUSTED_ORIGINS. If it is the API's own origin, Django does not see https: set "
        "SECURE_PROXY_SSL_HEADER."
    ),
    BlockDetail.CSRF_REFERER: gettext_lazy(
        "This is not CORS: Django's CSRF check does not trust the Referer %(subject)s and "
        "answers 403. It checks the Referer of https requests without an Origin. Have the page "
        "send an Origin, which Referrer-Policy: no-referrer can prevent, and add the page's origin "
        "to CSRF_TRUSTED_ORIGINS."
    ),
    BlockDetail.CSRF_TOKEN: gettext_lazy(
        "This is not CORS: the CSRF token is missing or wrong, so Django answers 403. The page must "
        "send the token in the header X-CSRFToken (CSRF_HEADER_NAME), and fetch it again after a "
        "log-in. A page on another host cannot read the cookie, so have a view return the token."
    ),
    BlockDetail.COOKIE_BLOCKED: gettext_lazy(
        "This is not CORS: the browser's settings withhold the cookie %(subject)s, as they often do "
        "with third-party cookies. Serve the API below the site of the page, such as api.example.com "
        "for app.example.com, or have the page use a token instead of a cookie."
    ),
    BlockDetail.COOKIE_INSECURE: gettext_lazy(
        "This is not CORS: the cookie %(subject)s is Secure, but the page calls the API over http. Serve "
        "the API over https."
    ),
    BlockDetail.COOKIE_PARTITIONED: gettext_lazy(
        "This is not CORS: the browser withholds the cookie %(subject)s because the API is on a different "
        "site from the page, and the cookie is not Partitioned. Set the cookie with Partitioned, or "
        "serve the API below the site of the page."
    ),
    BlockDetail.COOKIE_REDIRECT: gettext_lazy(
        "This is not CORS: a redirect led through another site, so the cookie %(subject)s with "
        "SameSite=Lax or SameSite=Strict was not sent. Have the page call the final address."
    ),
    BlockDetail.COOKIE_SAMESITE: gettext_lazy(
        "This is not CORS: the cookie %(subject)s is SameSite=Lax or SameSite=Strict, and the API is on a "
        "different site from the page, so the browser withholds it. Set SESSION_COOKIE_SAMESITE (or "
        'CSRF_COOKIE_SAMESITE) = "None" and SESSION_COOKIE_SECURE (or CSRF_COOKIE_SECURE) = True, or '
        "serve the API below the site of the page."
    ),
    BlockDetail.COOKIE_SECURE: gettext_lazy(
        "This is not CORS: the cookie %(subject)s is SameSite=None or Partitioned but not Secure, so the "
        "browser drops it. Set SESSION_COOKIE_SECURE or CSRF_COOKIE_SECURE = True, and serve the API "
        "over https."
    ),
}


def cause_of(reading: Reading) -> str:
    """Return the cause that no policy cures, and what to do about it; blank if a text names none."""
    if reading.detail in _CAUSES_IN_DETAIL:
        sentence = str(_CAUSES_IN_DETAIL[reading.detail])
        facts = {"subject": shown(reading.subject or "")}
        # The name of a cookie may be missing, and a space before a comma with it.
        return " ".join((sentence % facts).split()).replace(" ,", ",")
    return str(_CAUSES.get(reading.kind, ""))


def what_went_wrong(reading: Reading) -> str:
    """Return in a few words what went wrong, as far as the text says it."""
    return str(_KINDS[reading.kind] if reading.detail is None else _DETAILS[reading.detail])
