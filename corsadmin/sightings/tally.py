"""What a process has done about sightings since it started, for metrics."""

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """Counts that only grow: calls, and flushes to the database.

    `recorded` calls were drained, `looked_at` ones were refused and judged, `turned_away` ones found
    the lists full. `ring_full` drains found the ring full. `flushed` flushes were written, `failed`
    ones forgotten.
    """

    recorded: int = 0
    looked_at: int = 0
    ring_full: int = 0
    turned_away: int = 0
    flushed: int = 0
    failed: int = 0
