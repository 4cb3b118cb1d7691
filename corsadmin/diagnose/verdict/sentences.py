"""What a verdict says: the question that decides, causes that no policy cures, contradictions."""

from collections.abc import Iterator
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.diagnose.console import BlockKind, Reading
from corsadmin.diagnose.explain import Question
from corsadmin.messages import shown

NOT_KNOWN: Final = gettext_lazy("Not known yet.")
KINDS: Final[dict[BlockKind, Promise]] = {
    BlockKind.NO_ACAO: gettext_lazy("The answer has no Access-Control-Allow-Origin."),
    BlockKind.WRONG_ACAO: gettext_lazy("Access-Control-Allow-Origin names another origin."),
    BlockKind.MULTIPLE_ACAO: gettext_lazy("Access-Control-Allow-Origin has several values."),
    BlockKind.INVALID_ACAO: gettext_lazy("Access-Control-Allow-Origin is not a valid origin."),
    BlockKind.WILDCARD_CREDENTIALS: gettext_lazy(
        "Access-Control-Allow-Origin is *, and the page asks with cookies."
    ),
    BlockKind.ACAC_MISSING: gettext_lazy(
        "Access-Control-Allow-Credentials is not true, and the page asks with cookies."
    ),
    BlockKind.METHOD: gettext_lazy("The answer to the preflight does not allow the method."),
    BlockKind.HEADER: gettext_lazy("The answer to the preflight does not allow a request header."),
    BlockKind.PREFLIGHT_STATUS: gettext_lazy("The answer to the preflight is an error."),
    BlockKind.PREFLIGHT_REDIRECT: gettext_lazy("The answer to the preflight is a redirect."),
    BlockKind.REDIRECT_NULL: gettext_lazy("A redirect made the browser send Origin: null."),
    BlockKind.NOT_CORS_NETWORK: gettext_lazy("No answer came."),
    BlockKind.MIXED_CONTENT: gettext_lazy("A page served over https called an http URL."),
    BlockKind.CSP: gettext_lazy("The page's Content-Security-Policy forbids the call."),
    BlockKind.CORP: gettext_lazy("Cross-Origin-Resource-Policy keeps the answer from the page."),
    BlockKind.LNA: gettext_lazy("The browser protects the local network."),
    BlockKind.WEBSOCKET: gettext_lazy("A WebSocket could not connect."),
    BlockKind.UNKNOWN: gettext_lazy("The text does not say."),
}
ASKING: Final[dict[str, Promise]] = {
    "page": gettext_lazy(
        "Which page makes the call? The Network tab shows it under Origin, in the request headers."
    ),
    "url": gettext_lazy("Which URL does the page call? The Network tab shows it as Request URL."),
    "method": gettext_lazy(
        "Which method does the page use, and which request headers does it set? The Network tab "
        "shows them with the request."
    ),
    "header": gettext_lazy(
        "Which request headers does the page set? The Network tab shows them under "
        "Access-Control-Request-Headers."
    ),
    "credentials": gettext_lazy(
        "Does the page ask with cookies? Its code then says credentials: 'include', or "
        "withCredentials."
    ),
}
MISSING_PREFLIGHT: Final = gettext_lazy(
    "The browser sent a preflight, so the page uses a method other than GET, HEAD or POST, or sets "
    "a request header that needs permission. Which? The Network tab shows them under "
    "Access-Control-Request-Method and Access-Control-Request-Headers."
)
CAUSES: Final[dict[BlockKind, Promise]] = {
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
        "This is not CORS: Cross-Origin-Resource-Policy keeps the answer from the page. Change that "
        "header where the answer is sent."
    ),
    BlockKind.WEBSOCKET: gettext_lazy(
        "This is not CORS: browsers let every page open a WebSocket, and the server decides. Look at "
        "what the server answers to the handshake, and at the origins that it accepts."
    ),
    BlockKind.NOT_CORS_NETWORK: gettext_lazy(
        "No answer came, so CORS has nothing to do with it: look at the network, the certificate, "
        "the server, and content blockers."
    ),
    BlockKind.REDIRECT_NULL: gettext_lazy(
        "A redirect to another origin made the browser send Origin: null, which no entry allows. "
        "Let the page call the final address."
    ),
}
_LIKELY: Final[dict[BlockKind, Promise]] = {
    BlockKind.WRONG_ACAO: gettext_lazy(
        "A cache may have kept an answer without Vary: Origin, or a gateway may name an origin of "
        "its own."
    ),
    BlockKind.MULTIPLE_ACAO: gettext_lazy(
        "Something in front of Django adds CORS headers too. Let only one of the two add them."
    ),
    BlockKind.INVALID_ACAO: gettext_lazy(
        "Something in front of Django sets the header: corsadmin never sends such a value."
    ),
    BlockKind.WILDCARD_CREDENTIALS: gettext_lazy(
        "Something in front of Django sends *: corsadmin names the origin of the page."
    ),
    BlockKind.METHOD: gettext_lazy(
        "Something in front of Django answers preflights: corsadmin lists the method, or sends no "
        "CORS header at all."
    ),
    BlockKind.HEADER: gettext_lazy(
        "Something in front of Django answers preflights: corsadmin lists the header, or sends no "
        "CORS header at all."
    ),
    BlockKind.PREFLIGHT_STATUS: gettext_lazy(
        "Something in front of Django answers preflights with an error: a log-in, a firewall, a "
        "missing route. Let OPTIONS through."
    ),
    BlockKind.PREFLIGHT_REDIRECT: gettext_lazy(
        "Something redirects preflights: to https, to a path with a slash, to a log-in. Let the page "
        "call the final address."
    ),
}
_ERROR: Final = 400


def contradictions(reading: Reading, question: Question) -> tuple[str, list[str]]:
    """Return why an allowed call may be blocked all the same, as a text says; blank if none does."""
    if reading.kind is BlockKind.UNKNOWN:
        return "", []
    sentence = _(
        "The stored policies allow this call, but the text says that the browser blocked it. So the "
        "answer did not come from these policies."
    )
    return sentence, [*_explanations(reading), _next(question)]


def _explanations(reading: Reading) -> Iterator[str]:
    if reading.kind in _LIKELY:
        yield str(_LIKELY[reading.kind])
    if reading.status is not None and reading.status >= _ERROR:
        yield _(
            "The answer had the status %(status)s: a server in front of Django adds no CORS headers "
            "to its own answers."
        ) % {"status": reading.status}
    if reading.redirected_from is not None:
        yield _(
            "The call was redirected from %(url)s: the redirect needs the CORS headers as well."
        ) % {"url": shown(reading.redirected_from)}
    yield _(
        "Another server may answer for this host, or a process that has not read the policies yet."
    )
    yield _("The policies may have changed since: try the call again, in a private window.")


def _next(question: Question) -> str:
    return _(
        "Ask the live site: manage.py cors_probe %(url)s --origin %(origin)s --method %(method)s"
    ) % {
        "url": shown(question.url),
        "origin": shown(question.origin),
        "method": shown(question.method),
    }
