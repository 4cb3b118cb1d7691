"""Open a file to import and read it as text, or say in one sentence why not."""

import codecs
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from django.utils.translation import gettext as _

from corsadmin.transfer.formats.document_source import BrokenTextError

STANDARD_INPUT: Final = "-"
_PIECE: Final = 1 << 16
_FOREIGN_MARKS: Final = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


@contextmanager
def open_input(name: str) -> Iterator[IO[bytes]]:
    """Open a file, or standard input for `-`. Raises BrokenTextError if it cannot be opened."""
    if name == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 (closed below)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BrokenTextError("", reason) from None
    with file:
        yield file


def read_pieces(file: IO[bytes]) -> Iterator[str]:
    """Yield the text of a UTF-8 file piece by piece, without its byte order mark.

    Raises BrokenTextError for another encoding, for NUL, and for an empty file.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    done = 0
    while True:
        piece = file.read(_PIECE)
        if not done:
            piece = _check_beginning(piece)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            place = f"byte {done + error.start}"
            raise BrokenTextError(place, _("it is not UTF-8 text; save it as UTF-8")) from None
        if "\0" in text:
            raise BrokenTextError("", _("it contains a NUL character, so it is not text"))
        if text:
            yield text
        if not piece:
            return
        done += len(piece)


def _check_beginning(piece: bytes) -> bytes:
    for mark, name in _FOREIGN_MARKS.items():
        if piece.startswith(mark):
            reason = _("it is written in %(encoding)s; save it as UTF-8") % {"encoding": name}
            raise BrokenTextError("", reason)
    if not piece:
        raise BrokenTextError("", _("it is empty"))
    return piece.removeprefix(codecs.BOM_UTF8)
