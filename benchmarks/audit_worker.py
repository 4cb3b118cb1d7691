"""One audit file of every origin, in a process of its own; prints what it took."""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import django


def main() -> None:
    """Write all origins to a file as CSV, and print seconds, rows, and the peak of memory in MB."""
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 (Django must be set up)

    with tempfile.TemporaryDirectory(prefix="corsadmin-bench-") as folder:
        path = Path(folder) / "origins.csv"
        began = time.perf_counter()
        call_command("cors_audit", "origins", "--output", str(path), verbosity=0)
        seconds = time.perf_counter() - began
        with path.open("rb") as file:
            rows = sum(1 for _line in file) - 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "rows": rows, "peak": peak}))


if __name__ == "__main__":
    main()
