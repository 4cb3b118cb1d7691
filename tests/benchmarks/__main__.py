"""Run the benchmarks: `python -m tests.benchmarks [--only cost] [--quick] [--json FILE]`."""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    """Run the sections that were asked for; return 1 when a budget does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="SECTION", default=[])
    parser.add_argument("--quick", action="store_true", help="fewer rounds, noisier figures")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "benchmarks.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="corsadmin-bench-") as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        return run(arguments)


def run(arguments: argparse.Namespace) -> int:
    """Set Django up on an empty database and measure."""
    import django  # noqa: PLC0415 (the settings are chosen above)

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from tests.benchmarks import cost, hostile, propagation, scale, transfer  # noqa: PLC0415
    from tests.benchmarks.rows import Row, table, write_json  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    sections: dict[str, Any] = {
        "cost": cost.rows,
        "hostile": hostile.rows,
        "scale": scale.rows,
        "propagation": propagation.rows,
        "transfer": transfer.rows,
    }
    rows: list[Row] = []
    for name in arguments.only or sections:
        for row in sections[name](7 if arguments.quick else 40):
            rows.append(row)
            sys.stderr.write(f"{row.section}: {row.name}: {row.value:.3f} {row.unit}\n")
    sys.stdout.write(table(rows) + "\n")
    write_json(arguments.json, rows)
    return 1 if any(row.holds is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
