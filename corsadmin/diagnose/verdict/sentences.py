"""The sentences of a verdict: the question that decides, and contradictions."""

from collections.abc import Iterator
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.diagnose.console import BlockDetail, BlockKind, Reading
from corsadmin.diagnose.explain import Question
from corsadmin.messages import shown

NOT_KNOWN: Final = gettext_lazy("Not known yet.")
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
        "Does the page call with cookies? If so, its code sets credentials: 'include' or "
        "withCredentials."
    ),
}
MISSING_PREFLIGHT: Final = gettext_lazy(
    "The browser sent a preflight, so the page uses a method other than GET, HEAD or POST, or sets "
    "a request header that needs permission. Which? The Network tab shows them under "
    "Access-Control-Request-Method and Access-Control-Request-Headers."
)
_LIKELY: Final[dict[BlockKind, Promise]] = {
    BlockKind.WRONG_ACAO: gettext_lazy(
        "A cache may have stored a response without Vary: Origin, or a gateway may send an origin of "
        "its own."
    ),
    BlockKind.MULTIPLE_ACAO: gettext_lazy(
        "Something in front of Django adds CORS headers too. Have only one of the two add them."
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
        "Something redirects preflights: to https, to a path with a slash, to a log-in. Have the page "
        "call the final address."
    ),
}
_ERROR: Final = 400


def contradictions(reading: Reading, question: Question) -> tuple[str, list[str]]:
    """Return the contradiction between an allowed call and a text that says blocked, and advice.

    Both are empty if the text does not say what went wrong.
    """
    if reading.kind is BlockKind.UNKNOWN:
        return "", []
    sentence = _(
        "The stored policies allow this call, but the text says that the browser blocked it. So the "
        "response did not come from these policies."
    )
    return sentence, [*_explanations(reading), _next(question)]


def _explanations(reading: Reading) -> Iterator[str]:
    if reading.kind in _LIKELY:
        yield str(_LIKELY[reading.kind])
    if reading.detail is BlockDetail.GATEWAY:
        yield _(
            "The response had the status %(status)s: the server in front of Django could not reach it, "
            "and its own responses carry no CORS headers. Check the log of that server."
        ) % {"status": reading.status}
    elif reading.status is not None and reading.status >= _ERROR:
        yield _(
            "The response had the status %(status)s: a server in front of Django adds no CORS headers "
            "to its own responses."
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
