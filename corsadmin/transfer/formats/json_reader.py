"""Read JSON piece by piece, so that a file of any size needs little memory."""

import json
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from corsadmin.transfer.formats.document_source import BrokenTextError, DocumentValue, make_object

MAX_VALUE: Final = 1_000_000  # characters of one value; no row is that long
_SPACE: Final = " \t\n\r"


class JsonStream:
    """A Source that reads JSON from pieces of text. Every method may raise BrokenTextError."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._at = 0
        self._line, self._column = 1, 1  # of the beginning of _text
        self._decoder = json.JSONDecoder(
            object_pairs_hook=make_object, parse_constant=self._refuse_constant
        )

    def is_object(self) -> bool:
        return self._peek() == "{"

    def is_array(self) -> bool:
        return self._peek() == "["

    def keys(self) -> Iterator[str]:
        self._take("{")
        if self._peek() == "}":
            self._take("}")
            return
        while True:
            if self._peek() != '"':
                raise self._broken(_("a key in double quotes is expected"))
            name = str(self.value())
            self._take(":")
            yield name
            if not self._goes_on("}"):
                return

    def elements(self) -> Iterator[int]:
        self._take("[")
        if self._peek() == "]":
            self._take("]")
            return
        index = 0
        while True:
            yield index
            index += 1
            if not self._goes_on("]"):
                return

    def value(self) -> DocumentValue:
        self._peek()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._grow():
                    continue
                if self._is_long():
                    raise self._broken(_("a value is longer than a row can be")) from None
                raise self._broken(_reason(error.msg), error.pos) from None
            except RecursionError:
                raise self._broken(_("it is nested too deeply")) from None
            except ValueError:
                raise self._broken(_("a number has too many digits")) from None
            # A number at the very end of the piece might continue in the next one.
            if end < len(self._text) or not self._grow():
                self._at = end
                return found

    def at_hand(self) -> dict[str, object] | None:
        self._peek()
        try:
            found, end = self._decoder.raw_decode(self._text, self._at)
        except (ValueError, RecursionError, BrokenTextError):
            # The piece ends within the value, or the value is broken: walking it shows where.
            return None
        if type(found) is not dict:
            return None
        self._at = end
        return found

    def end(self) -> None:
        if self._peek():
            raise self._broken(_("more text follows after the end"))

    def _goes_on(self, closing: str) -> bool:
        """Take a comma and report True, or the closing bracket and report False."""
        if self._peek() == closing:
            self._take(closing)
            return False
        self._take(",")
        if self._peek() == closing:
            raise self._broken(_("there is a comma before the closing bracket"))
        return True

    def _take(self, sign: str) -> None:
        found = self._peek()
        if found != sign:
            wanted = _("“%(sign)s” is expected") if found else _("it ends before “%(sign)s”")
            raise self._broken(wanted % {"sign": sign})
        self._at += 1

    def _peek(self) -> str:
        """Return the next character that is not a space, blank at the end."""
        if self._at < len(self._text):
            # The usual case, without a space, must be fast: this runs very often.
            found = self._text[self._at]
            if found not in _SPACE:
                return found
        while True:
            text, at = self._text, self._at
            while at < len(text) and text[at] in _SPACE:
                at += 1
            self._at = at
            if at < len(text):
                return text[at]
            if not self._grow():
                return ""

    def _grow(self) -> bool:
        """Add a piece to the text and drop what has been read; report False at the end."""
        if self._is_long():
            return False
        piece = next(self._pieces, "")
        if piece:
            self._line, self._column = self._position(self._at)
            self._text = self._text[self._at :] + piece
            self._at = 0
        return bool(piece)

    def _is_long(self) -> bool:
        return len(self._text) - self._at > MAX_VALUE

    def _position(self, at: int) -> tuple[int, int]:
        lines = self._text.count("\n", 0, at)
        column = at - self._text.rfind("\n", 0, at) if lines else self._column + at
        return self._line + lines, column

    def _broken(self, reason: str, at: int | None = None) -> BrokenTextError:
        line, column = self._position(self._at if at is None else at)
        return BrokenTextError(f"line {line}, column {column}", reason)

    def _refuse_constant(self, name: str) -> None:
        raise self._broken(_("%(name)s is not valid JSON") % {"name": name})


def _reason(message: str) -> str:
    said = f"{message[:1].lower()}{message[1:].removesuffix(' starting at')}"
    return _("it is not valid JSON (%(reason)s)") % {"reason": said}
