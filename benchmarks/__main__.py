"""Run the benchmarks: `python -m benchmarks [--quick] [--only cost scale] [--write PAGE]`."""

import argparse
import os
import sys
import tempfile
import time
from importlib import import_module
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Each is a module with a function rows(rounds). In this order, because all up to "files" run in
# this process, and what costs least is best measured first.
SECTIONS = (
    "cost",
    "evaluate",
    "sightings",
    "wildcards",
    "peers",
    "hostile",
    "files",
    "throughput",
    "scale",
    "propagation",
    "transfer",
    "sightings_tables",
    "admin",
    "impact",
)
# They take minutes to half an hour each, most of it waiting, so --only must name them.
LONG_SECTIONS = ("flood", "slow_attackers", "losses")
ALL_SECTIONS = SECTIONS + LONG_SECTIONS
ROUNDS, QUICK_ROUNDS = 40, 7


def main() -> int:
    """Run the sections that were asked for; return 1 when a budget does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", metavar="SECTION", default=SECTIONS, choices=ALL_SECTIONS
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, noisier figures")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "benchmarks.json")
    parser.add_argument(
        "--write", type=Path, metavar="PAGE",
        help="put the table into this page; what --only left out is taken from the JSON file",
    )  # fmt: skip
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="corsadmin-bench-") as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        return run(arguments)


def run(arguments: argparse.Namespace) -> int:
    """Set Django up on an empty database and measure."""
    import django  # noqa: PLC0415 (the settings are chosen above)

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from benchmarks import page, rows  # noqa: PLC0415

    call_command("migrate", verbosity=0, skip_checks=True)
    found = page.machine()
    before = page.read_json(arguments.json)
    fresh: page.Parts = {}
    for name in arguments.only:
        started = time.monotonic()
        fresh[name] = []
        for row in import_module(f"benchmarks.{name}").rows(
            QUICK_ROUNDS if arguments.quick else ROUNDS
        ):
            fresh[name].append(row)
            sys.stderr.write(f"{row.section}: {row.name}: {row.value:.3f} {row.unit}\n")
        sys.stderr.write(f"{name} took {time.monotonic() - started:.0f} s\n")
    parts = {
        name: {**before, **fresh}[name] for name in ALL_SECTIONS if name in {**before, **fresh}
    }
    page.write_json(arguments.json, parts, found)
    if arguments.write:
        page.write_page(arguments.write, list(chain(*parts.values())), found)
    measured = list(chain(*fresh.values()))
    sys.stdout.write(rows.table(measured) + "\n")
    return 1 if any(row.holds is False for row in measured) else 0


if __name__ == "__main__":
    sys.exit(main())
