"""How fast files are imported, in how much memory, beside what; and what others notice of it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import transfer_requests
from benchmarks.rows import Row
from tests.databases import Postgres, folder_for

ROOT = Path(__file__).resolve().parents[1]
ORIGINS_EACH = 10
LIMIT = 512  # MB of address space
MANY, FEW = 1_000_000, 100_000
BESIDE = 200_000  # rows of an import beside requests
_SHORT = 10  # rounds below which a short run was asked for
_PEER_ROWS = 2_000  # django-import-export takes minutes for more


def rows(rounds: int) -> Iterator[Row]:
    """Measure imports into empty databases: a million origins, where that was not called short."""
    many, beside = (FEW, FEW // 10) if rounds < _SHORT else (MANY, BESIDE)
    with tempfile.TemporaryDirectory(prefix="corsadmin-bench-") as name:
        folder = Path(name)
        document = _document(folder, many)
        table, tenants = _tables(folder, many)
        small = _document(folder, beside)

        def measure(database: str, url: str) -> Iterator[Row]:
            yield from _import(url.format("json"), database, document, many)
            yield from _import(url.format("csv"), database, table, many, before=tenants)
            yield from transfer_requests.rows(database, url.format("beside"), small, beside)

        yield from measure("SQLite", f"sqlite:///{folder}/{{}}.sqlite3")
        yield from _beside_the_peer(folder)
        with folder_for("bench") as place, Postgres(place) as server:
            for database in ("json", "csv", "beside"):
                server.execute(f"CREATE DATABASE {database}")
            yield from measure("PostgreSQL", server.url("{}"))


def _beside_the_peer(folder: Path) -> Iterator[Row]:
    peer, tenants = _tables(folder, _PEER_ROWS)
    for library in ("corsadmin", "django-import-export", "django-import-export, bulk"):
        yield _compare(f"sqlite:///{folder}/{library}.sqlite3", library, peer, tenants)


def _document(folder: Path, origins: int) -> Path:
    path = folder / f"policies-{origins}.json"
    write_document(path, origins)
    return path


def _tables(folder: Path, origins: int) -> tuple[Path, Path]:
    """Return a table, and the document of the tenants that must be there before."""
    path, before = folder / f"origins-{origins}.csv", folder / f"tenants-{origins}.json"
    write_table(path, origins)
    write_document(before, origins, origins_each=0)
    return path, before


def write_document(path: Path, origins: int, origins_each: int = ORIGINS_EACH) -> None:
    """Write tenants, each with a host, a path rule and so many origins."""
    with path.open("w") as file:
        file.write('{"version": 1, "tenants": [')
        for number in range(origins // ORIGINS_EACH):
            tenant = {
                "slug": f"customer-{number}",
                "hosts": [f"customer-{number}.api.example.net"],
                "origins": [
                    {"pattern": pattern, "credentials": True, "note": f"OPS-{number}"}
                    for pattern in _patterns(number, origins_each)
                ],
                "paths": [{"path": "/api/", "methods": ["GET", "POST"]}],
            }
            file.write((",\n" if number else "\n") + json.dumps(tenant))
        file.write("]}\n")


def write_table(path: Path, origins: int) -> None:
    """Write the same origins as a table."""
    with path.open("w") as file:
        file.write("tenant,pattern,credentials,note\n")
        for number in range(origins // ORIGINS_EACH):
            for pattern in _patterns(number, ORIGINS_EACH):
                file.write(f"customer-{number},{pattern},true,OPS-{number}\n")


def _patterns(number: int, count: int) -> list[str]:
    return [f"https://app-{place}.customer-{number}.example.com" for place in range(count)]


def _import(
    url: str, database: str, path: Path, origins: int, *, before: Path | None = None
) -> Iterator[Row]:
    what = f"{database}, {origins:,} origins from {path.suffix[1:].upper()}"
    found = _run(url, "corsadmin", path, before)
    yield Row("import", f"{what}", origins / found["seconds"], "rows/s", 20_000, at_least=True)
    yield Row("import", f"{what}, of the processor", origins / found["worked"], "rows/s")
    yield Row("import", f"{what}, again, no change", origins / found["again"], "rows/s")
    yield Row("import", f"{what}, address space", found["peak"], "MB", LIMIT)


def _compare(url: str, library: str, path: Path, before: Path) -> Row:
    found = _run(url, library, path, before)
    name = f"SQLite, {_PEER_ROWS:,} origins from CSV, {library}"
    return Row("import beside django-import-export", name, _PEER_ROWS / found["seconds"], "rows/s")


def _run(url: str, library: str, path: Path, before: Path | None) -> dict[str, float]:
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.transfer_worker", library, path, before or ""],
        env={**os.environ, "DATABASE_URL": url},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, float] = json.loads(ended.stdout)
    return found
