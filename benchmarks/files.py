"""What the most laborious files cost an import, by the page and by the command: each below 2 s."""

import io
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from benchmarks.rows import Row
from corsadmin.convert.documents import MAX_LENGTH
from corsadmin.models import Tenant
from tests.convert.hostile import HOSTILE
from tests.transfer.hostile_texts import CSV, JSON, YAML, Make
from tests.transfer.hostile_workbooks import XLSX

SECTION: Final = "hostile files, seconds of processor time"
BUDGET: Final = 2.0
PAGE: Final = "/admin/corsadmin/tenant/import/"
FILES: Final = {
    "json": JSON,
    "yaml": YAML,
    "csv": CSV,
    "xlsx": XLSX,
}
# More rows than a page takes are ordinary work for the command, 20,000 a second or so.
MANY_ROWS: Final = frozenset({
    *("many slugs", "many tenants", "long Unicode origins", "long wrong origins"),
})  # fmt: skip


def rows(_rounds: int) -> Iterator[Row]:
    """Yield the slowest file of each format, by the page and by the command."""
    Tenant.objects.get_or_create(slug="acme")
    user = get_user_model().objects.create_superuser("files")
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    logging.disable()
    with tempfile.TemporaryDirectory(prefix="corsadmin-bench-") as folder:
        for name, files in FILES.items():
            path = Path(folder, f"hostile.{name}")

            def upload(content: bytes, path: Path = path) -> None:
                client.post(PAGE, {"file": SimpleUploadedFile(path.name, content)})

            def command(content: bytes, path: Path = path) -> None:
                path.write_bytes(content)
                import_file(path)

            few = {title: make for title, make in files.items() if title not in MANY_ROWS}
            yield slowest(f"{name.upper()}, page", files, upload)
            yield slowest(f"{name.upper()}, command", few, command)
        for program, texts in HOSTILE.items():
            path = Path(folder, "hostile.txt")
            made = {title: partial(make, MAX_LENGTH - 100) for title, make in texts.items()}

            def convert(content: bytes, path: Path = path, program: str = program) -> None:
                path.write_bytes(content)
                import_file(path, "--from", program, "--into", "acme")

            yield slowest(f"--from {program}", made, convert)
    logging.disable(logging.NOTSET)


def import_file(path: Path, *options: str) -> None:
    """Let the command look at a file, which it may refuse."""
    try:
        call_command(
            "cors_import",
            str(path),
            *options,
            "--dry-run",
            stdout=io.StringIO(),
            stderr=io.StringIO(),
        )
    except CommandError:
        return


def slowest(what: str, files: Mapping[str, Make], door: Callable[[bytes], None]) -> Row:
    """Return what the slowest of the files takes."""
    found = {}
    for title, make in files.items():
        made = make()
        content = made if isinstance(made, bytes) else made.encode()
        started = time.process_time()
        door(content)
        found[title] = time.process_time() - started
        sys.stderr.write(f"{found[title]:6.2f} s {what}: {title}\n")
    title = max(found, key=found.__getitem__)
    return Row(SECTION, f"{what}, slowest of {len(found)}: {title}", found[title], "s", BUDGET)
