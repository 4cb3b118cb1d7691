"""Show people or programs what an import will do, and what it did."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Final, NoReturn, TypeVar

from django.core.management.base import CommandError, OutputWrapper

from corsadmin.convert.conversion import Remark
from corsadmin.management.json_output import to_json
from corsadmin.transfer.formats.headings import MappedColumn
from corsadmin.transfer.formats.table import OriginTable
from corsadmin.transfer.formats.text_stream import WINDOWS
from corsadmin.transfer.importing import Choices, Import
from corsadmin.transfer.plan.apply import Signature, apply_plan
from corsadmin.transfer.plan.autofix import correction
from corsadmin.transfer.plan.callers import impact_lines
from corsadmin.transfer.plan.permissions import opening_lines
from corsadmin.transfer.plan.steps import Plan
from corsadmin.transfer.records.check import REMARKS
from corsadmin.transfer.records.diagnostics import Fault, file_value
from corsadmin.transfer.report import (
    MAX_SHOWN_STEPS,
    count_lines,
    fault_report,
    fix_report,
    opened_rule_lines,
    plan_lines,
    plan_report,
)

if TYPE_CHECKING:
    from corsadmin.models.access import Access

_PROGRESS_SECONDS: Final = 0.5
Entry = TypeVar("Entry")


class Screen:
    """Shows a plan before it is applied, because afterwards there is no difference left to show."""

    def __init__(
        self, out: OutputWrapper, errors: OutputWrapper, verbosity: int, *, as_json: bool
    ) -> None:
        self._out = out
        self._errors = errors
        self._quiet = verbosity == 0 or as_json
        self._as_json = as_json
        self._limit = MAX_SHOWN_STEPS if verbosity <= 1 else None
        self._report: dict[str, object] = {}
        self.offers_fix = False  # whether the command has --fix, and it was not used
        self.plan: Plan | None = None  # the plan that is being applied
        self.access: Access | None = None  # what the command's user may see, None for everything

    def show_remarks(self, remarks: Iterable[Remark]) -> None:
        """Print what was not carried over from another program."""
        if self._as_json:
            self._report["not_carried_over"] = [asdict(remark) for remark in remarks]
        else:
            for remark in remarks:
                self._errors.write(f"Not carried over: {remark}")

    def show_columns(self, table: OriginTable) -> None:
        """Print the fields of the columns of a table whose heading is not the name of the field."""
        if self._as_json:
            self._report["columns"] = {column.heading: column.field for column in table.columns}
        elif not self._quiet:
            for column in table.columns:
                if column.heading not in (column.field, REMARKS):
                    self._out.write(_column_line(column))

    def show_encoding(self, table: OriginTable) -> None:
        """Print the encoding of a table if it had to be guessed."""
        if not self._quiet and table.grid.encoding == WINDOWS:
            self._errors.write(f"The file is not UTF-8. It was read as {WINDOWS}.")

    def show(self, made: Import) -> None:
        """Print the fixes, the rejected rows and the plan."""
        if self._as_json:
            self._report |= {
                "fixed": fix_report(made.fixes),
                "problems": fault_report(made.rejects.faults()),
            }
        elif not self._quiet:
            for fix in made.fixes:
                self._out.write(f"Fixed {fix}")
            for fault in made.rejects.faults():
                self._errors.write(f"Rejected {_with_code(fault)}")
        self.show_plan(made.plan)

    def show_plan(self, plan: Plan) -> None:
        """Print a plan."""
        if self._as_json:
            self._report |= plan_report(plan, self._limit, self.access)
        if self._quiet or plan.is_empty:
            return
        for line in plan_lines(plan, self._limit):
            self._out.write(line)
        for line in count_lines(plan):
            self._out.write(line)
        remarks = [
            *opening_lines(plan, self.access),
            *opened_rule_lines(plan, self._limit),
            *impact_lines(plan, self.access),
        ]
        for line in remarks:
            self._out.write(f"  ! {line}")

    def show_again(self, plan: Plan) -> None:
        """Print a plan that had to be made again."""
        if not self._quiet:
            self._out.write("Somebody has changed the policies in the meantime. The plan is now:")
        self.show_plan(plan)

    def close(self, plan: Plan, made: int | None, hint: str = "") -> None:
        """Print the result of the plan; `made` is the generation after it was applied, or None.

        The `hint` says how to apply a plan that was only shown.
        """
        if self._as_json:
            self._write_json(
                {**self._report, "applied": made is not None, "generation_after": made}
            )
        elif not self._quiet:
            self._out.write(_ending(plan, made, hint))
        self._out.flush()

    def refuse(self, faults: tuple[Fault, ...]) -> NoReturn:
        """Print every fault and raise CommandError."""
        if self._as_json:
            self._write_json({**self._report, "applied": False, "problems": fault_report(faults)})
        else:
            for fault in faults:
                self._errors.write(_with_code(fault))
            self._suggest(faults)
        count = "1 problem" if len(faults) == 1 else f"{len(faults):,} problems"
        message = f"{count}; nothing was written."
        raise CommandError(message)

    def _suggest(self, faults: tuple[Fault, ...]) -> None:
        """Name the options with which the command can go on by itself."""
        mendable = sum(bool(correction(fault)) for fault in faults)
        if self.offers_fix and mendable and not self._quiet:
            self._errors.write(
                f"Problems with a suggested fix: {mendable:,} of {len(faults):,}. Use --fix to accept "
                "them, or --skip-invalid to import the rest."
            )

    def _write_json(self, report: dict[str, object]) -> None:
        self._out.write(to_json(report))


def carry_out(
    made: Import, choices: Choices, signature: Signature | None, screen: Screen
) -> int | None:
    """Apply a plan and return the generation it made; without a signature do nothing."""
    if signature is None:
        return None
    # A caller who expects a generation wants exactly the plan that was shown, and permissions were
    # checked only for that plan.
    screen.plan = made.plan
    is_bound = choices.expected is not None or choices.access is not None
    return apply_plan(made.plan, signature, remade=None if is_bound else screen.show_again)


class Progress:
    """Shows on a terminal how far the reading is; silent elsewhere.

    Entries are the rows of a file or a table.

    It shows the time left only for a single file, not for several or for standard input.
    """

    def __init__(
        self,
        errors: OutputWrapper,
        file: IO[bytes] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._errors = errors
        self._file = file
        self._clock = clock
        self._size = 0
        if file and errors.isatty() and file.seekable():
            self._size = file.seek(0, 2)
            file.seek(0)

    def __call__(self, entries: Iterable[Entry]) -> Iterable[Entry]:
        return self._watched(entries) if self._errors.isatty() else entries

    def _watched(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        began = shown = self._clock()
        for count, entry in enumerate(entries, 1):
            yield entry
            now = self._clock()
            if now - shown >= _PROGRESS_SECONDS:
                shown = now
                self._errors.write(f"\r{self._line(count, now - began)}", ending="")
                self._errors.flush()
        if shown != began:
            self._errors.write("\r" + " " * 60 + "\r", ending="")

    def _line(self, count: int, seconds: float) -> str:
        line = f"{count:,} {'row' if count == 1 else 'rows'}, {count / seconds:,.0f} a second"
        done = self._file.tell() if self._file and self._size else 0
        if done:
            line += f", {seconds * (self._size - done) / done:,.0f} s left"
        return f"{line:<60}"


def _column_line(column: MappedColumn) -> str:
    name = f"Column {file_value(column.heading)}"
    if column.options:
        return f"{name} may be {' or '.join(column.options)}: choose with --column."
    return f"{name} → {column.field}" if column.field else f"{name} is ignored."


def _with_code(fault: Fault) -> str:
    """Return a fault with its code, which the documentation explains."""
    return f"{fault} [{fault.code}]"


def _ending(plan: Plan, made: int | None, hint: str) -> str:
    if plan.is_empty:
        return f"Nothing to change: generation {plan.generation} matches the file."
    if made is None:
        return f"Dry run: nothing was written. {hint}".rstrip()
    return f"Applied as generation {made}."
