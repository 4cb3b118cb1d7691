"""What is found in a text: each find with what it was made from and what a person must decide."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from corsadmin.engine.problems import Problem


class FindKind(StrEnum):
    """What a find can be; EITHER where the text does not say which of the two."""

    ORIGIN = "origin"
    HOST = "host"
    EITHER = "either"


class Doubt(StrEnum):
    """Why a person must look at a find, beyond its spelling."""

    NONE = ""
    NO_SCHEME = "no-scheme"
    DEFANGED = "defanged"
    WRAPPED = "wrapped"
    CUT = "cut"
    MISSPELLED = "misspelled"
    SIGNATURE = "signature"
    REFERENCE = "reference"
    UNWANTED = "unwanted"


# What a text means where it is spelled in one of these ways is beyond doubt.
_SPELLINGS: Final = frozenset({
    Doubt.NONE, Doubt.NO_SCHEME, Doubt.DEFANGED, Doubt.WRAPPED, Doubt.MISSPELLED,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Find:
    """One address in a text.

    `text` is exactly what stands there, from `column` of `line` on, both counted from 1. `origin` and
    `host` are what it can become, blank where it cannot become that; what the text says is in `kind`.
    `problem` is what the engine finds wrong with it as it stands there.
    """

    line: int
    column: int
    text: str
    kind: FindKind
    origin: str
    host: str
    doubt: Doubt = Doubt.NONE
    problem: Problem | None = None
    has_invisible: bool = False

    @property
    def value(self) -> str:
        """What it becomes if nobody says otherwise, blank if it cannot become anything."""
        return self.host if self.kind is FindKind.HOST else self.origin

    @property
    def is_exact(self) -> bool:
        """Report whether it becomes what stands there, letter for letter, and nothing is in doubt."""
        return self.is_likely and self.text == self.value != ""

    @property
    def is_likely(self) -> bool:
        """Report whether the text leaves no doubt about what is meant, only about its spelling."""
        return self.doubt in _SPELLINGS and self.kind is not FindKind.EITHER


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of a text with what was found in it; the rest of it is prose."""

    number: int
    text: str
    finds: tuple[Find, ...] = ()

    def pieces(self) -> list[tuple[str, bool]]:
        """Return the line in pieces, each with whether it was found."""
        pieces, end = [], 0
        for find in self.finds:
            start = find.column - 1
            pieces += [(self.text[end:start], False), (find.text, True)]
            end = start + len(find.text)
        return [piece for piece in (*pieces, (self.text[end:], False)) if piece[0]]
