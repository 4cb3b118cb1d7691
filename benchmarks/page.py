"""Keep the figures: as JSON, and in the page that shows them."""

import json
import os
import platform
import re
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import django

from benchmarks.rows import Row, table

BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of the figures -->"
Parts = dict[str, list[Row]]  # the rows of each section that was run


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    cores = os.cpu_count() or 1
    return {
        "date": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "django": django.get_version(),
        "machine": platform.platform(),
        "cores": cores,
        "load": round(os.getloadavg()[1], 1),  # of the five minutes before
    }


def write_json(file: Path, parts: Parts, found: dict[str, Any]) -> None:
    """Write the rows with what they were measured on."""
    rows = {
        name: [{**asdict(row), "holds": row.holds} for row in rows] for name, rows in parts.items()
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**found, "parts": rows}, indent=1) + "\n", encoding="utf-8")


def read_json(file: Path) -> Parts:
    """Return the rows of an earlier run; none where there is no file, or one of another kind."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))["parts"]
    except (OSError, ValueError, KeyError):
        return {}
    return {
        name: [Row(**{key: row[key] for key in Row.__slots__}) for row in rows]
        for name, rows in found.items()
    }


def write_page(file: Path, rows: Iterable[Row], found: dict[str, Any]) -> None:
    """Put the table into a page, between its two marks."""
    rows = list(rows)
    budgets = [row for row in rows if row.budget is not None]
    held = sum(row.holds is True for row in budgets)
    text = (
        f"{BEGIN}\n\n{found['date']}, {found['machine']}, {found['cores']} cores, load before"
        f" {found['load']}, Python {found['python']}, Django {found['django']}."
        f" {held} of {len(budgets)} budgets hold.\n\n{table(rows)}\n\n{END}"
    )
    page = file.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    if not pattern.search(page):
        message = f"{file} lacks the lines between which the table belongs: {BEGIN} and {END}"
        raise ValueError(message)
    file.write_text(pattern.sub(lambda _: text, page), encoding="utf-8")
