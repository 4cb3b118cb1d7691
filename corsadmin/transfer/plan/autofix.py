"""Accept the suggestions for the problems of an entry, and list them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from corsadmin.transfer.formats.columns import TENANT_COLUMN
from corsadmin.transfer.records.check import Checked, Record, check_entry
from corsadmin.transfer.records.diagnostics import Fault, file_value
from corsadmin.transfer.records.record_types import HOST, ORIGIN, TENANT

# Accepting one suggestion may reveal the next problem.
_MAX_ROUNDS: Final = 5


@dataclass(frozen=True, slots=True)
class Fix:
    """A suggestion that was accepted."""

    place: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.place}: {self.before} → {self.after}"


def correction(fault: Fault) -> str:
    """Return a text that identifies the suggestion of a fault, blank if none can be accepted."""
    text = f"{fault.place} → {fault.suggestion}"
    return text if fault.suggestion and fault.at[0] and text.isprintable() else ""


def autofix(
    entry: Record, faults: Iterable[Fault], *, whole: bool
) -> tuple[Record, Checked, list[Fix]] | None:
    """Return the mended entry, its row and the fixes; None if the suggestions do not suffice."""
    fixes: list[Fix] = []
    for _round in range(_MAX_ROUNDS):
        for fault in faults:
            if not (fault.suggestion and fault.at[0]) or _is_taken(entry, fault):
                return None
            entry = _accepted(entry, fault)
            fixes.append(Fix(fault.place, fault.value, file_value(fault.suggestion)))
        checked = check_entry(entry, whole=whole)
        faults = checked.faults
        if not faults:
            if entry.kind is TENANT:
                entry = replace(entry, tenant=entry.written["slug"])
            return entry, checked, fixes
    return None


def _is_taken(entry: Record, fault: Fault) -> bool:
    """Report whether the entry already has the key that a fault suggests."""
    return fault.code == "key-unknown" and fault.suggestion in entry.written


def _accepted(entry: Record, fault: Fault) -> Record:
    """Return the entry with the suggestion of a fault accepted, and without that fault."""
    left = tuple(one for one in entry.faults if (one.place, one.code) != (fault.place, fault.code))
    if fault.at[0] == TENANT_COLUMN and entry.kind is ORIGIN:
        return replace(entry, tenant=fault.suggestion, faults=left)
    return replace(entry, written=_written(entry, fault), faults=left)


def _written(entry: Record, fault: Fault) -> object:
    if entry.kind is HOST:
        return fault.suggestion
    assert isinstance(entry.written, dict)  # only fields have suggestions
    written = dict(entry.written)
    field, index = fault.at
    value = written.get(field)
    if fault.code == "key-unknown":
        written = {fault.suggestion if name == field else name: written[name] for name in written}
    elif index is not None and isinstance(value, list):
        written[field] = [*value[:index], fault.suggestion, *value[index + 1 :]]
    else:
        written[field] = int(fault.suggestion) if type(value) is int else fault.suggestion
    return written
