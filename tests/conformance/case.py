"""What one case of the table says: a request, and everything its answer must be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corsadmin.engine import Reason
from tests.asserts import PREFLIGHT_VARY, assert_cors
from tests.conformance.recorder import RAN, REASON
from tests.conformance.site import APP, T_ACTUAL, T_PREFLIGHT
from tests.conformance.wire import Ask, Seen


@dataclass(frozen=True, kw_only=True)
class Case:
    """A row of the table. `cors` are the arguments of assert_cors; `others` further headers."""

    name: str
    ask: Ask
    reason: Reason
    status: int = 200
    view: bool = True
    cors: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, str | None] = field(default_factory=dict)
    body: bytes | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    middleware: tuple[str, ...] = ()

    def check(self, seen: Seen) -> None:
        """Assert that the answer is this one, with these CORS headers and no others."""
        assert seen.headers[REASON.lower()] == self.reason
        assert seen.status == self.status
        assert seen.headers[RAN.lower()] == ("view" if self.view else "")
        assert_cors(seen.headers, **self.cors)
        for name, value in self.others.items():
            assert seen.headers.get(name) == value, name
        if self.body is not None:
            assert seen.body == self.body


def headers(origin: str | None, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """Return header lines with an Origin, unless it is None."""
    return [*([] if origin is None else [("Origin", origin)]), *more]


def get(path: str = "/api/plain", origin: str | None = APP, **ask: Any) -> Ask:
    """Return a simple request of a page at an origin."""
    more = ask.pop("more", ())
    return Ask(path=path, headers=headers(origin, *more), **ask)


def options(
    method: str | None = "PUT", *names: str, origin: str | None = APP, path: str = "/api/plain",
    **ask: Any,
) -> Ask:  # fmt: skip
    """Return a preflight for a method; each of `names` is one header line of names."""
    more = [] if method is None else [("Access-Control-Request-Method", method)]
    more += [("Access-Control-Request-Headers", value) for value in names]
    more += ask.pop("more", ())
    return Ask(method="OPTIONS", path=path, headers=headers(origin, *more), **ask)


def allowed(name: str, ask: Ask, **case: Any) -> Case:
    """Return the case of tenant `t` letting a caller read an answer."""
    [origin] = [value for key, value in ask.headers if key == "Origin"]
    cors = {"origin": origin, **T_ACTUAL, **case.pop("cors", {})}
    return Case(name=name, ask=ask, reason=Reason.ALLOWED, cors=cors, **case)


def refused(name: str, ask: Ask, reason: Reason = Reason.ORIGIN_NOT_LISTED, **case: Any) -> Case:
    """Return the case of a caller who gets the answer without CORS headers."""
    return Case(name=name, ask=ask, reason=reason, **case)


def granted(name: str, ask: Ask, **case: Any) -> Case:
    """Return the case of a preflight that tenant `t` allows."""
    [origin] = [value for key, value in ask.headers if key == "Origin"]
    cors = {"origin": origin, **T_PREFLIGHT, "vary": PREFLIGHT_VARY, **case.pop("cors", {})}
    return Case(
        name=name,
        ask=ask,
        reason=Reason.ALLOWED,
        status=204,
        view=False,
        cors=cors,
        body=b"",
        others={"content-length": None, "content-type": None},
        **case,
    )


def stopped(name: str, ask: Ask, reason: Reason, **case: Any) -> Case:
    """Return the case of a preflight that is refused."""
    cors = {"vary": PREFLIGHT_VARY, **case.pop("cors", {})}
    return Case(
        name=name, ask=ask, reason=reason, status=403, view=False, cors=cors, body=b"", **case
    )
