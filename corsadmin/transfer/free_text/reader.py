"""Read a text line by line, and classify each address with the help of the engine."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from corsadmin.engine.hosts import check_host
from corsadmin.engine.origins import parse_pattern
from corsadmin.engine.problems import PolicyError, Problem
from corsadmin.transfer.free_text import labels, layout
from corsadmin.transfer.free_text.addresses import WrittenAddress, written_addresses
from corsadmin.transfer.free_text.finds import Doubt, Find, FindKind, TextLine
from corsadmin.transfer.free_text.layout import Table
from corsadmin.transfer.free_text.letters import VisibleLine
from corsadmin.transfer.free_text.references import is_reference

MAX_WORDS: Final = 6  # words of prose in a line that still belongs to the list above it
MAX_LISTED: Final = 20  # addresses in a list to which the words after the last one apply
_ALONE: Final = ("*", "null")


def read_lines(lines: Iterable[str], most: int | None = None) -> Iterator[TextLine]:
    """Yield the lines of a text as they are read, each with its finds.

    With `most`, stops after the line with the find that is one too many.
    """
    reader = _TextReader()
    left = None if most is None else most + 1
    for number, line in enumerate(lines, 1):
        finds = tuple(reader.read(number, line, left))
        yield TextLine(number, line, finds)
        if left is not None:
            left -= len(finds)
            if not left:
                return


class _TextReader:
    """Reads lines in order, and remembers what they say about the next one."""

    def __init__(self) -> None:
        self._section: FindKind | None = None
        self._table: Table | None = None
        self._is_signature = False
        self._depth = 0
        self._before = ""  # the line before, if it is prose

    def read(self, number: int, written: str, most: int | None) -> Iterator[Find]:
        """Yield the finds in the next line, at most `most`."""
        line = VisibleLine(written)
        plain = layout.without_quoting(line.text)
        if plain in _ALONE:
            yield _alone(number, line, plain)
            return
        found = [] if layout.is_route(plain) else [*islice(written_addresses(line.text), most)]
        if layout.names_people(plain):
            found = [one for one in found if one.has_scheme]
        self._turn(line.text, plain, found)
        gaps = _gaps(line.text, found)
        kinds = self._kinds(line.text, found, gaps)
        unwanted = False
        for place, (one, said_kind) in enumerate(zip(found, kinds, strict=True)):
            said = labels.is_unwanted(gaps[place], _behind(gaps, place))
            if said is not None or not labels.continues(gaps[place]):
                unwanted = bool(said)
            kind = _kind(one, said_kind)
            doubt = Doubt.UNWANTED if unwanted else self._doubt(one, kind, gaps[place])
            yield _find(number, line, one, kind, doubt)

    def _turn(self, text: str, plain: str, found: list[WrittenAddress]) -> None:
        """Note whether a letter, a list or a table begins or ends."""
        depth = layout.depth(text)
        if depth != self._depth or layout.begins_anew(text):
            self._is_signature = False
        self._depth = depth
        if not found and layout.ends_letter(text):
            self._is_signature, self._section = True, None
        if self._table is not None and not self._table.holds(text):
            self._table = None
        before, self._before = self._before, "" if found else plain
        if not plain or found:
            return
        if layout.is_underline(plain):
            self._section = labels.only(before)
            return
        is_heading = layout.is_heading(plain)
        self._section = labels.only(plain) if is_heading else None
        self._table = self._table or (None if is_heading else Table.headed(text))

    def _kinds(
        self, text: str, found: list[WrittenAddress], gaps: list[str]
    ) -> list[FindKind | None]:
        """Return what the text calls each address of a line, None if it does not say."""
        kinds: list[FindKind | None] = []
        is_listed = sum(len(gap.split()) for gap in gaps) <= MAX_WORDS
        for place, one in enumerate(found):
            said = self._table.kind_at(text, one.start) if self._table else None
            said = said or labels.before(gaps[place])
            if said in (None, FindKind.EITHER):
                said = labels.after(gaps[place + 1]) or said
            if said is None and kinds and not self._table and labels.continues(gaps[place]):
                said = kinds[-1]
            if said is None and is_listed:
                said = self._section
            kinds.append(said)
        if found and not is_listed:
            self._section = None
        return kinds

    def _doubt(self, one: WrittenAddress, kind: FindKind, before: str) -> Doubt:
        """Return why a person must look at an address of this kind."""
        doubt = _spelling(one)
        host = _host_in(_as_origin(one.plain)[0])
        if self._is_signature:
            doubt = Doubt.SIGNATURE
        elif kind is FindKind.HOST:
            doubt = Doubt.NONE
        elif is_reference(host, one.tail, before):
            doubt = Doubt.REFERENCE
        elif one.is_cut or _is_one_label(one.plain, host):
            doubt = Doubt.CUT
        return doubt


def _spelling(one: WrittenAddress) -> Doubt:
    """Return how the spelling of an address differs from what a browser sends."""
    spelled = (
        (one.is_misspelled, Doubt.MISSPELLED),
        (one.is_wrapped, Doubt.WRAPPED),
        (one.is_defanged, Doubt.DEFANGED),
        (not one.has_scheme, Doubt.NO_SCHEME),
    )
    return next((doubt for is_so, doubt in spelled if is_so), Doubt.NONE)


def _kind(one: WrittenAddress, said: FindKind | None) -> FindKind:
    """Return the kind of an address, by what the text calls it and by its own name."""
    if said is FindKind.HOST or said is FindKind.ORIGIN or one.has_scheme:
        return said if said is FindKind.HOST else FindKind.ORIGIN
    return FindKind.EITHER if labels.is_like_api(one.plain) else FindKind.ORIGIN


def _find(
    number: int, line: VisibleLine, one: WrittenAddress, kind: FindKind, doubt: Doubt
) -> Find:
    start, end = line.written_span(one.start, one.end)
    origin, problem = _as_origin(one.plain)
    host, host_problem = _as_host(one.plain)
    return Find(
        number,
        start + 1,
        line.written[start:end],
        kind,
        origin,
        host,
        doubt,
        host_problem if kind is FindKind.HOST else problem,
        has_invisible=end - start > len(one.text),
    )


def _gaps(text: str, found: list[WrittenAddress]) -> list[str]:
    """Return the text before each address of a line, and after the last one."""
    ends = [0, *(one.end for one in found)]
    starts = [*(one.start for one in found), len(text)]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


def _behind(gaps: list[str], place: int) -> str:
    """Return the words after a list of addresses, such as “are no longer needed” after “A and B”."""
    for gap in gaps[place + 1 : place + MAX_LISTED]:
        if not labels.continues(gap):
            return gap
    return ""


def _alone(number: int, line: VisibleLine, plain: str) -> Find:
    """Return the find for a line that contains only `null` or `*`."""
    column = line.written.find(plain) + 1
    _none, problem = _as_origin(plain)
    return Find(number, column, plain, FindKind.ORIGIN, "", "", problem=problem)


def _host_in(origin: str) -> str:
    return origin.partition("://")[2].partition(":")[0]


def _is_one_label(text: str, host: str) -> bool:
    """Report whether the host of an http address has no dot, so that its rest may be missing."""
    is_web = text[:4].lower() == "http"
    return is_web and host != "" and not {".", "["}.intersection(host) and host != "localhost"


def _as_origin(text: str) -> tuple[str, Problem | None]:
    """Return the origin or pattern that the engine suggests for a text, and the problem, if any."""
    try:
        parse_pattern(text)
    except PolicyError as error:
        (problem,) = error.problems
        return problem.suggestion, problem
    return text, None


def _as_host(text: str) -> tuple[str, Problem | None]:
    """Return the host that the engine suggests for a text, and the problem, if any."""
    problem = check_host(text)
    return (text, None) if problem is None else (problem.suggestion, problem)
