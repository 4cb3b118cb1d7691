"""Ask a live server as a browser would, and judge its answers as a browser does."""

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
    """Return how a live server answers. Raises ProbeError where nothing of it can be seen."""
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
    """Return what was seen, and no more."""
    if walk.obstacle or walk.doubt:
        return walk.obstacle or walk.doubt
    facts = {"method": walk.call.method}
    if not walk.exchanges:
        text = _("A browser sends this %(method)s without a preflight. It was not sent.")
    elif walk.exchanges[-1].kind == "request":
        facts["status"] = str(walk.exchanges[-1].status)
        text = _sentence_on_request(walk)
    elif walk.fault:
        text = _("The preflight is refused, so a browser does not send the %(method)s.")
    else:
        text = _("The preflight is allowed. The %(method)s itself was not sent.")
    return text % facts


def _sentence_on_request(walk: Walk) -> str:
    if not walk.call.is_cors:
        return _(
            "The %(method)s was sent and answered with status %(status)s: a browser lets the page "
            "read the answer, because page and URL share an origin."
        )
    if walk.fault:
        return _(
            "The %(method)s was sent and answered with status %(status)s: a browser keeps the answer "
            "from the page."
        )
    return _(
        "The %(method)s was sent and answered with status %(status)s: a browser lets the page read "
        "the answer."
    )


def _missing_option(walk: Walk) -> str:
    """Return the option of the request without which no more was seen, blank for none."""
    if _verdict(walk) is not CallOutcome.UNDECIDED:
        return ""
    return walk.doubt_option if walk.doubt else "send"


def _left_out(question: ProbeRequest, walk: Walk) -> list[str]:
    """Return what the page sends and the probe did not: what the server makes of it is not seen."""
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
