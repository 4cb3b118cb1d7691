"""Every way in which we answer otherwise than a peer: a closed list, each proved by the two answers."""

from collections.abc import Callable
from typing import NamedTuple

from corsadmin.engine.headers import SAFELISTED_RESPONSE_HEADERS
from corsadmin.engine.methods import SAFELISTED_METHODS
from corsadmin.engine.origins import parse_origin
from tests.conformance.peers.cases import Answer, Case, Value

PREFLIGHT_ONLY = {"status", "methods", "headers", "age"}
NO_CONTENT, FORBIDDEN = 204, 403
MAX_EMPTY = 16
NO_PREFLIGHT = "OPTIONS without Origin or requested method is the view's"
SAFELISTED = "safelisted methods cannot be blocked"


class Field(NamedTuple):
    """One field that differs: its name, and its value in the two answers."""

    name: str
    theirs: Value
    ours: Value

    @property
    def extra(self) -> frozenset[str]:
        """What their list names beyond ours."""
        return _names(self.theirs) - _names(self.ours)


class Reason(NamedTuple):
    """A named difference: `covers(case, field, ours)` says where the answers show it."""

    name: str
    why: str
    covers: Callable[[Case, Field, Answer], bool]


def _names(value: Value) -> frozenset[str]:
    return value if isinstance(value, frozenset) else frozenset()


def _is_refused(case: Case, ours: Answer) -> bool:
    return case.call.is_preflight and ours["status"] == FORBIDDEN and ours["origin"] is None


def _asks_too_much(case: Case) -> bool:
    rule, call = case.rule, case.call
    methods = {*rule.methods, *SAFELISTED_METHODS}
    names = {name.lower() for name in rule.headers}
    return not ("*" in methods or call.requested_method in methods) or not (
        "*" in names or call.names <= names
    )


def _said(case: Case, name: str) -> frozenset[str]:
    """Return the rule's own list of a field."""
    rule = case.rule
    said = {"methods": rule.methods, "headers": rule.headers}.get(name, ())
    return frozenset(said if name == "methods" else (text.lower() for text in said))


