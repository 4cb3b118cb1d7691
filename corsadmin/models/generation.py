"""The counter that every change to the policies moves, first in the transaction of the change.

Why readers can rely on it, and why each move has a mark: docs/decisions/ordering-laws.md and
docs/decisions/marks.md.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from secrets import randbits
from time import time_ns
from typing import Final

from asgiref.local import Local
from django.apps import apps
from django.db import connections, transaction
from django.db.models import F, Q
from django.utils import timezone

from corsadmin import push
from corsadmin.models.counter import ROW, Counter, plain_rows
from corsadmin.models.database import alias_for_writing
from corsadmin.push.wakeup import wake_event

MAX_STAMPED_TENANTS: Final = (
    20_000  # a change that touches more tenants makes every process reload everything
)
MAX_KEPT_MOVES: Final = 10_000  # a process that has missed more moves reads everything
_STAMP_BATCH: Final = 500  # below the parameter limit of every database

# Like Django's connections: a transaction belongs to one thread.
_open = Local(thread_critical=True)
_COMPLETED: Final = "completed changes"  # kept beside the aliases, none of which has a blank


class Change:
    """What one transaction changes: which tenants, which of them it removes, or everything.

    All rows of the history that are written inside have its `moment`, which identifies them.
    """

    def __init__(self) -> None:
        self.moment = timezone.now()
        self.tenants: set[int] = set()
        self.removed: set[int] = set()
        self.everything = False

    def touch(self, *tenants: int | None) -> None:
        """Add tenants by primary key; None stands for an unknown tenant, and so for all."""
        for tenant in tenants:
            if tenant is None:
                self.everything = True
            else:
                self.tenants.add(int(tenant))  # a foreign key may be given as text

    def remove(self, tenant: int) -> None:
        """Add a tenant that is deleted."""
        self.removed.add(int(tenant))
        # Stamped like the others: a savepoint may bring it back, so processes read the row again.
        self.touch(tenant)

    def touch_all(self) -> None:
        """Make every process reload everything."""
        self.everything = True


@contextmanager
def change(using: str | None = None) -> Iterator[Change]:
    """Open a transaction that moves the counter once; everything written inside is one change.

    A change opened inside another one joins it. `using` is a database alias.
    """
    alias = using or alias_for_writing()
    found: Change | None = getattr(_open, alias, None)
    if found is not None:
        yield found
        return
    with transaction.atomic(using=alias):
        move = _move(alias)
        opened = Change()
        setattr(_open, alias, opened)
        try:
            yield opened
        finally:
            delattr(_open, alias)
        _stamp(alias, opened, move.value)
        _keep(alias, opened, move)
        push.notify(alias)
        # robust: a hint that fails must not turn a committed change into an error page.
        transaction.on_commit(wake_event.set, using=alias, robust=True)
    completed: list[Change] | None = getattr(_open, _COMPLETED, None)
    if completed is not None:
        completed.append(opened)


def moment_of_change(using: str | None = None) -> datetime | None:
    """Return the moment of the open change, or None outside of a change."""
    opened: Change | None = getattr(_open, using or alias_for_writing(), None)
    return None if opened is None else opened.moment


@contextmanager
def completed_changes() -> Iterator[list[Change]]:
    """Collect each change that this thread completes inside, in a list that grows."""
    outer: list[Change] | None = getattr(_open, _COMPLETED, None)
    found: list[Change] = []
    setattr(_open, _COMPLETED, found)
    try:
        yield found
    finally:
        setattr(_open, _COMPLETED, outer)


def hold(using: str | None = None) -> None:
    """Make other changes wait until the open transaction ends, so that what it reads stays true.

    Does nothing without an open transaction, nor on SQLite, which refuses to write in a transaction
    that has read rows that somebody else has changed since.
    """
    alias = using or alias_for_writing()
    connection = connections[alias]
    if connection.in_atomic_block and connection.features.has_select_for_update:
        list(plain_rows("Generation", alias).select_for_update().filter(pk=ROW))


@contextmanager
def undisturbed(using: str | None = None) -> Iterator[None]:
    """Open a transaction in which nobody else changes a policy.

    On SQLite none is opened: one that reads first would fail whenever somebody else writes.
    """
    alias = using or alias_for_writing()
    if not connections[alias].features.has_select_for_update:
        yield
        return
    with transaction.atomic(using=alias):
        hold(alias)
        yield


def reload_everything(using: str | None = None) -> None:
    """Move the counter so that every process reads everything again (after raw SQL)."""
    with change(using) as announced:
        announced.touch_all()


def restart(using: str) -> None:
    """Give the counter a number that no process knows, because its row was lost or replaced.

    A migration creates the row. A flush deletes it; a fixture may bring another database's.
    """
    number = time_ns() // 1000
    rows = plain_rows("Generation", using)
    if not rows.filter(pk=ROW).update(value=number, rebuild=number):
        # Another writer may be about to create the row; its number is as good.
        row = apps.get_model("corsadmin", "Generation")(pk=ROW, value=number, rebuild=number)
        rows.bulk_create([row], ignore_conflicts=True)


def _move(alias: str) -> Counter:
    rows = plain_rows("Generation", alias).filter(pk=ROW)
    mark = randbits(62)
    if not rows.update(value=F("value") + 1, mark=mark):
        restart(alias)
        rows.update(value=F("value") + 1, mark=mark)
    return Counter(*rows.values_list("value", "rebuild", "mark").get())


def _stamp(alias: str, made: Change, value: int) -> None:
    if made.everything or len(made.tenants) > MAX_STAMPED_TENANTS:
        made.removed.clear()
        plain_rows("Generation", alias).filter(pk=ROW).update(rebuild=value)
        # A fixture may bring stamps of another database. Ahead of this counter, they would make
        # every process read these tenants again with every change until the counter has caught up.
        plain_rows("Tenant", alias).filter(generation__gt=value).update(generation=value)
        stamp: dict[str, object] = {}
    else:
        stamp = {"generation": value}
    # The same statement sets `modified`: a tenant changes with each of its rows.
    stamp["modified"] = timezone.now()
    for batch in _batches(sorted(made.tenants)):
        plain_rows("Tenant", alias).filter(pk__in=batch).update(**stamp)


def _keep(alias: str, made: Change, move: Counter) -> None:
    moves = plain_rows("Move", alias)
    # Future moves are those of another database, from a fixture.
    old = Q(generation__lte=move.value - MAX_KEPT_MOVES)
    moves.filter(old | Q(generation__gte=move.value)).delete()
    removed = " ".join(map(str, sorted(made.removed)))
    moves.create(generation=move.value, mark=move.mark, removed=removed)


def _batches(keys: list[int]) -> Iterable[list[int]]:
    return (keys[start : start + _STAMP_BATCH] for start in range(0, len(keys), _STAMP_BATCH))
