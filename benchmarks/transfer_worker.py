"""One import in a process of its own, with little address space; prints what it took."""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

from benchmarks.processor import Processor

LIMIT = 512 * 2**20


def main() -> None:
    """Import a file, twice, into a database that is made here."""
    library, path, before = sys.argv[1:]
    if library == "corsadmin":
        resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 (Django must be set up)

    call_command("migrate", verbosity=0, skip_checks=True)
    if before:
        call_command("cors_import", before, verbosity=0)
    actions: dict[str, Callable[[], object]] = {
        "corsadmin": lambda: import_and_show(path),
        "django-import-export": lambda: import_with_peer(path, bulk=False),
        "django-import-export, bulk": lambda: import_with_peer(path, bulk=True),
    }
    seconds, worked = measure(actions[library])
    again, _worked = measure(actions[library]) if library == "corsadmin" else (0.0, 0.0)
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmPeak"))
    found = {"seconds": seconds, "worked": worked, "again": again, "peak": peak}
    sys.stdout.write(json.dumps(found))


def import_and_show(path: str) -> None:
    """Import as people do: with the plan shown."""
    from django.core.management import call_command  # noqa: PLC0415 (Django must be set up)

    with Path(os.devnull).open("w") as nowhere:
        call_command("cors_import", path, stdout=nowhere)


def measure(action: Callable[[], object]) -> tuple[float, float]:
    """Return how many seconds an action takes, and how many of them the processor works."""
    clock = Processor()
    began, worked = time.perf_counter(), clock.nanoseconds()
    action()
    return time.perf_counter() - began, (clock.nanoseconds() - worked) / 1_000_000_000


def import_with_peer(path: str, *, bulk: bool) -> None:
    """Import with django-import-export, every row validated; in bulk it writes no history."""
    import tablib  # noqa: PLC0415
    from import_export import fields, resources, widgets  # noqa: PLC0415

    from corsadmin.models import Origin, Tenant  # noqa: PLC0415

    class OriginResource(resources.ModelResource):
        tenant = fields.Field("tenant", "tenant", widgets.ForeignKeyWidget(Tenant, field="slug"))

        class Meta:
            model = Origin
            fields = ("tenant", "pattern", "credentials", "note")
            import_id_fields = ("tenant", "pattern")
            clean_model_instances = True
            use_bulk = bulk
            batch_size = 1000

    table = tablib.Dataset().load(Path(path).read_text(), format="csv")
    OriginResource().import_data(table, raise_errors=True)


if __name__ == "__main__":
    main()
