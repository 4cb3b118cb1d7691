"""Calls as the middleware sees them, and what they leave in a ring."""

from dataclasses import dataclass, field
from random import Random

from corsadmin.engine import Decision, Reason
from corsadmin.sightings.drain import Drain
from corsadmin.sightings.ring import Item, Recorder, Ring
from corsadmin.sightings.tally import Tally

APP = "https://app.example.com"
EVIL = "https://evil.example"
HOST = "api.unknown.example"
NOON = 1_796_040_000.0  # 2026-11-30 12:00 UTC
NOON_HOUR = 498_900
PREFLIGHT = "HTTP_ACCESS_CONTROL_REQUEST_METHOD"
NAMES = "HTTP_ACCESS_CONTROL_REQUEST_HEADERS"


@dataclass
class FakeRequest:
    """The two parts of a request that a recorder reads."""

    META: dict[str, str] = field(default_factory=dict)
    method: str = "GET"


def get(origin: str = EVIL) -> FakeRequest:
    return FakeRequest({"HTTP_ORIGIN": origin})


def options(origin: str = EVIL, method: str = "PUT", names: str | None = "x-a") -> FakeRequest:
    headers = {"HTTP_ORIGIN": origin, PREFLIGHT: method}
    return FakeRequest(headers if names is None else {**headers, NAMES: names}, "OPTIONS")


def refused(
    reason: Reason = Reason.ORIGIN_NOT_LISTED, tenant: str = "acme", rule: str = "/api/"
) -> Decision:
    return Decision(reason, tenant, rule)


def allowed(
    entry: str = APP,
    origin: str = "",
    tenant: str = "acme",
    inherited: bool = False,
    status: int = 0,
) -> Decision:
    """Return the decision for a call that an entry lets in; `*` for any origin."""
    sent = origin or entry
    return Decision(Reason.ALLOWED, tenant, "/api/", inherited, entry, sent, status=status)


def left(decision: Decision, request: FakeRequest) -> list[Item]:
    """Return what a call leaves in a ring."""
    ring = Ring()
    recorder = Recorder(ring, lambda _request: HOST, lambda _request: False)
    recorder.record(decision, decision.reason, request)
    return ring.drain()


def text(
    origin: str = EVIL, tenant: str = "acme", reason: Reason = Reason.ORIGIN_NOT_LISTED
) -> Item:
    """Return what a refused GET leaves."""
    [item] = left(refused(reason, tenant), get(origin))
    return item


def drain() -> Drain:
    """Return a drain that chooses alike in each run."""
    return Drain(Tally(), Random(1))
