"""Measure the XML of a workbook, piece by piece, before a parser sees it."""

import codecs
import re
from typing import Final

from django.utils.translation import gettext as _

from corsadmin.transfer.formats.document_source import BrokenTextError

# Expat before 2.6 rereads an unfinished token with every new piece. A token ends before the next “<”,
# and so does the text of a cell, which has at most 32,767 characters, each perhaps escaped.
MAX_STRETCH: Final = 300_000  # bytes
# These may contain “<” themselves, up to their closing.
_CLOSINGS: Final = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_MAX_CLOSING: Final = max(map(len, _CLOSINGS))
_OPENING: Final = re.compile(rb"<[!?]")
# The beginnings of a part that a parser may read as XML; NUL and the marks occur in UTF-16.
_XML: Final = (b"<", b"\0", codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SPACE: Final = b" \t\r\n"


class Markup:
    """Counts an upper bound of the tags and attributes of one part of a workbook.

    A part that is not XML, such as a picture, has none.
    """

    def __init__(self) -> None:
        self.tags = self.attributes = 0
        self._is_xml: bool | None = None
        self._rest = b""  # the end of a piece, where an opening or a closing may have begun
        self._closing = b""
        self._stretch = 0  # bytes since the latest tag began

    def take(self, piece: bytes) -> None:
        """Take the next bytes. Raises BrokenTextError for XML that no spreadsheet writes."""
        if self._is_xml is None:
            beginning = piece.removeprefix(codecs.BOM_UTF8).lstrip(_SPACE)
            self._is_xml = not beginning or beginning.startswith(_XML)
        if not self._is_xml:
            return
        if b"\0" in piece:
            raise BrokenTextError("", _("part of the workbook is not encoded in UTF-8"))
        self.attributes += piece.count(b"=")
        text, at = self._rest + piece, 0
        self._rest = b""
        while at < len(text):
            at = self._skip(text, at) if self._closing else self._count(text, at)

    def _count(self, text: bytes, at: int) -> int:
        """Count up to the next opening, and return the place after it."""
        found = _OPENING.search(text, at)
        end = found.start() if found else len(text) - text.endswith(b"<")
        first, *others = text[at:end].split(b"<")
        self._grow(len(first))
        for length in map(len, others):
            self._stretch = 0
            self._grow(length)
        self.tags += len(others)
        self._rest = text[end:]
        if len(self._rest) < _MAX_CLOSING:
            return len(text)
        opening = next((one for one in _CLOSINGS if self._rest.startswith(one)), b"")
        if not opening:
            raise BrokenTextError("", _("part of the workbook declares a document type"))
        self._rest, self._closing, self._stretch = b"", _CLOSINGS[opening], 0
        self.tags += 1
        return end + len(opening)

    def _skip(self, text: bytes, at: int) -> int:
        """Skip to the closing of a comment or the like, and return the place after it."""
        end = text.find(self._closing, at)
        if end < 0:
            end = max(at, len(text) - len(self._closing) + 1)
            self._grow(end - at)
            self._rest = text[end:]
            return len(text)
        self._grow(end - at)
        after = end + len(self._closing)
        self._closing = b""
        return after

    def _grow(self, length: int) -> None:
        self._stretch += length
        if self._stretch > MAX_STRETCH:
            raise BrokenTextError("", _("a tag or text in the workbook is too long"))
