"""The formats of files, and the functions that read and write each."""

from collections.abc import Callable, Collection, Container, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import IO, Final

from corsadmin.models.access import Access
from corsadmin.transfer.exporting import read_tenants
from corsadmin.transfer.formats.bounds import Bounds
from corsadmin.transfer.formats.csv_format import write_csv
from corsadmin.transfer.formats.document import walk
from corsadmin.transfer.formats.input_file import read_pieces
from corsadmin.transfer.formats.json_reader import JsonStream
from corsadmin.transfer.formats.json_writer import write_json
from corsadmin.transfer.formats.rejects import (
    Rejects,
    write_csv_rejects,
    write_json_rejects,
    write_yaml_rejects,
)
from corsadmin.transfer.formats.tables import STRICT, open_table
from corsadmin.transfer.formats.xlsx_format import write_xlsx
from corsadmin.transfer.formats.yaml_format import open_yaml, write_yaml
from corsadmin.transfer.records.check import Record
from corsadmin.transfer.records.diagnostics import Fault
from corsadmin.transfer.records.record_types import KINDS, ORIGIN, Kind

Slugs = Container[str] | None


@dataclass(frozen=True, slots=True)
class Format:
    """One format. `kinds` are the kinds of rows that it carries; `read` may raise BrokenTextError.

    `read` receives what the user may do, None for everything: a table may name only tenants that the
    user sees.
    """

    kinds: tuple[Kind, ...]
    read: Callable[[IO[bytes], Slugs, Bounds, Access | None], Iterator[Record | Fault]]
    write: Callable[[Collection[str] | None], Iterable[str] | Iterable[bytes]]
    write_rejects: Callable[[Rejects], Iterable[str]]


def format_for(name: str) -> str:
    """Return the name of the format by the suffix of a file's name; JSON for an unknown suffix."""
    return SUFFIXES.get(PurePath(name).suffix.lower(), "json")


def _read_table(
    name: str, file: IO[bytes], only: Slugs, bounds: Bounds, access: Access | None
) -> Iterator[Record | Fault]:
    for entry in open_table(file, name, bounds, STRICT, access).records():
        if only is None or isinstance(entry, Fault) or entry.tenant in only:
            yield entry


def _read_yaml(
    file: IO[bytes], only: Slugs, bounds: Bounds, _access: Access | None
) -> Iterator[Record | Fault]:
    yield from walk(open_yaml(file, bounds), only)


FORMATS: Final[dict[str, Format]] = {
    "json": Format(
        KINDS,
        lambda file, only, *_others: walk(JsonStream(read_pieces(file)), only),
        lambda slugs: write_json(read_tenants(slugs)),
        write_json_rejects,
    ),
    "yaml": Format(
        KINDS,
        _read_yaml,
        lambda slugs: write_yaml(read_tenants(slugs)),
        write_yaml_rejects,
    ),
    "csv": Format(
        (ORIGIN,),
        partial(_read_table, "csv"),
        lambda slugs: write_csv(read_tenants(slugs)),
        write_csv_rejects,
    ),
    "xlsx": Format(
        (ORIGIN,),
        partial(_read_table, "xlsx"),
        lambda slugs: write_xlsx(read_tenants(slugs)),
        # CSV holds all that rejected rows need.
        write_csv_rejects,
    ),
}
SUFFIXES: Final = {
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
}
