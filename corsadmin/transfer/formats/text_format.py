"""Read the origins in a text that people send, such as an e-mail, for one tenant."""

from collections.abc import Iterable, Iterator
from typing import IO, Final

from django.utils.translation import gettext as _

from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.input_file import read_pieces
from corsadmin.transfer.free_text.finds import Doubt, Find, FindKind
from corsadmin.transfer.free_text.letters import lines_of
from corsadmin.transfer.free_text.reader import read_lines
from corsadmin.transfer.records.check import Record
from corsadmin.transfer.records.diagnostics import fault, file_value
from corsadmin.transfer.records.record_types import ORIGIN

MAX_TEXT: Final = 1_000_000  # characters
MAX_FINDS: Final = 10_000
_DOUBTS: Final = {
    Doubt.DEFANGED: "text-defanged",
    Doubt.WRAPPED: "text-wrapped",
    Doubt.CUT: "text-cut",
    Doubt.MISSPELLED: "text-misspelled",
    Doubt.SIGNATURE: "text-signature",
    Doubt.REFERENCE: "text-reference",
    Doubt.UNWANTED: "text-unwanted",
}
_KINDS: Final = {FindKind.HOST: "text-host", FindKind.EITHER: "text-either"}


def read_text(file: IO[bytes], slug: str) -> Iterator[Record]:
    """Yield every origin in a text, each once, as an entry of the tenant `slug`.

    An origin that a person must decide about has a fault. An origin that the engine can correct is
    yielded as written. Raises BrokenTextError for a text with no origin, or with too many.
    """
    read = read_lines(lines_of(_whole(file)), MAX_FINDS)
    finds = [find for line in read for find in line.finds]
    if not finds:
        raise BrokenTextError("", _("it contains no origin"))
    if len(finds) > MAX_FINDS:
        raise BrokenTextError("", _("it contains too many origins; use CSV or XLSX for that many"))
    for find in _each_once(finds):
        place = f"line {find.line}, column {find.column}"
        code = _DOUBTS.get(find.doubt) or _KINDS.get(find.kind)
        if code is None:
            yield Record(ORIGIN, slug, place, {"pattern": find.text}, ", ")
        else:
            # Take the corrected form, so that the open question is the only problem.
            doubt = fault(place, code, file_value(find.text))
            pattern = find.origin or find.text
            yield Record(ORIGIN, slug, place, {"pattern": pattern}, ", ", (doubt,))


def _whole(file: IO[bytes]) -> str:
    pieces, length = [], 0
    for piece in read_pieces(file):
        pieces.append(piece)
        length += len(piece)
        if length > MAX_TEXT:
            raise BrokenTextError(
                "", _("it is longer than 1 MB; use CSV or XLSX for that many origins")
            )
    return "".join(pieces)


def _each_once(finds: Iterable[Find]) -> Iterator[Find]:
    """Yield finds without those that repeat an earlier find or a more exact one."""
    exact = {find.value for find in finds if find.is_exact}
    seen: set[tuple[str, bool]] = set()
    for find in finds:
        is_asked = find.doubt is not Doubt.UNWANTED
        name = find.value or find.text
        if (name, is_asked) in seen or (is_asked and name in exact and not find.is_exact):
            continue
        seen.add((name, is_asked))
        yield find
