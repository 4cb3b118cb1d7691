"""Work out a location's policy by simulating one request for each kind of origin."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from corsadmin.convert.conversion import Conversion
from corsadmin.convert.cors_policy import CorsPolicy
from corsadmin.convert.nginx.simulator import Chain, SimulatedResponse, in_every_world
from corsadmin.convert.nginx.variables import (
    ASKED_HEADERS,
    ASKED_METHOD,
    SimulatedRequest,
    Variables,
    pattern_within,
    patterns_overlap,
)
from corsadmin.engine import headers

# Browsers send these without a preflight.
_PLAIN: Final = ("GET", "POST")
_SENT: Final = ("PUT", "PATCH", "DELETE")
_ELSEWHERE: Final = 300
_UNANSWERED: Final = (
    "nothing in it answers OPTIONS with 204, so what preflights allow is not known. It is carried "
    "over for requests without a preflight."
)
_REFUSED: Final = (
    "its answer to OPTIONS does not allow the origin, so every preflight was refused: a block "
    "with an add_header of its own inherits none. It is carried over for requests without a preflight."
)
_HALF: Final = (
    "its answer to OPTIONS has no Access-Control-Allow-Credentials, but the others have. A rule "
    "treats both alike, so it is carried over without credentials."
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What one kind of origin may do. An origin without an offer may not even read."""

    credentials: bool
    methods: tuple[str, ...]
    request_headers: tuple[str, ...]
    exposed: tuple[str, ...]
    max_age: str
    why_less: str = ""  # why this is less than nginx allowed, for a remark


def location_policy(
    conversion: Conversion, what: str, values: Variables, chain: Chain, patterns: Iterable[str]
) -> CorsPolicy | None:
    """Return the policy of a location, None if it allows nothing. Raises UnclearError."""
    anyone = _offer(values, chain, "")
    offers = {one: _offer(values, chain, one) for one in patterns}
    # The location does not mean origins that it treats like any other.
    named = {one: offer for one, offer in offers.items() if offer and offer != anyone}
    if anyone is not None and anyone.credentials:
        conversion.remark(
            f"{what}: any origin with credentials",
            "every website could read everything with its visitors' cookies. List the origins.",
        )
        if not named:
            return CorsPolicy(
                _rule(conversion, what, anyone, any_origin=False, credentials=True), {}
            )
    elif anyone is not None and all(offer == anyone for offer in offers.values()):
        return CorsPolicy(_rule(conversion, what, anyone, any_origin=True), {})
    elif anyone is not None:
        conversion.remark(
            f"{what}: any origin",
            "listed origins were treated differently, but a path allows any origin or listed ones.",
        )
    listed = _without_doubt(conversion, what, offers, named)
    if not listed:
        return None
    first = next(iter(listed.values()))
    origins = {}
    for one, offer in listed.items():
        if _lists(offer) == _lists(first):
            origins[one] = offer.credentials
        else:
            why = "its methods or headers differ from the first one's, but a path has one list for all."
            conversion.remark(f"{what}: {one}", why)
    rule = _rule(conversion, what, first, any_origin=False, credentials=any(origins.values()))
    return CorsPolicy(rule, origins)


def _without_doubt(
    conversion: Conversion, what: str, offers: dict[str, Offer | None], listed: dict[str, Offer]
) -> dict[str, Offer]:
    """Return the listed patterns without those that another includes.

    Leaves out, with a remark, patterns that would also let in origins that were treated differently.
    """
    wildcards = [other for other in offers if "*" in other]
    found = {}
    for one, offer in listed.items():
        opened = [
            other
            for other in _comparable(one, offers, wildcards)
            if offers[other] != offer
            and patterns_overlap(one, other)
            and not pattern_within(one, other)
        ]
        if opened:
            why = f"it would also let in {', '.join(opened)}, which was treated differently."
            conversion.remark(f"{what}: {one}", why)
        else:
            found[one] = offer
    wildcards = [other for other in found if "*" in other]
    return {
        one: offer
        for one, offer in found.items()
        if not any(
            other != one and found[other] == offer and pattern_within(one, other)
            for other in wildcards
        )
    }


