"""How much a command, or a page, reads from a file before it refuses the file."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The limits for one file, each of which a file of few bytes could exceed.

    `problems` are the problems to show. `events` are the values of a YAML text, its keys, and the
    ends of its lists and objects. For a workbook, `unpacked` is in bytes, `tags` and `attributes`
    count those in all its XML, and `frame_tags` those in one part without cells.
    """

    problems: int
    events: int
    unpacked: int
    tags: int
    frame_tags: int
    attributes: int


COMMAND: Final = Bounds(
    problems=10_000,
    events=4_000_000,
    unpacked=200_000_000,
    # A cell has up to three elements, each with a tag at either end.
    tags=7_000_000,
    frame_tags=500_000,
    attributes=12_000_000,
)
PAGE: Final = Bounds(
    problems=1_000,
    events=250_000,
    unpacked=20_000_000,
    tags=350_000,  # 5,000 rows with all their columns have 310,000
    frame_tags=10_000,
    attributes=1_000_000,
)
