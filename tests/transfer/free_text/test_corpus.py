"""Pastes in the manner of real ones: what is found in each was written down before it was read."""

import tomllib
from pathlib import Path

import pytest

from corsadmin.transfer.free_text.letters import lines_of
from corsadmin.transfer.free_text.reader import read_lines

PASTES, HELD_OUT = (
    tomllib.loads(Path(__file__).with_name(name).read_text())["paste"]
    for name in ("pastes.toml", "held_out.toml")
)


def finds_in(text):
    return [find for line in read_lines(lines_of(text)) for find in line.finds]


@pytest.mark.parametrize(
    "given",
    [pytest.param(given, id=given["name"].replace(" ", "-")) for given in (*PASTES, *HELD_OUT)],
)
def test_a_paste_is_read_as_a_careful_colleague_reads_it(given):
    finds = finds_in(given["text"])

    told = [
        [find.kind.value, find.value, find.text, *([find.doubt.value] if find.doubt else [])]
        for find in finds
    ]
    assert told == given["finds"]
    for ignored in given.get("ignored", ()):
        assert ignored in given["text"]
        assert not any(ignored in find.text for find in finds)
