"""Lists and pages of the admin among a million origins on PostgreSQL: milliseconds and queries."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.rows import Row
from tests.databases import Postgres, folder_for

ROOT: Final = Path(__file__).resolve().parents[1]
SECTION: Final = "admin, 1,000,000 origins in 100,000 tenants, PostgreSQL"
TENANTS: Final = 100_000
SHORT: Final = 10  # rounds below which a short run was asked for
MILLISECONDS: Final = 300
QUERIES: Final = 21  # the start page's; others make at most 20
AUDIT_MEMORY: Final = 256  # MB of the whole process, which may hold all policies
AUDIT_FILES: Final = {
    "cors_audit, CSV": "command",
    "download from the list, CSV": "page",
    "download from the list, XLSX": "sheet",
}
NAMES: Final = {
    "superuser": "superuser",
    "member": "member of 100 tenants",
    "large": "member of the largest tenant",
}
# What writes thousands of rows with their history is not a page to look at. And to find that nothing
# is without a reason, or unused, a database reads everything.
UNBOUNDED: Final = (
    "disabling",
    "deleting a",
    "a copy to 200 tenants, confirmed",
    "plan of a spreadsheet of 5,000 rows",
    "origin list, filtered by what has no index",
)
# What asks all that is asked before a save, for many tenants at once, or writes history too.
PLANS: Final = ("plan of", "a new customer, saved")


class Found(NamedTuple):
    """What one page took."""

    who: str
    group: str
    name: str
    milliseconds: float
    queries: int


def rows(rounds: int) -> Iterator[Row]:
    """Yield the slowest page of each kind, for each person, and the most queries of any."""
    with folder_for("admin") as folder, Postgres(folder) as server:
        server.execute("CREATE DATABASE admin")
        environment = {**os.environ, "DATABASE_URL": server.url("admin")}
        worker("admin_worker", environment, "fill", str(TENANTS))
        measured = worker("admin_worker", environment, "measure", "2" if rounds < SHORT else "5")
        files = {
            name: json.loads(worker("audit_worker", environment, way))
            for name, way in AUDIT_FILES.items()
        }
    found = [Found(*json.loads(line)) for line in measured.splitlines()]
    groups: defaultdict[tuple[str, str], list[Found]] = defaultdict(list)
    for page in found:
        sys.stderr.write(f"{page.milliseconds:6.0f} ms {page.queries:3} {page.who} {page.name}\n")
        groups[page.who, _kind(page)].append(page)
    for (who, group), pages in groups.items():
        slowest = max(page.milliseconds for page in pages)
        several = f", slowest of {len(pages)}" if len(pages) > 1 else ""
        budget = None if group.startswith(UNBOUNDED) else MILLISECONDS
        yield Row(SECTION, f"{NAMES[who]}: {group}{several}", slowest, "ms", budget)
    for who, name in NAMES.items():
        most = max(
            page.queries
            for page in found
            if page.who == who and not page.group.startswith((*UNBOUNDED, *PLANS))
        )
        yield Row(SECTION, f"{name}: most queries of a page", most, "", QUERIES)
    for name, file in files.items():
        what = f"{name}: {file['rows']:,} origins with their history"
        yield Row(SECTION, what, file["rows"] / file["seconds"], "rows/s")
        yield Row(SECTION, f"{what}, of the processor", file["rows"] / file["worked"], "rows/s")
        yield Row(SECTION, f"{what}, memory of the process", file["peak"], "MB", AUDIT_MEMORY)


def _kind(page: Found) -> str:
    """Return what a page is told of with: of the superuser's by itself, of others' in short."""
    if page.who == "superuser":
        return page.group
    if " list, " not in page.group:
        return "pages"
    return "lists, searched" if page.group.endswith("searched") else "lists"


def worker(module: str, environment: dict[str, str], *arguments: str) -> str:
    """Return what a task prints that runs in a process of its own."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True, text=True
    )
    return done.stdout
