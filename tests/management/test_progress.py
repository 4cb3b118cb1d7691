"""A terminal is shown how far the reading of a file is."""

import io

from django.core.management.base import OutputWrapper

from corsadmin.management.report import Progress
from corsadmin.transfer.records.diagnostics import fault
from tests.messages.screens import filled

ENTRY = fault("", "key-missing")


def progressed(count, rows, rate):
    return filled("command-progress", count=count, rows=rows, rate=rate)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_how_far_the_reading_is():
    terminal, file = Terminal(), io.BytesIO(b"x" * 100)
    seconds = iter([0, 1, 1.1, 2])
    progress = Progress(OutputWrapper(terminal), file, lambda: next(seconds))

    for _entry in progress([ENTRY] * 3):
        file.read(25)

    lines = [line.rstrip() for line in terminal.getvalue().split("\r") if line.strip()]
    assert lines == [
        progressed(1, "row", 1) + filled("command-time-left", seconds=3),
        progressed(3, "rows", 2) + filled("command-time-left", seconds=1),
    ]
    assert terminal.getvalue().endswith("\r")


def test_a_terminal_is_not_bothered_by_a_short_file():
    terminal = Terminal()

    assert len(list(Progress(OutputWrapper(terminal), io.BytesIO())([ENTRY]))) == 1
    assert terminal.getvalue() == ""


def test_the_time_left_of_standard_input_is_not_known():
    terminal, seconds = Terminal(), iter([0, 1])
    progress = Progress(OutputWrapper(terminal), _Pipe(b"x"), lambda: next(seconds))

    assert list(progress([ENTRY])) == [ENTRY]
    assert terminal.getvalue().startswith("\r" + progressed(1, "row", 1) + " ")


class _Pipe(io.BytesIO):
    def seekable(self):
        return False


def test_the_time_left_of_several_files_is_not_known():
    terminal, seconds = Terminal(), iter([0, 1])
    progress = Progress(OutputWrapper(terminal), clock=lambda: next(seconds))

    assert list(progress([ENTRY])) == [ENTRY]
    assert terminal.getvalue().startswith("\r" + progressed(1, "row", 1) + " ")