def _comparable(one: str, offers: Iterable[str], wildcards: Iterable[str]) -> Iterable[str]:
    """Return the patterns that can have an origin in common with this one, apart from itself."""
    return offers if "*" in one else wildcards


def _lists(offer: Offer) -> tuple[object, ...]:
    return (offer.methods, offer.request_headers, offer.exposed, offer.max_age)


def _offer(values: Variables, chain: Chain, pattern: str) -> Offer | None:
    def ask(method: str) -> list[SimulatedResponse]:
        return in_every_world(values, chain, SimulatedRequest(method, pattern))

    actual = [one for method in _PLAIN for one in ask(method)]
    if not actual or not all(_is_read(one, pattern) for one in actual):
        return None
    preflights = ask("OPTIONS")
    passes = bool(preflights) and all(
        one.status and one.status < _ELSEWHERE and _is_read(one, pattern) for one in preflights
    )
    methods: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    age = ""
    credentials = all(_grants(one) for one in actual)
    why = ""
    if passes:
        methods = tuple(
            name
            for name in _shared(preflights, headers.ACAM)
            if name not in _SENT or all(_is_read(one, pattern) for one in ask(name))
        )
        names = _shared(preflights, headers.ACAH)
        ages = [one.headers.get(headers.ACMA.lower(), "") for one in preflights]
        age = ages[0] if len(set(ages)) == 1 else ""
        if credentials and not all(_grants(one) for one in preflights):
            credentials, why = False, _HALF
    elif any(_names_lists(one) for one in (*actual, *preflights)):
        is_answered = all(one.status and one.status < _ELSEWHERE for one in preflights)
        why = _REFUSED if is_answered else _UNANSWERED
    return Offer(credentials, methods, names, _shared(actual, headers.ACEH), age, why)


def _is_read(one: SimulatedResponse, pattern: str) -> bool:
    allowed = one.headers.get(headers.ACAO.lower(), "")
    return one.status < _ELSEWHERE and allowed in ("*", SimulatedRequest("", pattern).origin)


def _grants(one: SimulatedResponse) -> bool:
    any_origin = one.headers.get(headers.ACAO.lower()) == "*"
    return one.headers.get(headers.ACAC.lower()) == "true" and not any_origin


def _names_lists(one: SimulatedResponse) -> bool:
    return any(name.lower() in one.headers for name in (headers.ACAM, headers.ACAH))


def _shared(answers: Sequence[SimulatedResponse], name: str) -> tuple[str, ...]:
    """Return the names that all of these responses list."""
    lists = [
        [part.strip() for part in one.headers.get(name.lower(), "").split(",") if part.strip()]
        for one in answers
    ]
    return tuple(one for one in lists[0] if all(one in other for other in lists))


def _rule(
    conversion: Conversion, what: str, offer: Offer, *, any_origin: bool, credentials: bool = False
) -> dict[str, object]:
    if offer.why_less:
        conversion.remark(what, offer.why_less)
    methods = [name for name in offer.methods if name != ASKED_METHOD]
    asked = [name for name in offer.request_headers if name != ASKED_HEADERS]
    return {
        "any_origin": any_origin,
        "credentials": credentials,
        "methods": conversion.methods(
            methods,
            f"{what}: {headers.ACAM}",
            credentials=credentials,
            echoed=ASKED_METHOD in offer.methods,
        ),
        "request_headers": conversion.request_headers(
            asked,
            f"{what}: {headers.ACAH}",
            credentials=credentials,
            echoed=ASKED_HEADERS in offer.request_headers,
        ),
        "exposed_headers": conversion.exposed_headers(
            offer.exposed, f"{what}: {headers.ACEH}", credentials=credentials
        ),
        "max_age": conversion.max_age(offer.max_age, f"{what}: {headers.ACMA}"),
    }