REASONS = [
    Reason(
        "any origin never with credentials",
        "A rule for any origin grants none, so `*` is sent alone. A peer that echoes every origin "
        "with credentials hands each visitor's session to every website; one that sends `*` with "
        "them is not honoured by any browser.",
        lambda case, field, ours: (
            case.rule.any_origin
            and case.rule.credentials
            and ours["credentials"] is None
            and field.name in {"origin", "credentials", "vary"}
        ),
    ),
    Reason(
        "an origin is only what a browser sends",
        "An origin with a path, with upper case or without a scheme comes from no browser; some "
        "peers take and echo it.",
        lambda case, field, ours: (
            case.call.origin is not None
            and parse_origin(case.call.origin) is None
            and ours["origin"] is None
        ),
    ),
    Reason(
        NO_PREFLIGHT,
        "It is not a preflight: no browser sends it unasked. Peers answer it themselves.",
        lambda case, field, ours: (
            case.call.method == "OPTIONS"
            and not case.call.is_preflight
            and (
                field.name in {*PREFLIGHT_ONLY, "vary"}
                # The peer refuses the whole request.
                or (
                    field.name == "origin"
                    and case.theirs.get("status") == FORBIDDEN
                    and case.call.origin in case.rule.origins
                )
            )
        ),
    ),
    Reason(
        "paths without a rule are left alone",
        "No rule, no CORS: the view answers as if the middleware were not there.",
        lambda case, field, ours: not case.is_covered and field.name == "status",
    ),
    Reason(
        "204 for 200",
        "A preflight's answer has no content, and the status says so.",
        lambda case, field, ours: (
            case.call.is_preflight
            and field.name == "status"
            and (field.theirs, field.ours) == (200, NO_CONTENT)
        ),
    ),
    Reason(
        "403 for a refused preflight",
        "Peers answer 200, 204 or 400, or hand it to the view; a refusal that reads like success "
        "hides in every log.",
        lambda case, field, ours: _is_refused(case, ours) and field.name == "status",
    ),
    Reason(
        "a preflight is bounded",
        "One with more than 16 empty elements is refused, whatever is allowed.",
        lambda case, field, ours: (
            _is_refused(case, ours)
            and (case.call.requested_headers or "").count(",") - len(case.call.names) >= MAX_EMPTY
        ),
    ),
    Reason(
        "method and headers are checked by the server",
        "The peer grants the origin and leaves it to the browser to miss the method or the name "
        "in the lists; here the preflight is refused, so that the reason is known.",
        lambda case, field, ours: (
            _is_refused(case, ours)
            and _asks_too_much(case)
            and field.theirs is not None
            and field.name not in {"status", "vary"}
        ),
    ),
    Reason(
        "another origin is never named",
        "The peer sends the configured origin, or `*`, to a page on another one, which cannot use it.",
        lambda case, field, ours: (
            field.name == "origin"
            and field.ours is None
            and field.theirs in case.rule.origins
            and field.theirs != case.call.origin
        ),
    ),
    Reason(
        "nothing static for refused origins",
        "Credentials, lists and ages mean nothing without an allowed origin.",
        lambda case, field, ours: (
            ours["origin"] is None
            and field.ours is None
            and case.theirs.get("origin") != (case.call.origin or "")
            and field.name in {"credentials", "methods", "headers", "exposed", "age"}
        ),
    ),
    Reason(
        "`*` for an echo",
        "Where any origin is allowed the answer is the same for all, so that caches can keep it.",
        lambda case, field, ours: (
            case.rule.any_origin
            and field.name == "origin"
            and case.call.origin is not None
            and field.theirs == case.call.origin
            and field.ours == "*"
        ),
    ),
    Reason(
        "`*` on answers without an Origin",
        "A cache may give the answer to a request without an Origin to a page that sends one.",
        lambda case, field, ours: (
            case.rule.any_origin
            and case.call.origin is None
            and field.name in {"origin", "exposed"}
            and field.theirs is None
            and ours["origin"] == "*"
        ),
    ),
    Reason(
        "Vary of preflights has three names",
        "The answer depends on the requested method and headers too; with `*`, on these alone.",
        lambda case, field, ours: (
            case.call.is_preflight
            and field.name == "vary"
            and {"access-control-request-method", "access-control-request-headers"}
            <= _names(field.ours)
        ),
    ),
    Reason(
        "the names of preflights are in no other Vary",
        "An actual answer depends on the Origin alone.",
        lambda case, field, ours: (
            not case.call.is_preflight
            and field.name == "vary"
            and field.extra - {"origin"}
            == {"access-control-request-method", "access-control-request-headers"}
            and (case.rule.any_origin or "origin" in _names(field.ours))
        ),
    ),
    Reason(
        "`*` does not vary",
        "The answer is the same for every origin.",
        lambda case, field, ours: (
            field.name == "vary" and case.rule.any_origin and field.extra == {"origin"}
        ),
    ),
    Reason(
        "Vary: Origin on every answer of the path",
        "With one origin only, without an Origin and to refused ones too: what a cache stored for "
        "one caller must not be given to the next.",
        lambda case, field, ours: (
            field.name == "vary" and _names(field.ours) - _names(field.theirs) == {"origin"}
        ),
    ),
    Reason(
        "nothing exposed on preflights",
        "Access-Control-Expose-Headers means something on actual responses only.",
        lambda case, field, ours: (
            case.call.is_preflight and field.name == "exposed" and field.ours is None
        ),
    ),
    Reason(
        "safelisted names are not exposed",
        "Pages can read them anyway.",
        lambda case, field, ours: (
            field.name == "exposed"
            and bool(field.extra)
            and field.extra <= SAFELISTED_RESPONSE_HEADERS
        ),
    ),
    Reason(
        "max-age 0 is sent",
        "0 forbids browsers to remember; the peer takes it for no setting.",
        lambda case, field, ours: field.name == "age" and (field.theirs, field.ours) == (None, "0"),
    ),
    Reason(
        "`*` in a list for an echo",
        "Without credentials a star in a list means any name to browsers, and the answer is the "
        "same for all.",
        lambda case, field, ours: (
            "*" in _names(field.ours)
            and "*" in _said(case, field.name)
            and ours["credentials"] is None
        ),
    ),
    Reason(
        "whole lists instead of echoes",
        "The answer lists all that is allowed, so that one preflight serves many calls; peers name "
        "what was asked for, or nothing where nothing needs permission.",
        lambda case, field, ours: (
            case.call.is_preflight
            and field.name in {"methods", "headers"}
            and field.ours == _said(case, field.name)
            and not field.extra
        ),
    ),
    Reason(
        SAFELISTED,
        "Browsers send GET, HEAD and POST whatever the lists say, so no preflight is refused for them.",
        lambda case, field, ours: (
            case.call.is_preflight
            and ours["status"] == NO_CONTENT
            and case.call.requested_method in SAFELISTED_METHODS
            and case.call.requested_method not in case.rule.methods
            and case.theirs.get("origin", "unsaid") is None
        ),
    ),
]
