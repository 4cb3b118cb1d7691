"""Ask a live server as a browser would, and judge its answers as a browser does."""

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
        message = f"No browser lets a page send {shown(method)}."
        raise ProbeError("method-forbidden", message)
    target = read_url(question.url)
    network = Network(seconds=question.seconds, allow_private=question.allow_private)
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
    method = walk.call.method
    if walk.obstacle or walk.doubt:
        return walk.obstacle or walk.doubt
    if not walk.exchanges:
        return f"A browser sends this {method} without a preflight. It was not sent: add --send."
    last = walk.exchanges[-1]
    if last.kind == "preflight":
        if last.fault:
            return f"The preflight is refused, so a browser does not send the {method}."
        return f"The preflight is allowed. The {method} itself was not sent: add --send."
    verb = "keeps the answer from the page" if last.fault else "lets the page read the answer"
    if not walk.call.is_cors:
        verb = "lets the page read the answer, because page and URL share an origin"
    return f"The {method} was sent and answered with status {last.status}: a browser {verb}."


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
