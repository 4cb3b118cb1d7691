"""Run work on the tables part by part: a failed part is counted, and the next one runs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import monotonic

from django.db import Error


@dataclass(slots=True)
class StepReport:
    """The result of some work: rows written or removed, parts that failed, and the last error."""

    rows: int = 0
    failed: int = 0
    error: str = ""


def run_parts(
    parts: Iterable[Iterator[int]],
    max_seconds: float,
    between: Callable[[], object],
    clock: Callable[[], float] = monotonic,
) -> StepReport:
    """Run parts, each of which yields the number of rows after each of its transactions.

    It raises no error of the database. It calls `between` after each transaction. After
    `max_seconds` it begins no further transaction.
    """
    report = StepReport()
    deadline = clock() + max_seconds
    for rows in _steps(parts, report):
        report.rows += rows
        between()
        if clock() > deadline:
            report.failed += 1
            report.error = report.error or f"not done within {max_seconds:g} seconds"
            break
    return report


def _steps(parts: Iterable[Iterator[int]], report: StepReport) -> Iterator[int]:
    for part in parts:
        try:
            yield from part
        except Error as error:
            report.failed += 1
            report.error = str(error)
            yield 0
