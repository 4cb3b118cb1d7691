"""Send a live server the requests of a browser, and judge the responses as a browser does."""

from django.utils.translation import gettext as _

from corsadmin.diagnose.outcomes import CallOutcome
from corsadmin.diagnose.probe.address import read_url
from corsadmin.diagnose.probe.errors import ProbeError
from corsadmin.diagnose.probe.exchanges import MAX_VALUE, Exchange, Outcome, ProbeRequest
from corsadmin.diagnose.probe.network import Network
from corsadmin.diagnose.probe.page_call import CREDENTIALS, PageCall
from corsadmin.diagnose.probe.walk import Walk
from corsadmin.engine import browser
from corsadmin.messages import shown

__all__ = ["MAX_VALUE", "Exchange", "Outcome", "ProbeError", "ProbeRequest", "probe"]


def probe(question: ProbeRequest) -> Outcome:
    """Return how a live server answers a call.

    Raises ProbeError if the question is not valid, or if the first request gets no response.
    """
    method = browser.normalised(question.method)
    if not browser.is_sendable(method):
        message = _("No browser lets a page send %(method)s.") % {"method": shown(method)}
        raise ProbeError("method-forbidden", message)
    target = read_url(question.url)
    network = Network(
        seconds=question.seconds,
        allow_private=question.allow_private,
        allow_metadata=question.allow_metadata,
    )
    addresses = network.addresses(target)
    is_cors = target.origin != question.origin
    call = PageCall(question.origin, target, method, question.headers, is_cors)
    walk = Walk(network, call, credentials=question.credentials, send=question.send)
    walk.run()
    if question.compare:
        walk.compare()
    return Outcome(
        url=target.url,
        address=addresses[0],
        verdict=_verdict(walk),
        sentence=_sentence(walk),
        missing_option=_missing_option(walk),
        left_out=_left_out(question, walk),
        dropped=sorted(name for name in question.headers if not browser.is_settable(name)),
        exchanges=walk.exchanges,
        console=_console(walk, target.url),
        comparisons=walk.comparisons,
        observations=list(dict.fromkeys(walk.observations)),
    )


def _verdict(walk: Walk) -> CallOutcome:
    if walk.fault or walk.obstacle:
        return CallOutcome.BLOCKED
    return CallOutcome.ALLOWED if walk.is_answered else CallOutcome.UNDECIDED


def _sentence(walk: Walk) -> str:
    """Return a sentence about what the probe saw, and no more."""
    if walk.obstacle or walk.doubt:
        return walk.obstacle or walk.doubt
    facts = {"method": walk.call.method}
    if not walk.exchanges:
        text = _("A browser sends this %(method)s without a preflight. The probe did not send it.")
    elif walk.exchanges[-1].kind == "request":
        facts["status"] = str(walk.exchanges[-1].status)
        text = _sentence_on_request(walk)
    elif walk.fault:
        text = _("The preflight is refused, so a browser does not send the %(method)s.")
    else:
        text = _("The preflight is allowed. The probe did not send the %(method)s itself.")
    return text % facts


def _sentence_on_request(walk: Walk) -> str:
    if not walk.call.is_cors:
        return _(
            "The server answered the %(method)s with status %(status)s. A browser lets the page "
            "read the response, because the page and the URL have the same origin."
        )
    if walk.fault:
        return _(
            "The server answered the %(method)s with status %(status)s. A browser hides the response "
            "from the page."
        )
    return _(
        "The server answered the %(method)s with status %(status)s. A browser lets the page read the "
        "response."
    )


def _missing_option(walk: Walk) -> str:
    """Return the field of the request that must be set to see more, blank for none."""
    if _verdict(walk) is not CallOutcome.UNDECIDED:
        return ""
    return walk.doubt_option if walk.doubt else "send"


def _left_out(question: ProbeRequest, walk: Walk) -> list[str]:
    """Return what a page sends but the probe did not, so that its effect on the server is unseen."""
    if not walk.is_answered:
        return []
    names = {name.lower() for name in walk.call.headers}
    return [*sorted(CREDENTIALS & names), *(["cookies"] * question.credentials)]


def _console(walk: Walk, first: str) -> str:
    if not walk.fault:
        return ""
    url = walk.call.target.url
    page = shown(walk.call.page)
    return browser.blocked(url, page, walk.fault, redirected_from=first if url != first else "")
