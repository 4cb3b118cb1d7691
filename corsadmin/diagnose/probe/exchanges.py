"""The question to a live server, the requests and responses, and the outcome for a browser."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

from corsadmin.diagnose.outcomes import CallOutcome
from corsadmin.diagnose.probe.errors import ProbeError
from corsadmin.diagnose.probe.observations import Observation
from corsadmin.engine.headers import is_token
from corsadmin.messages import shown

MAX_VALUE: Final = (
    4096  # characters: room for a long list of header names, but not for a whole page
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRequest:
    """A call to make to a live server.

    `credentials` judges the responses as for a call with cookies, but the probe sends none. A call
    whose method may change something is made only with `send`. `compare` repeats a GET or HEAD with
    another Origin and without one, to see what depends on it. `allow_private` permits addresses of
    the local network, and `allow_metadata` the metadata services of clouds among them; the probe
    never follows a redirect to a metadata service.
    """

    url: str
    origin: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    credentials: bool = False
    send: bool = False
    compare: bool = True
    allow_private: bool = False
    allow_metadata: bool = True
    seconds: float = 10.0  # for everything: the look-up, the connections and all requests

    def invalid_part(self) -> tuple[str, str] | None:
        """Return the name and the text of the first part that no request could carry, or None."""
        if not self.origin or not is_plain(self.origin):
            return "origin", self.origin
        if not is_token(self.method):
            return "method", self.method
        for name, value in self.headers.items():
            if not is_token(name) or not is_plain(value):
                return "header", f"{name}: {value}"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its response.

    `kind` is "preflight", "request" or "comparison". `origin` is the Origin that was sent, blank for
    none. `headers` are the response's CORS headers, Vary, and the Location of a redirect. `fault` is
    why a browser refuses the response, in Chromium's words, or blank.
    """

    kind: str
    method: str
    url: str
    origin: str
    status: int
    headers: dict[str, str]
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a probe saw, and whether a browser lets the page read it.

    `verdict` is ALLOWED only if the response to the call itself was seen; `sentence` says what was
    seen. `missing_option` is the field of the request that must be set to see more, blank for none.
    `left_out` names what a browser sends with the call but the probe did not; `dropped` names the
    given headers that no page can set. `console` is Chromium's line, blank unless the CORS headers
    block the call. `observations` say what is wrong with the responses, whether or not it blocks
    this call.
    """

    url: str
    address: str
    verdict: CallOutcome
    sentence: str
    missing_option: str
    left_out: list[str]
    dropped: list[str]
    exchanges: list[Exchange]
    console: str
    comparisons: list[Exchange]
    observations: list[Observation]

    @classmethod
    def of_error(cls, url: str, error: ProbeError) -> "Outcome":
        """Return the outcome of a call that could not be made."""
        return cls(
            url=url,
            address="",
            verdict=CallOutcome.UNDECIDED,
            sentence=str(error),
            missing_option=error.option,
            left_out=[],
            dropped=[],
            exchanges=[],
            console="",
            comparisons=[],
            observations=[],
        )

    @property
    def allowed(self) -> bool | None:
        """Return whether a browser lets the page read the response, None if the probe cannot know."""
        is_known = self.verdict is not CallOutcome.UNDECIDED
        return self.verdict is CallOutcome.ALLOWED if is_known else None

    def as_dict(self) -> dict[str, object]:
        """Return the outcome as plain values for JSON."""
        return {
            "url": self.url,
            "address": self.address,
            "verdict": self.verdict.value,
            "allowed": self.allowed,
            "sentence": self.sentence,
            "missing_option": self.missing_option,
            "left_out": self.left_out,
            "dropped": self.dropped,
            "exchanges": [asdict(exchange) for exchange in self.exchanges],
            "console": self.console,
            "comparisons": [asdict(exchange) for exchange in self.comparisons],
            "observations": [found._asdict() for found in self.observations],
        }


def is_plain(text: str) -> bool:
    """Report whether a request header may contain the text."""
    return text.isascii() and shown(text) == text
