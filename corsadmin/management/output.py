"""Write the file that a command makes to standard output or to a named file."""

from argparse import ArgumentParser
from collections.abc import Generator, Iterable
from pathlib import Path

from django.core.management.base import CommandError, OutputWrapper

from corsadmin.transfer.formats.output_file import save


def add_output(parser: ArgumentParser) -> None:
    """Add --output and --force, so that a command can write to a file."""
    parser.add_argument(
        "--output",
        default="-",
        metavar="FILE",
        help="write to this file, which only its owner may read (default: standard output)",
    )
    parser.add_argument("--force", action="store_true", help="replace a file that exists")


def add_tenants(parser: ArgumentParser) -> None:
    """Add --tenant, which chooses the tenants whose rows a command writes."""
    parser.add_argument(
        "--tenant",
        action="append",
        metavar="SLUG",
        help="only this tenant; may be repeated (default: all tenants)",
    )


def put_out(
    out: OutputWrapper, name: str, pieces: Iterable[str] | Iterable[bytes], *, force: bool
) -> None:
    """Write a file piece by piece, or standard output for `-`. Raises CommandError."""
    if name == "-":
        _print(out, pieces)
    else:
        _save(Path(name), pieces, force=force)


def _print(out: OutputWrapper, pieces: Iterable[str] | Iterable[bytes]) -> None:
    try:
        for piece in pieces:
            if isinstance(piece, bytes):
                message = "A workbook is not text: name a file for it with --output FILE."
                raise CommandError(message)
            out.write(piece, ending="")
        out.flush()
    finally:
        # Close it now, not when it is collected: it reads from a connection.
        if isinstance(pieces, Generator):
            pieces.close()


def _save(path: Path, pieces: Iterable[str] | Iterable[bytes], *, force: bool) -> None:
    try:
        save(path, pieces, force=force)
    except FileExistsError:
        message = f"{path} exists. Choose another name, or --force to replace it."
        raise CommandError(message) from None
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}."
        raise CommandError(message) from None
