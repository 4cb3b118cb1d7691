"""Lines without the characters that nobody sees, and the way back to what stands there."""

import re
from typing import Final

_ENDS: Final = re.compile(r"\r\n|\r|\n")
# Soft hyphen, zero-width spaces, marks of direction, byte order mark. A joiner belongs to the name
# within Persian or Hindi words, and is an accident beside ASCII.
_HIDDEN: Final = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
    "|(?<![^\\x00-\\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\\x00-\\x7f])"
)


def lines_of(text: str) -> list[str]:
    """Return the lines of a text without their ends."""
    return _ENDS.split(text)


class VisibleLine:
    """A line as people see it; `text` has none of the characters that nobody sees."""

    def __init__(self, written: str) -> None:
        self.written = written
        self.text = written
        self._places: list[int] | None = None
        hidden = {match.start() for match in _HIDDEN.finditer(written)}
        if hidden:
            self._places = [place for place in range(len(written)) if place not in hidden]
            self.text = "".join(written[place] for place in self._places)

    def written_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of `text`, which is not empty, stands in the line as written."""
        if self._places is None:
            return start, end
        return self._places[start], self._places[end - 1] + 1
