"""One table for every figure: what was measured, its budget, and whether it holds."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `budget` is its upper bound, or its lower one where `at_least`; None: no budget."""

    section: str
    name: str
    value: float
    unit: str
    budget: float | None = None
    at_least: bool = False

    @property
    def holds(self) -> bool | None:
        """Report whether the budget holds; None where there is none."""
        if self.budget is None:
            return None
        return self.value >= self.budget if self.at_least else self.value <= self.budget


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| what | measured | budget | holds |", "|---|---:|---:|---|"]
    section = ""
    for row in rows:
        if row.section != section:
            section = row.section
            lines.append(f"| **{section}** | | | |")
        bound = "≥" if row.at_least else "≤"
        budget = "" if row.budget is None else f"{bound} {number(row.budget)} {row.unit}"
        holds = {None: "", True: "yes", False: "**NO**"}[row.holds]
        measured = f"{number(row.value)} {row.unit}".rstrip()
        lines.append(f"| {row.name} | {measured} | {budget.rstrip()} | {holds} |")
    return "\n".join(lines)


def number(value: float) -> str:
    """Return a figure with three significant digits and thousands apart."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
