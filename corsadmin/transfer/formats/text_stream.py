"""The bytes of a table as UTF-8, whatever encoding a spreadsheet used."""

import codecs
import io
import re
from typing import IO, Any, Final

from django.utils.translation import gettext as _

from corsadmin.transfer.formats.document_source import BrokenTextError

WINDOWS: Final = "Windows-1252"
_PIECE: Final = 1 << 16
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Characters that nearly every binary file contains, and no text of an old spreadsheet.
_FOREIGN: Final = re.compile("[\x00-\x08\x0e-\x1f\ufffd]")


class Utf8Stream(io.RawIOBase):
    """A file as UTF-8. `encoding` is the encoding detected so far.

    A byte order mark decides between UTF-8 and UTF-16. Without one, a text whose first character
    beyond ASCII is not valid UTF-8 is read as Windows-1252, in which German and Spanish spreadsheets
    save CSV, unless `strict` is set. Reading raises BrokenTextError.
    """

    def __init__(self, file: IO[bytes], *, strict: bool) -> None:
        self._file = file
        self._strict = strict
        self._ready = b""
        self._is_ascii = True
        first = file.read(_PIECE)
        self.encoding = "UTF-16" if first[:2] in _UTF16 else "UTF-8"
        name = "utf-16" if self.encoding == "UTF-16" else "utf-8-sig"
        self._decoder: Any = codecs.getincrementaldecoder(name)()
        self._take(first)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            piece = self._file.read(_PIECE)
            self._take(piece)
            if not piece:
                break
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _take(self, piece: bytes) -> None:
        held: bytes = self._decoder.getstate()[0]
        try:
            text: str = self._decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            text = self._decode_otherwise(held + piece, error)
        if self.encoding == WINDOWS and _FOREIGN.search(text):
            raise self._broken()
        self._is_ascii = self._is_ascii and text.isascii()
        self._ready = text.encode()

    def _decode_otherwise(self, content: bytes, error: UnicodeDecodeError) -> str:
        before = content[: error.start].isascii()
        if self._strict or self.encoding != "UTF-8" or not (self._is_ascii and before):
            raise self._broken() from None
        self.encoding = WINDOWS
        self._decoder = codecs.getincrementaldecoder("cp1252")("replace")
        text: str = self._decoder.decode(content)
        return text

    def _broken(self) -> BrokenTextError:
        name = "UTF-8" if self.encoding == WINDOWS else self.encoding
        reason = _("it is not %(encoding)s text; save it as UTF-8") % {"encoding": name}
        return BrokenTextError("", reason)


def read_text_of(content: bytes) -> tuple[str, str]:
    """Return the text of a table, and its encoding. Raises BrokenTextError."""
    stream = Utf8Stream(io.BytesIO(content), strict=False)
    text = b"".join(iter(lambda: stream.read(_PIECE), b"")).decode()
    return text, stream.encoding
