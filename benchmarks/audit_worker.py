"""One audit file of origins, made in a process of its own; prints what it took."""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import django

MOST: Final = 100_000  # rows that a workbook holds


def main() -> None:
    """Make a file of all origins by `command` or `page`, or a `sheet` of as many as it holds.

    Print its rows, the seconds, those of the processor in this process, and the peak in MB.
    """
    django.setup()
    make = {"command": by_command, "page": by_page, "sheet": as_sheet}[sys.argv[1]]
    with tempfile.TemporaryDirectory(prefix="corsadmin-bench-") as folder:
        began, worked = time.perf_counter(), time.process_time()
        rows = make(Path(folder) / "origins")
        worked, seconds = time.process_time() - worked, time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {"rows": rows, "seconds": seconds, "worked": worked, "peak": peak}
    sys.stdout.write(json.dumps(found))


def by_command(path: Path) -> int:
    """Write all origins with the command, as CSV."""
    from django.core.management import call_command  # noqa: PLC0415 (Django must be set up)

    call_command("cors_audit", "origins", "--output", str(path), verbosity=0)
    return _lines_of(path) - 1


def by_page(path: Path) -> int:
    """Download all origins from their list in the admin, as CSV."""
    _download(path, "csv")
    return _lines_of(path) - 1


def as_sheet(path: Path) -> int:
    """Download the origins that changed last from their list in the admin, as XLSX."""
    from corsadmin.models import Origin  # noqa: PLC0415 (Django must be set up)

    moments = Origin.objects.order_by("-modified").values_list("modified", flat=True)
    since = moments[MOST * 99 // 100]  # several have the same
    _download(path, "xlsx", modified__gte=str(since))
    return Origin.objects.filter(modified__gte=since).count()


def _download(path: Path, name: str, **query: str) -> None:
    from django.urls import reverse  # noqa: PLC0415 (Django must be set up)

    from benchmarks.admin_pages import people  # noqa: PLC0415

    page = f"{reverse('admin:corsadmin_origin_audit', args=[name])}?{urlencode(query)}"
    with path.open("wb") as file:
        file.writelines(people()["superuser"].get(page))


def _lines_of(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _line in file)


if __name__ == "__main__":
    main()
