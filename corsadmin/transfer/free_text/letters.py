"""Lines without invisible characters, and the way back to the original places."""

import re
from typing import Final

_ENDS: Final = re.compile(r"\r\n|\r|\n")
# Soft hyphen, zero-width spaces, direction marks, byte order mark. Within Persian or Hindi words, a
# joiner is part of the name; beside ASCII it is an accident.
_HIDDEN: Final = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
    "|(?<![^\\x00-\\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\\x00-\\x7f])"
)


def lines_of(text: str) -> list[str]:
    """Return the lines of a text without their ends."""
    return _ENDS.split(text)


class VisibleLine:
    """A line as people see it: `text` has no invisible characters, `written` has all."""

    def __init__(self, written: str) -> None:
        self.written = written
        self.text = written
        self._places: list[int] | None = None
        hidden = {match.start() for match in _HIDDEN.finditer(written)}
        if hidden:
            self._places = [place for place in range(len(written)) if place not in hidden]
            self.text = "".join(written[place] for place in self._places)

    def written_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in `written` of a part of `text`, which must not be empty."""
        if self._places is None:
            return start, end
        return self._places[start], self._places[end - 1] + 1
