"""What a save pays to be held against what callers did, among a million origins on PostgreSQL."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from benchmarks.admin import ROOT, SHORT, TENANTS
from benchmarks.rows import Row
from tests.databases import Postgres, folder_for

SECTION: Final = "impact, 1,000,000 origins in 100,000 tenants, PostgreSQL"
MILLISECONDS: Final = 100


def rows(rounds: int) -> Iterator[Row]:
    """Yield the milliseconds that the question adds to changes of different kinds, and their ratio."""
    with folder_for("impact") as folder, Postgres(folder) as server:
        server.execute("CREATE DATABASE impact")
        environment = {**os.environ, "DATABASE_URL": server.url("impact")}
        turns = 5 if rounds < SHORT else 20
        command = [sys.executable, "-m", "benchmarks.impact_worker", str(TENANTS), str(turns)]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True, text=True
        )
    for line in done.stdout.splitlines():
        name, milliseconds, ratio = json.loads(line)
        yield Row(SECTION, f"{name}: added to a save", milliseconds, "ms", MILLISECONDS)
        yield Row(SECTION, f"{name}: all questions, with it to without it", ratio, "times")
