"""Import a file: read, check, stage, plan. The plan can be shown, then applied."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from corsadmin.models.database import alias_for_writing
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.grid import GridRow
from corsadmin.transfer.formats.registry import FORMATS
from corsadmin.transfer.formats.rejects import Rejects
from corsadmin.transfer.formats.table import OriginTable
from corsadmin.transfer.formats.text_format import read_text
from corsadmin.transfer.plan.autofix import Fix
from corsadmin.transfer.plan.choices import Choices
from corsadmin.transfer.plan.diff import named_tenants
from corsadmin.transfer.plan.ingest import Intake
from corsadmin.transfer.plan.permissions import check_openings, check_rights
from corsadmin.transfer.plan.row_permissions import refused_rows
from corsadmin.transfer.plan.staging import Stage, open_stage
from corsadmin.transfer.plan.steps import Plan
from corsadmin.transfer.records.check import Record
from corsadmin.transfer.records.diagnostics import Fault, TransferError, fault
from corsadmin.transfer.records.record_types import ORIGIN, Kind

__all__ = ["Choices", "Import", "plan_entries", "plan_import", "plan_table", "plan_text"]

Watch = Callable[[Iterable[Record | Fault]], Iterable[Record | Fault]]


@dataclass(frozen=True, slots=True)
class Import:
    """A file that was read: the plan it makes, the accepted fixes, and the rejected rows."""

    plan: Plan
    fixes: list[Fix]
    rejects: Rejects


@contextmanager
def plan_import(
    file: IO[bytes], choices: Choices, *, watch: Watch = iter, using: str | None = None
) -> Iterator[Import]:
    """Read a file and yield the plan that it makes, which may be applied inside the context.

    Writes nothing itself. `watch` receives the entries and passes them on, for example to count
    them. Raises TransferError with every fault.
    """
    found = FORMATS[choices.format]
    entries = watch(found.read(file, choices.only, choices.bounds, choices.access))
    with plan_entries(found.kinds, entries, choices, using=using) as made:
        yield made


@contextmanager
def plan_text(
    file: IO[bytes], slug: str, choices: Choices, *, watch: Watch = iter
) -> Iterator[Import]:
    """Read a free text, such as a message, and yield the plan that adds its origins to a tenant.

    As for `plan_import`.
    """
    with plan_entries((ORIGIN,), watch(read_text(file, slug)), choices) as made:
        yield made


@contextmanager
def plan_table(
    table: OriginTable,
    choices: Choices,
    *,
    watch: Watch = iter,
    rows: Iterable[GridRow] | None = None,
) -> Iterator[Import]:
    """Read these rows of an open table, or all rows, and yield the plan that they make.

    As for `plan_import`.
    """
    with plan_entries((ORIGIN,), watch(_of_tenants(table.records(rows), choices)), choices) as made:
        yield made


def _of_tenants(entries: Iterable[Record | Fault], choices: Choices) -> Iterator[Record | Fault]:
    for entry in entries:
        if choices.only is None or isinstance(entry, Fault) or entry.tenant in choices.only:
            yield entry


@contextmanager
def plan_entries(
    kinds: tuple[Kind, ...],
    entries: Iterable[Record | Fault],
    choices: Choices,
    *,
    using: str | None = None,
) -> Iterator[Import]:
    """Yield the plan that entries of these kinds make. As for `plan_import`."""
    with open_stage(using or alias_for_writing(), kinds) as stage:
        intake = Intake(stage, choices)
        intake.take(_whole(entries))
        plan = Plan(stage, prune=choices.prune)
        if choices.access and choices.skip_invalid and kinds == (ORIGIN,):
            refused = list(refused_rows(stage, choices.access))
            if refused:
                intake.take_back(refused)
                plan.make()
        denied = check_rights(stage, choices.access, prune=choices.prune) if choices.access else []
        if denied:
            # Leave out faults found in the database: this user may see only part of it.
            raise TransferError([*intake.faults, *denied])
        if plan.found:
            intake.take_back(plan.found)
            plan.make()
        faults = [*intake.faults, *_moved(plan, choices.expected)]
        if choices.only and not faults:
            faults = _missing(stage, choices.only)
        if choices.access and not faults:
            faults = check_openings(plan, choices.access)
        if faults:
            raise TransferError(faults)
        intake.complete()
        yield Import(plan, intake.fixes, intake.rejects)


def _whole(entries: Iterable[Record | Fault]) -> Iterator[Record | Fault]:
    """Yield entries; if reading breaks off, the last one is the fault that says why."""
    try:
        yield from entries
    except BrokenTextError as error:
        yield fault(error.place, "unreadable", error.reason)
    except OSError as error:
        yield fault("", "unreadable", error.strerror)


def _missing(stage: Stage, only: Iterable[str]) -> list[Fault]:
    found = {slug for (slug,) in stage.rows(named_tenants(stage))}
    return [fault("", "tenant-not-in-file", slug) for slug in sorted(set(only) - found)]


def _moved(plan: Plan, expected: int | None) -> Iterable[Fault]:
    if expected is not None and plan.generation != expected:
        yield fault("", "changed-meanwhile", plan.generation)
