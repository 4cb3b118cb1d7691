"""Find the rows of a table that a user may not write, so that the other rows can be imported."""

from collections.abc import Iterator
from typing import Final

from corsadmin.models.access import ACCEPT_RISK, CANNOT_BE_ADDED, Access
from corsadmin.transfer.plan.diff import join_stored
from corsadmin.transfer.plan.staging import Stage, StagedFault, temporary
from corsadmin.transfer.plan.steps import ADD, CHANGE
from corsadmin.transfer.records.diagnostics import Fault, fault
from corsadmin.transfer.records.record_types import ORIGIN

_ACTIONS: Final = {ADD: "add", CHANGE: "change"}
_PATTERN: Final = ("pattern", None)
_RISK: Final = ("risk_accepted", None)


def refused_rows(stage: Stage, access: Access) -> Iterator[StagedFault]:
    """Yield a fault for each row of a compared table that the user may not write.

    If the user may not view origins, the faults do not reveal which origins exist, beyond that a row
    cannot be added.
    """
    may_accept = access.has(ACCEPT_RISK)
    keys = {action: access.keys(action, ORIGIN.model) for action in ("view", "add", "change")}
    if may_accept and all(some is None for some in keys.values()):
        return
    name = stage.name
    found = stage.many_rows(
        "SELECT s.number, s.place, s.tenant, s.pattern, t.id, o.id, d.state,"
        " d.risk_accepted OR COALESCE(o.risk_accepted, FALSE)"
        f" FROM {name(temporary('staged', ORIGIN))} s {join_stored(stage, ORIGIN)}"
        f" LEFT JOIN {name(temporary('differs', ORIGIN))} d ON d.number = s.number"
        # An unknown tenant is a fault of its own.
        " WHERE t.id IS NOT NULL ORDER BY s.number"
    )
    for number, place, slug, pattern, owner, stored, state, is_risky in found:
        may = {action for action, some in keys.items() if some is None or owner in some}
        if state is not None and is_risky and not may_accept:
            action = f"write a row with risk_accepted (permission {ACCEPT_RISK})"
            said = fault(place, "not-permitted", action, at=_RISK)
            yield StagedFault(ORIGIN, number, said.of(slug))
        refused = _refused(
            place, f"{pattern} of {slug}", may, is_there=stored is not None, state=state
        )
        if refused:
            yield StagedFault(ORIGIN, number, refused.of(slug))


def _refused(
    place: str, row: str, may: set[str], *, is_there: bool, state: str | None
) -> Fault | None:
    """Return the fault of a row that a user may not write, or None.

    `may` are the actions that the user may take on the list of the row.
    """
    if "view" in may:
        action = _ACTIONS.get(state or "", "")
    elif is_there and "add" in may:
        return fault(place, "cannot-be-added", CANNOT_BE_ADDED[ORIGIN.model], at=_PATTERN)
    else:
        action = "add"
    if not action or action in may:
        return None
    return fault(place, "not-permitted", f"{action} {row}", at=_PATTERN)
