"""Read several files, or a folder of them, as one input."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from corsadmin.models.access import Access
from corsadmin.transfer.formats.bounds import COMMAND
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.input_file import STANDARD_INPUT, open_input
from corsadmin.transfer.formats.registry import FORMATS, SUFFIXES, format_for
from corsadmin.transfer.records.check import Record
from corsadmin.transfer.records.diagnostics import Fault, fault
from corsadmin.transfer.records.record_types import Kind


def list_files(names: Iterable[str]) -> list[str]:
    """Return the files; each folder is replaced by the sorted files below it with a known suffix."""
    found: list[str] = []
    for name in names:
        if name != STANDARD_INPUT and Path(name).is_dir():
            found.extend(map(str, sorted(_below(name))))
        else:
            found.append(name)
    return found


def kinds_of(names: Iterable[str]) -> tuple[Kind, ...] | None:
    """Return the kinds that the files carry, or None if some are documents and some are tables."""
    carried = {FORMATS[format_for(name)].kinds for name in names}
    return carried.pop() if len(carried) == 1 else None


def read_files(names: Iterable[str], access: Access | None) -> Iterator[Record | Fault]:
    """Yield the entries of all files; each place begins with the file's name.

    `access` is what the user may do, None for everything.
    """
    for name in names:
        try:
            with open_input(name) as file:
                for entry in FORMATS[format_for(name)].read(file, None, COMMAND, access):
                    yield replace(entry, place=_within(name, entry.place))
        except BrokenTextError as error:
            yield fault(_within(name, error.place), "unreadable", error.reason)
        except OSError as error:
            yield fault(name, "unreadable", error.strerror)


def _within(name: str, place: str) -> str:
    return f"{name}: {place}" if place else name


def _below(folder: str) -> Iterator[Path]:
    """Yield the files with a known suffix in a folder and its subfolders, except hidden ones."""
    # os.walk does not follow links to folders, which could form a circle.
    for place, inside, names in os.walk(folder):
        inside[:] = [name for name in inside if not name.startswith(".")]
        for name in names:
            path = Path(place, name)
            if path.suffix.lower() in SUFFIXES and not name.startswith("."):
                yield path
