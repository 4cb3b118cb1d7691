"""The finds in a text: what each was made from, what it can become, and what a person must decide."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from corsadmin.engine.problems import Problem


class FindKind(StrEnum):
    """What a find is: an origin, a host, or EITHER if the text does not say."""

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


# Doubts about the spelling only: what the text means is certain.
_SPELLINGS: Final = frozenset({
    Doubt.NONE, Doubt.NO_SCHEME, Doubt.DEFANGED, Doubt.WRAPPED, Doubt.MISSPELLED,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Find:
    """One address in a text.

    `text` is the exact text at `column` of `line`, both counted from 1. `kind` is what the text
    around it calls it. `origin` and `host` are what it can become, blank if it cannot. `problem` is
    what the engine finds wrong with the exact text.
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
        """Return what the find becomes by default, blank if it cannot become anything."""
        return self.host if self.kind is FindKind.HOST else self.origin

    @property
    def is_exact(self) -> bool:
        """Report whether the find becomes exactly its text and nothing is in doubt."""
        return self.is_likely and self.text == self.value != ""

    @property
    def is_likely(self) -> bool:
        """Report whether the meaning is certain; the spelling may still be in doubt."""
        return self.doubt in _SPELLINGS and self.kind is not FindKind.EITHER


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of a text with the finds in it; the rest is prose."""

    number: int
    text: str
    finds: tuple[Find, ...] = ()

    def pieces(self) -> list[tuple[str, bool]]:
        """Return the line in pieces, each with whether it is a find."""
        pieces, end = [], 0
        for find in self.finds:
            start = find.column - 1
            pieces += [(self.text[end:start], False), (find.text, True)]
            end = start + len(find.text)
        return [piece for piece in (*pieces, (self.text[end:], False)) if piece[0]]
