"""Import a file: read, check, stage, plan. What comes out can be shown, then applied."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from corsadmin import generation
from corsadmin.transfer.checking import Entry, check_entry
from corsadmin.transfer.comparing import named_tenants
from corsadmin.transfer.documents import walk
from corsadmin.transfer.faults import Fault, TransferError, fault
from corsadmin.transfer.json_stream import BrokenTextError, JsonStream
from corsadmin.transfer.opening import read_pieces
from corsadmin.transfer.planning import Plan
from corsadmin.transfer.staging import Stage, open_stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the person who imports asks for. `only` is the slugs of the tenants to look at."""

    prune: bool = False
    only: frozenset[str] | None = None
    expected: int | None = None


@contextmanager
def plan_import(file: IO[bytes], choices: Choices, *, using: str | None = None) -> Iterator[Plan]:
    """Read a file and yield the plan it makes; inside, it may be applied.

    Raises TransferError with every fault of the file. Writes nothing.
    """
    with open_stage(using or generation.alias_for_writing()) as stage:
        faults = _stage_entries(stage, _entries(file, choices))
        plan = Plan(stage, prune=choices.prune)
        faults += [*_moved(plan, choices.expected), *plan.faults]
        if choices.only and not faults:
            faults = _missing(stage, choices.only)
        if faults:
            raise TransferError(faults)
        yield plan


def _entries(file: IO[bytes], choices: Choices) -> Iterator[Entry | Fault]:
    try:
        yield from walk(JsonStream(read_pieces(file)), choices.only)
    except BrokenTextError as error:
        yield fault(error.place, "unreadable", error.reason)


def _stage_entries(stage: Stage, entries: Iterable[Entry | Fault]) -> list[Fault]:
    faults: list[Fault] = []
    for entry in entries:
        if isinstance(entry, Fault):
            faults.append(entry)
            continue
        row, found = check_entry(entry)
        if found:
            faults.extend(found)
        else:
            stage.add(entry.kind, entry.tenant, entry.place, row)
    return faults + stage.finish()


def _missing(stage: Stage, only: Iterable[str]) -> list[Fault]:
    found = {slug for (slug,) in stage.rows(named_tenants(stage))}
    return [fault("", "tenant-not-in-file", slug) for slug in sorted(set(only) - found)]


def _moved(plan: Plan, expected: int | None) -> Iterable[Fault]:
    if expected is not None and plan.generation != expected:
        yield fault("", "changed-meanwhile", plan.generation)
