"""What a process has done with sightings since it started, for metrics."""

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """Counts that only grow: calls, and flushes to the database.

    `recorded`: calls drained. `looked_at`: refused calls examined. `turned_away`: refused calls
    that found the lists full. `ring_full`: drains that found the ring full. `flushed`: rows
    written. `failed`: writes that failed and were forgotten.
    """

    recorded: int = 0
    looked_at: int = 0
    ring_full: int = 0
    turned_away: int = 0
    flushed: int = 0
    failed: int = 0
