"""Find the reason of each field in which our answer differs from a peer's."""

from collections.abc import Iterator

from tests.conformance.peers.cases import Answer, Case
from tests.conformance.peers.differing import NO_PREFLIGHT, REASONS, SAFELISTED, Field

# The only reasons for which a page may be let in that the peer keeps out.
OPENING = {NO_PREFLIGHT, SAFELISTED}


def reasons(case: Case, ours: Answer) -> list[str]:
    """Return the names of all differences; assert that each field that differs has one."""
    found = {field.name: _reason(case, field, ours) for field in _differing(case, ours)}

    assert None not in found.values(), (case, ours)
    return sorted(set(filter(None, found.values())))


def is_explained(case: Case, ours: Answer) -> bool:
    """Report whether each field that differs has a reason."""
    return all(_reason(case, field, ours) for field in _differing(case, ours))


def _differing(case: Case, ours: Answer) -> Iterator[Field]:
    for name, theirs in case.theirs.items():
        if theirs != ours[name]:
            yield Field(name, theirs, ours[name])


def _reason(case: Case, field: Field, ours: Answer) -> str | None:
    found = (reason.name for reason in REASONS if reason.covers(case, field, ours))
    return next(found, None)


def opens(case: Case, ours: Answer) -> bool:
    """Report whether a page is let in that the peer's test keeps out."""
    origin = case.call.origin
    granted = {origin, "*"} - {None}
    asserted = origin is not None and "origin" in case.theirs
    return asserted and case.theirs["origin"] not in granted and ours["origin"] in granted
