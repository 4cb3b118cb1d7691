"""Find hosts in a field for hosts only, with the same reader as for every paste."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from corsadmin.admin.bulk_add.forms import MAX_FINDS
from corsadmin.engine.hosts import check_host, is_host
from corsadmin.transfer.free_text.finds import Doubt, Find, FindKind, TextLine
from corsadmin.transfer.free_text.letters import lines_of
from corsadmin.transfer.free_text.reader import read_lines

HOSTS_FIELD: Final = 0  # the line number of finds in this field; lines of the other text start at 1
_MARKS: Final = str.maketrans(dict.fromkeys(",;\"'<>()•\t", " "))


def read_hosts(text: str) -> list[TextLine]:
    """Return the lines of a text, with each address in them as a host.

    Unlike in prose, names such as localhost count as hosts too.
    """
    return [
        replace(line, finds=tuple(sorted(_hosts_in(line), key=lambda find: find.column)))
        for line in read_lines(lines_of(text), MAX_FINDS)
    ]


def in_hosts_field(lines: Iterable[TextLine]) -> Iterator[Find]:
    """Yield the finds of all lines as if on one line, whose places the other text does not use."""
    before = 0
    for line in lines:
        for find in line.finds:
            yield replace(find, line=HOSTS_FIELD, column=before + find.column)
        before += len(line.text) + 1


def _hosts_in(line: TextLine) -> Iterator[Find]:
    for find in (*line.finds, *_local_names(line)):
        problem = check_host(find.text)
        host = find.host or (find.text if problem is None else problem.suggestion)
        yield replace(
            find, kind=FindKind.HOST, origin="", host=host, doubt=Doubt.NONE, problem=problem
        )


def _local_names(line: TextLine) -> Iterator[Find]:
    """Yield further names in a line: those with a dot, localhost, or the line's only word."""
    end = 0
    for piece, is_find in line.pieces():
        start, end = end, end + len(piece)
        for word in () if is_find else piece.translate(_MARKS).split(" "):
            name = word.partition(":")[0]
            is_name = "." in name or name == "localhost" or word == line.text.strip()
            if name and is_name and is_host(name):
                yield Find(line.number, start + 1, word, FindKind.HOST, "", "")
            start += len(word) + 1
