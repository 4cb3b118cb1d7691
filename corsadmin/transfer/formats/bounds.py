"""How much of a file is read before it is refused: by a command, and by a page."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one file may ask for: few bytes can ask for very much of each.

    `problems` is how many are shown; `events` are the values of a YAML text, its keys and the
    ends of its lists and objects. Of a workbook, `unpacked` is bytes, `tags` and `attributes` are
    those of all its XML, and `frame_tags` those of one part that holds no cells.
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
    # A cell is up to three elements, with a tag at either end.
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
