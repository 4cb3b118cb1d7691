"""Send what a browser sends for a call, request by request, as far as a browser goes."""

from contextlib import suppress
from typing import Final

from django.utils.translation import gettext as _

from corsadmin.diagnose.probe.errors import ProbeError, RedirectBlockedError
from corsadmin.diagnose.probe.exchanges import MAX_VALUE, Exchange
from corsadmin.diagnose.probe.http_client import Reply
from corsadmin.diagnose.probe.network import Network
from corsadmin.diagnose.probe.observations import (
    Observation,
    observe_difference,
    observe_preflight,
    observe_request,
)
from corsadmin.diagnose.probe.page_call import HARMLESS, USUAL, PageCall, redirected
from corsadmin.engine import browser
from corsadmin.engine.headers import ACRH, ACRM, ORIGIN, VARY
from corsadmin.messages import shown

MAX_REDIRECTS: Final = 20  # https://fetch.spec.whatwg.org/#concept-http-redirect-fetch, step 7
# RFC 2606: no page has this origin.
STRANGER: Final = "https://corsadmin-probe.invalid"
_AUTHORED: Final = "access-control-"


class Walk:
    """The exchanges of one call, its redirects included, and how it ended.

    `call` is the call after the last redirect. `obstacle` says why a browser goes no further, and
    `doubt` why the probe does not; `doubt_option` is the option that would let it.
    """

    def __init__(self, network: Network, call: PageCall, *, credentials: bool, send: bool) -> None:
        self.call = call
        self.exchanges: list[Exchange] = []
        self.comparisons: list[Exchange] = []
        self.observations: list[Observation] = []
        self.obstacle = self.doubt = self.doubt_option = ""
        self._network = network
        self._credentials = credentials
        self._send = send
        self._last = Reply(0, {})

    @property
    def fault(self) -> str:
        """Return why the last response blocks the page, in Chromium's words, or blank."""
        return self.exchanges[-1].fault if self.exchanges else ""

    @property
    def is_answered(self) -> bool:
        """Report whether the call itself was answered, so that nothing is left to send."""
        seen = bool(self.exchanges) and self.exchanges[-1].kind == "request"
        return seen and not self.obstacle and not self.doubt

    def run(self) -> None:
        """Send one request after the other. Raises ProbeError if the first cannot be sent."""
        try:
            for _count in range(MAX_REDIRECTS + 1):
                if not self._step():
                    return
            self.obstacle = _("There are more than %(most)s redirects.") % {"most": MAX_REDIRECTS}
        except RedirectBlockedError as error:
            self.obstacle = str(error)
        except ProbeError as error:
            if not self.exchanges:
                raise
            self.doubt, self.doubt_option = str(error), error.option

    def _step(self) -> bool:
        """Make the call, and report whether a redirect leads to another one."""
        call = self.call
        if call.obstacle:
            self.obstacle = call.obstacle
            return False
        self._network.addresses(call.target, is_redirect=bool(self.exchanges))
        if call.needs_preflight:
            self._preflight(call)
        if self.fault or not (self._send or call.method in HARMLESS):
            return False
        reply = self._request(call)
        location = reply.headers.get("location")
        if location is None or reply.status not in browser.REDIRECTS or self.exchanges[-1].fault:
            return False
        self.call = redirected(call, reply.status, location)
        return True

    def _preflight(self, call: PageCall) -> None:
        asked = call.asked
        headers = {ORIGIN: call.origin, **USUAL, ACRM: asked.method}
        if asked.unsafe:
            headers[ACRH] = ",".join(asked.unsafe)
        reply = self._network.send(call.target, "OPTIONS", headers)
        fault = browser.check_preflight_response(
            reply.status, reply.headers, asked, credentials=self._credentials
        )
        self.observations += observe_preflight(call, reply, credentials=self._credentials)
        self.exchanges.append(_exchange("preflight", call, call.origin, reply, fault))

    def _request(self, call: PageCall) -> Reply:
        origin = call.origin if call.sends_origin else ""
        reply = self._network.send(call.target, call.method, call.headers_with(origin))
        fault = ""
        if call.is_cors:
            fault = browser.check_access(reply.headers, call.origin, credentials=self._credentials)
            self.observations += observe_request(
                call, reply, credentials=self._credentials, is_refused=bool(fault)
            )
        self.exchanges.append(_exchange("request", call, origin, reply, fault))
        self._last = reply
        return reply

    def compare(self) -> None:
        """Repeat the last call with a stranger's Origin and without one, if it changes nothing.

        Compares nothing if the server does not answer these.
        """
        call = self.call
        if not (self.is_answered and call.is_cors and call.method in HARMLESS):
            return
        answers = {call.origin: self._last}
        with suppress(ProbeError):
            for origin in (STRANGER, ""):
                reply = self._network.send(call.target, call.method, call.headers_with(origin))
                answers[origin] = reply
                self.comparisons.append(_exchange("comparison", call, origin, reply, ""))
            self.observations += observe_difference(call, answers, STRANGER)


def _exchange(kind: str, call: PageCall, origin: str, reply: Reply, fault: str) -> Exchange:
    is_redirect = reply.status in browser.REDIRECTS
    headers = {
        name: shown(value, MAX_VALUE)
        for name, value in reply.headers.items()
        if name.startswith(_AUTHORED)
        or name == VARY.lower()
        or (is_redirect and name == "location")
    }
    return Exchange(
        kind=kind,
        method="OPTIONS" if kind == "preflight" else call.method,
        url=call.target.url,
        origin=origin,
        status=reply.status,
        headers=headers,
        fault=fault,
    )
