"""The interface of readers, whatever the database can do, and how every reader begins."""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from corsadmin.engine.emergencies import Stop
from corsadmin.models.counter import Counter, is_past, read_counter, removed_since
from corsadmin.serving.loader.columns import Batch


class Reader(Protocol):
    """One state of the database, read for a process that may know an earlier one."""

    @property
    def counter(self) -> Counter:
        """The counter in this state."""

    @property
    def since(self) -> int | None:
        """The known generation, if the stamps show everything that has changed since.

        None if they do not, as after a restore; then everything is read.
        """

    @property
    def removed(self) -> Collection[int]:
        """The keys of tenants that were deleted since the known generation."""

    def stops(self) -> Mapping[str, Stop]:
        """Return the emergencies that are stored, by the slug of their tenant."""

    def batches(self) -> Iterator[Batch]:
        """Yield the tenants stamped since the known generation, or all active ones."""


def may_follow(known: Counter, counter: Counter) -> bool:
    """Report whether, by the numbers, the counter may have moved from one state to the other.

    A restored database can show such numbers too; only the log of moves is certain.
    """
    return counter.rebuild == known.rebuild and counter.value >= known.value


def read_changes(using: str, known: Counter | None) -> tuple[Counter, int | None, set[int]]:
    """Return `counter`, `since` and `removed` of a reader in this transaction."""
    counter = read_counter(using)
    if known is None:
        return counter, None, set()
    if counter == known:
        return counter, known.value, set()
    if may_follow(known, counter) and is_past(using, known):
        return counter, known.value, removed_since(using, known.value)
    return counter, None, set()
