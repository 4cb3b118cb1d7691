"""A page's call as a browser is about to make it, and how a redirect changes it.

https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
"""

from collections.abc import Mapping
from string import ascii_letters, digits
from typing import Final, NamedTuple
from urllib.parse import quote, urljoin

from django.utils.translation import gettext as _

from corsadmin.diagnose.probe.address import Target, read_url
from corsadmin.diagnose.probe.errors import ProbeError, RedirectBlockedError
from corsadmin.engine import browser
from corsadmin.engine.headers import ORIGIN
from corsadmin.messages import shown

HARMLESS: Final = frozenset({"GET", "HEAD"})
# A probe finds out whether a page may send these; it has none to send.
CREDENTIALS: Final = frozenset({"authorization"})
USUAL: Final = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Sec-Fetch-Mode": "cors",
    "User-Agent": "corsadmin-probe",
}
# https://fetch.spec.whatwg.org/#port-blocking
_BAD_PORTS: Final = frozenset({
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102,
    103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465,
    512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993,
    995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668,
    6669, 6679, 6697, 10080,
})  # fmt: skip
_PRINTABLE: Final = "".join(map(chr, range(0x21, 0x7F)))
_OF_SCHEMES: Final = frozenset(ascii_letters + digits + "+-.")
_SEE_OTHER: Final = 303
_REWRITTEN: Final = frozenset({301, 302})  # these turn a POST, and no other method, into a GET
# https://fetch.spec.whatwg.org/#request-body-header-name
_OF_BODY: Final = frozenset({
    "content-encoding",
    "content-language",
    "content-location",
    "content-type",
})  # fmt: skip


class PageCall(NamedTuple):
    """What a browser is about to send for a page at the origin `page`.

    `is_cors` is False while every address has had the page's own origin. `is_tainted` is True once a
    redirect has crossed from one foreign origin to another; the browser then sends "null" as Origin.
    """

    page: str
    target: Target
    method: str
    headers: Mapping[str, str]
    is_cors: bool
    is_tainted: bool = False

    @property
    def origin(self) -> str:
        """Return the Origin that a server has to allow."""
        return "null" if self.is_tainted else self.page

    @property
    def asked(self) -> browser.FetchRequest:
        """Return the parts of the call that may need permission."""
        return browser.fetch_request(self.origin, self.method, self.headers)

    @property
    def needs_preflight(self) -> bool:
        """Report whether a browser sends a preflight first."""
        return self.is_cors and self.asked.needs_preflight

    @property
    def sends_origin(self) -> bool:
        """Report whether the request itself carries an Origin."""
        return self.is_cors or self.method not in HARMLESS

    def headers_with(self, origin: str) -> dict[str, str]:
        """Return the headers of the request itself with this Origin, blank for none."""
        page = {
            name: value
            for name, value in self.headers.items()
            if browser.is_settable(name) and name.lower() not in CREDENTIALS
        }
        return {**page, **({ORIGIN: origin} if origin else {}), **USUAL}

    @property
    def obstacle(self) -> str:
        """Return why no browser sends the call at all, or blank.

        https://w3c.github.io/webappsec-mixed-content/#should-block-fetch: Chrome lets the user
        decide about hosts that are local by their name.
        """
        url = {"url": shown(self.target.url)}
        if self.target.port in _BAD_PORTS:
            text = _(
                "Browsers do not send requests to %(url)s: its port belongs to another protocol."
            )
            return text % url
        is_secure = self.target.scheme == "https" or self.target.is_local
        if self.page.startswith("https:") and not is_secure:
            text = _(
                "A page served over https may not call %(url)s: browsers block it as mixed content."
            )
            return text % url
        return ""


def redirected(call: PageCall, status: int, location: str) -> PageCall:
    """Return the call that follows a redirect.

    Raises RedirectBlockedError if no browser follows it, and ProbeError if that is unknown.
    """
    target = _read_location(call, location)
    is_rewritten = (status in _REWRITTEN and call.method == "POST") or (
        status == _SEE_OTHER and call.method not in HARMLESS
    )
    crosses = target.origin != call.target.origin
    dropped = (_OF_BODY if is_rewritten else frozenset()) | (
        {"authorization"} if crosses else set()
    )
    return call._replace(
        target=target,
        method="GET" if is_rewritten else call.method,
        headers={name: text for name, text in call.headers.items() if name.lower() not in dropped},
        is_cors=call.is_cors or target.origin != call.page,
        is_tainted=call.is_tainted or (crosses and call.target.origin != call.page),
    )


def _read_location(call: PageCall, location: str) -> Target:
    # http.client decodes headers as Latin-1; browsers send bytes outside ASCII as escapes.
    text = quote(location.replace("\t", "").encode("latin-1"), safe=_PRINTABLE)
    facts = {"url": shown(location)}
    scheme = _scheme(text)
    if scheme not in ("", "http", "https"):
        message = _(
            "The response redirects to %(url)s. Browsers follow redirects to http and https only."
        )
        raise RedirectBlockedError(message % facts)
    if text.startswith("///") or (scheme and not text.startswith("://", len(scheme))):
        message = _("The response redirects to %(url)s, which different programs read differently.")
        raise ProbeError("redirect-unclear", message % facts)
    try:
        return read_url(urljoin(call.target.url, text))
    except (ProbeError, ValueError) as error:
        if getattr(error, "code", "") == "url-user-name" and call.is_cors:
            message = _(
                "The response redirects to %(url)s. Browsers do not follow a redirect with a user name "
                "to another origin."
            )
            raise RedirectBlockedError(message % facts) from error
        message = _("The response redirects to %(url)s: %(error)s") % {**facts, "error": error}
        raise ProbeError("redirect-unclear", message) from error


def _scheme(text: str) -> str:
    """Return the scheme of a URL in lower case, blank for a relative one."""
    first, colon, _rest = text.partition(":")
    is_scheme = (
        first[:1].isalpha() and first.replace("+", "").replace("-", "").replace(".", "").isalnum()
    )
    return first.lower() if colon and is_scheme else ""
