"""Parse nginx's configuration into directives with line numbers, as nginx parses it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from corsadmin.transfer.formats.document_source import BrokenTextError

_MAX_DEPTH: Final = 20
# No working configuration contains these, and `variables` uses some as stand-ins.
_CONTROLS: Final = frozenset(map(chr, range(32))) - frozenset("\t\r\n")
# Characters that a backslash escapes; before any other, the backslash stays.
_ESCAPED: Final = {'"': '"', "'": "'", "\\": "\\", "t": "\t", "r": "\r", "n": "\n"}


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive. In a map, `name` is the key. `block` is None for a directive without one."""

    name: str
    arguments: tuple[str, ...]
    block: tuple["Directive", ...] | None = None
    # Equal directives compare equal, whatever their lines.
    line: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"line {self.line}: {' '.join((self.name, *self.arguments))}"


def parse_directives(text: str) -> tuple[Directive, ...]:
    """Return the directives of a file. Raises BrokenTextError, which names the line."""
    control = next((sign for sign in _CONTROLS if sign in text), "")
    if control:
        line = text.count("\n", 0, text.index(control)) + 1
        raise BrokenTextError(f"line {line}", f"line {line}: it has a control character")
    return tuple(_directives(_tokens(text), 0, 1))


def descendants(block: Directive) -> Iterator[Directive]:
    """Yield all directives within a directive, at any depth."""
    for one in block.block or ():
        yield one
        yield from descendants(one)


def _directives(
    tokens: Iterator[tuple[int, str, str]], depth: int, last: int
) -> Iterator[Directive]:
    words: list[str] = []
    start = 0
    for line, kind, word in tokens:
        last = line
        if kind == "word":
            start = start if words else line
            words.append(word)
            continue
        if kind == "}":
            if words or not depth:
                raise BrokenTextError(f"line {line}", f"line {line}: unexpected }}")
            return
        if not words:
            raise BrokenTextError(f"line {line}", f"line {line}: unexpected {kind}")
        if kind == "{" and depth == _MAX_DEPTH:
            raise BrokenTextError(f"line {line}", f"line {line}: it is nested too deeply")
        block = tuple(_directives(tokens, depth + 1, line)) if kind == "{" else None
        yield Directive(words[0], tuple(words[1:]), block, start)
        words = []
    if words or depth:
        raise BrokenTextError(f"line {last}", f"line {last}: the file ends within a directive")


def _tokens(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line, kind, text): a word, or one of ; { }."""
    place, line, end = 0, 1, len(text)
    while place < end:
        sign = text[place]
        if sign in " \t\r\n":
            line += sign == "\n"
            place += 1
        elif sign == "#":
            newline = text.find("\n", place)
            place = end if newline < 0 else newline
        elif sign in ";{}":
            yield line, sign, sign
            place += 1
        else:
            after = (
                _end_of_quoted(text, place, line) if sign in "\"'" else _end_of_bare(text, place)
            )
            word = text[place + 1 : after - 1] if sign in "\"'" else text[place:after]
            yield line, "word", _unescaped(word)
            line += text.count("\n", place, after)
            place = after


def _end_of_quoted(text: str, start: int, line: int) -> int:
    place = start + 1
    while place < len(text) and text[place] != text[start]:
        place += 1 + (text[place] == "\\")
    after = place + 1
    if place >= len(text):
        raise BrokenTextError(f"line {line}", f"line {line}: a quotation mark is not closed")
    if text[after : after + 1].strip(" \t\r\n;{)"):
        reason = f"line {line}: unexpected {text[after]} after a quotation mark"
        raise BrokenTextError(f"line {line}", reason)
    return after


def _end_of_bare(text: str, start: int) -> int:
    place = start
    while place < len(text):
        sign = text[place]
        # ${name} is a variable; any other brace begins a block.
        if sign in " \t\r\n;" or (sign == "{" and text[place - 1] != "$"):
            break
        place += 1 + (sign == "\\")
    return min(place, len(text))


def _unescaped(word: str) -> str:
    if "\\" not in word:
        return word
    found, place = "", 0
    while place < len(word):
        pair = word[place : place + 2]
        if pair[0] == "\\" and pair[1:] in _ESCAPED:
            found += _ESCAPED[pair[1]]
            place += 2
        elif pair[0] == "\\":
            found += pair
            place += 2
        else:
            found += pair[0]
            place += 1
    return found
