"""Send what a browser sends for a call, answer by answer, as far as a browser goes."""

from typing import Final

from corsadmin.diagnose.probe.errors import ProbeError, RedirectBlockedError
from corsadmin.diagnose.probe.exchanges import MAX_VALUE, Exchange
from corsadmin.diagnose.probe.http_client import Reply
from corsadmin.diagnose.probe.network import Network
from corsadmin.diagnose.probe.page_call import HARMLESS, PageCall, redirected
from corsadmin.engine import browser
from corsadmin.engine.headers import ACRH, ACRM, ORIGIN, VARY
from corsadmin.messages import shown

MAX_REDIRECTS: Final = 20  # https://fetch.spec.whatwg.org/#concept-http-redirect-fetch, step 7
# A probe asks whether a page may send these; it has none to send.
CREDENTIALS: Final = frozenset({"authorization"})
_AUTHORED: Final = "access-control-"


class Walk:
    """The exchanges of one call, its redirects among them, and how it ended.

    `call` is the last one. `is_sent` is set once the call itself was answered and not redirected,
    or refused; `obstacle` says why a browser goes no further, and `doubt` why the probe does not.
    """

    def __init__(self, network: Network, call: PageCall, *, credentials: bool, send: bool) -> None:
        self.call = call
        self.exchanges: list[Exchange] = []
        self.obstacle = self.doubt = ""
        self._network = network
        self._credentials = credentials
        self._send = send

    @property
    def fault(self) -> str:
        """Return why the last answer blocks the page, in Chromium's words, or blank."""
        return self.exchanges[-1].fault if self.exchanges else ""

    @property
    def is_answered(self) -> bool:
        """Report whether the call itself was sent, and nothing is left to do."""
        seen = bool(self.exchanges) and self.exchanges[-1].kind == "request"
        return seen and not self.obstacle and not self.doubt

    def run(self) -> None:
        """Send one request after the other. Raises ProbeError if the first cannot be sent."""
        try:
            for _count in range(MAX_REDIRECTS + 1):
                if not self._step():
                    return
            self.obstacle = f"There are more than {MAX_REDIRECTS} redirects."
        except RedirectBlockedError as error:
            self.obstacle = str(error)
        except ProbeError as error:
            if not self.exchanges:
                raise
            self.doubt = str(error)

    def _step(self) -> bool:
        """Make the call, and report whether it was redirected."""
        call = self.call
        if call.is_mixed_content:
            self.obstacle = (
                f"A page on https may not call {shown(call.target.url)}: browsers block it as mixed "
                "content."
            )
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
        headers = {ORIGIN: call.origin, **_usual(), ACRM: asked.method}
        if asked.unsafe:
            headers[ACRH] = ",".join(asked.unsafe)
        reply = self._network.send(call.target, "OPTIONS", headers)
        fault = browser.check_preflight_response(
            reply.status, reply.headers, asked, credentials=self._credentials
        )
        self._add("preflight", "OPTIONS", call, reply, fault)

    def _request(self, call: PageCall) -> Reply:
        page = {
            name: value
            for name, value in call.headers.items()
            if browser.is_settable(name) and name.lower() not in CREDENTIALS
        }
        origin = {ORIGIN: call.origin} if call.sends_origin else {}
        reply = self._network.send(call.target, call.method, {**page, **origin, **_usual()})
        fault = ""
        if call.is_cors:
            fault = browser.check_access(reply.headers, call.origin, credentials=self._credentials)
        self._add("request", call.method, call, reply, fault)
        return reply

    def _add(self, kind: str, method: str, call: PageCall, reply: Reply, fault: str) -> None:
        is_redirect = reply.status in browser.REDIRECTS
        headers = {
            name: shown(value, MAX_VALUE)
            for name, value in reply.headers.items()
            if name.startswith(_AUTHORED)
            or name == VARY.lower()
            or (is_redirect and name == "location")
        }
        self.exchanges.append(
            Exchange(
                kind=kind,
                method=method,
                url=call.target.url,
                origin=call.origin if kind == "preflight" or call.sends_origin else "",
                status=reply.status,
                headers=headers,
                fault=fault,
            )
        )


def _usual() -> dict[str, str]:
    return {
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Sec-Fetch-Mode": "cors",
        "User-Agent": "corsadmin-probe",
    }
