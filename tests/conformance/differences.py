"""Every way in which django-cors-headers 4.9 answers otherwise, and why it should not."""

from collections.abc import Callable
from typing import NamedTuple

from corsadmin.engine.origins import parse_origin

PREFLIGHT_ONLY = (
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-max-age",
)


class Outcome(NamedTuple):
    """What one middleware did: status, whether the view ran, the CORS headers and Vary."""

    status: int
    view: bool
    headers: dict[str, str]

    def field(self, name: str) -> object:
        """Return the status, `view`, or a header's value (None where it is absent)."""
        return {"status": self.status, "view": self.view}.get(name, self.headers.get(name))

    @property
    def fields(self) -> set[str]:
        return {"status", "view", *self.headers}


class Call(NamedTuple):
    """One request to one policy, as far as a difference may depend on it."""

    method: str
    origin: str | None
    requested_method: str | None
    any_origin: bool
    max_age: int | None

    @property
    def asks_first(self) -> bool:
        """Report whether django-cors-headers takes this for a preflight."""
        return self.method == "OPTIONS" and self.requested_method is not None

    @property
    def is_preflight(self) -> bool:
        """Report whether it is one."""
        return self.asks_first and bool(self.origin)


class Difference(NamedTuple):
    """A named difference: `covers(call, field, theirs, ours)` says where it is seen."""

    name: str
    why: str
    covers: Callable[[Call, str, Outcome, Outcome], bool]


def _is_refusal(ours: Outcome) -> bool:
    return ours.status == 403 and "access-control-allow-origin" not in ours.headers


DIFFERENCES = [
    Difference(
        "preflight answered with 204",
        "Ours says that there is no content; theirs sends 200 with an empty body.",
        lambda call, field, theirs, ours: (
            call.is_preflight and field == "status" and (theirs.status, ours.status) == (200, 204)
        ),
    ),
    Difference(
        "refused preflight answered with 403",
        "Fetch names 403 without the headers as the way to refuse; theirs answers 200, which "
        "reads like success in every log.",
        lambda call, field, theirs, ours: (
            call.is_preflight and field == "status" and (theirs.status, ours.status) == (200, 403)
        ),
    ),
    Difference(
        "method or header checked by the server",
        "Theirs grants the origin and lists what is allowed, whatever was asked for; ours refuses "
        "a preflight that no browser would let pass, so that the reason is known here too.",
        lambda call, field, theirs, ours: (
            call.is_preflight and _is_refusal(ours) and field.startswith("access-control-")
        ),
    ),
    Difference(
        "Vary names all that a preflight's answer depends on",
        "Some caches keep answers to OPTIONS; ours depends on the requested method and headers.",
        lambda call, field, _theirs, _ours: call.is_preflight and field == "vary",
    ),
    Difference(
        "OPTIONS without an Origin is no preflight",
        "Theirs answers it with 200 and the view never runs: a request without an Origin is not "
        "from a browser's CORS check, and a view may have to refuse it.",
        lambda call, field, theirs, ours: (
            call.asks_first
            and not call.origin
            and field == "view"
            and not theirs.view
            and ours.view
        ),
    ),
    Difference(
        "OPTIONS from a page is no preflight without a requested method",
        "Theirs adds the headers of a preflight to the view's answer, where they mean nothing.",
        lambda call, field, _theirs, _ours: (
            call.method == "OPTIONS" and not call.asks_first and field in PREFLIGHT_ONLY
        ),
    ),
    Difference(
        "nothing exposed on a preflight",
        "Access-Control-Expose-Headers means something on actual responses only.",
        lambda call, field, _theirs, ours: (
            call.is_preflight and ours.status == 204 and field == "access-control-expose-headers"
        ),
    ),
    Difference(
        "max-age 0 is sent",
        "0 forbids browsers to remember a preflight; theirs takes it for no setting at all, and "
        "browsers then remember for 5 seconds.",
        lambda call, field, _theirs, _ours: (
            call.is_preflight and call.max_age == 0 and field == "access-control-max-age"
        ),
    ),
    Difference(
        "a star does not vary",
        "The answer is the same for every origin, so a cache may give it to all; theirs sends "
        "Vary: origin with it.",
        lambda call, field, _theirs, _ours: call.any_origin and field == "vary",
    ),
    Difference(
        "a star is sent without an Origin too",
        "Fetch asks for it: a cache that holds the answer to a request without an Origin would "
        "otherwise break the next page that asks.",
        lambda call, field, _theirs, ours: (
            call.any_origin
            and not call.origin
            and field in {"access-control-allow-origin", "access-control-expose-headers"}
            and ours.headers["access-control-allow-origin"] == "*"
        ),
    ),
    Difference(
        "an origin is only what a browser sends",
        "Theirs compares what urlsplit makes of it: it drops tabs, paths, queries and fragments, "
        "and lowers the scheme. It also echoes all of that.",
        lambda call, field, theirs, _ours: (
            parse_origin(call.origin or "") is None
            and not call.any_origin
            and field.startswith("access-control-")
            and theirs.headers.get("access-control-allow-origin") == call.origin
        ),
    ),
    Difference(
        "any origin means any caller",
        "A star is granted whatever the Origin says, so nobody has to parse it; theirs denies an "
        "origin that urlsplit cannot read.",
        lambda call, field, theirs, ours: (
            call.any_origin
            and parse_origin(call.origin or "") is None
            and field not in theirs.headers
            and ours.headers.get("access-control-allow-origin") == "*"
        ),
    ),
    Difference(
        "the middleware is the only author",
        "Theirs leaves a star that the view set, so a refused origin reads the answer after all.",
        lambda _call, field, theirs, ours: (
            theirs.view
            and field == "access-control-allow-origin"
            and theirs.headers.get(field) == "*"
            and field not in ours.headers
        ),
    ),
]
