"""Compare the decisions of two policies on the same requests."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from corsadmin.engine import CorsRequest, Decision, TenantPolicy, decide, headers
from corsadmin.engine.methods import SAFELISTED_METHODS

# Not an origin, so no entry can cover it; a rule for any origin does not consult entries.
STRANGER: Final = "stranger"
_ANY: Final = "*"


class Comparison(NamedTuple):
    """The requests whose decisions differ.

    In `losses` an origin entry allows the caller before and nothing does afterwards. In `widened`
    the caller may do or read more than before.
    """

    losses: list[CorsRequest]
    widened: list[CorsRequest]


def compare(
    before: TenantPolicy | None,
    after: TenantPolicy | None,
    questions: Iterable[CorsRequest],
    now: float,
) -> Comparison:
    """Return what changes for requests made now; a policy of None allows nobody."""
    found = Comparison([], [])
    for question in questions:
        was, becomes = decide(before, question, now), decide(after, question, now)
        if was.allowed and was.entry != _ANY and not becomes.allowed:
            found.losses.append(question)
        if _grants_more(was, becomes):
            found.widened.append(question)
    return found


def questions_of(origin: str, path: str) -> list[CorsRequest]:
    """Return requests whose decisions show everything that an origin may do on a path.

    The response to the preflight names every method and request header, the other response every
    header that the page may read.
    """
    return [
        CorsRequest(path, "GET", origin, None, None, ""),
        CorsRequest(path, "OPTIONS", origin, "GET", None, ""),
    ]


def _grants_more(before: Decision, after: Decision) -> bool:
    if not after.allowed:
        return False
    return not before.allowed or any(
        (
            _lacking(before, after, headers.ACAM) - SAFELISTED_METHODS,
            _lacking(before, after, headers.ACAH),
            _lacking(before, after, headers.ACEH),
        )
    )


def _lacking(before: Decision, after: Decision, header: str) -> set[str]:
    """Return the names in a header of the later response that the earlier one does not cover."""
    had, has = _names(before, header), _names(after, header)
    if _ANY not in had:
        return has - had
    # Fetch, "CORS-non-wildcard request-header name": a star never covers it.
    return {"authorization"} & (has - had) if header == headers.ACAH else set()


def _names(decision: Decision, header: str) -> set[str]:
    value = dict(decision.headers).get(header, "")
    # Methods are case-sensitive, header names are not.
    names = value if header == headers.ACAM else value.lower()
    return {*names.split(", ")} - {""}
