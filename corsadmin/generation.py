"""The counter that every change to the policies moves, in the transaction of the change.

Two laws keep every process right. The counter's row is moved in the very transaction that writes
the policies, so both become visible together or not at all; and readers read the counter before
the rows, so what they hold is never older than the number they remember. The counter is moved
first in the transaction: its row lock makes writers queue, so numbers become visible in order, and
two writers cannot lock each other's rows.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import time_ns
from typing import Any, Final

from asgiref.local import Local
from django.apps import apps
from django.db import router, transaction
from django.db.models import F, QuerySet

from corsadmin import push
from corsadmin.conf import config
from corsadmin.wake import bell

ROW: Final = 1  # the primary key of the counter's one row
STAMP_LIMIT: Final = 20_000  # a change that touches more tenants makes everybody reload everything
_STAMP_BATCH: Final = 500  # below the parameter limit of every database

# As Django keeps its connections: a transaction belongs to one thread.
_open = Local(thread_critical=True)


class Change:
    """What one transaction changes: which tenants, or everything."""

    def __init__(self) -> None:
        self.tenants: set[int] = set()
        self.everything = False

    def touch(self, *tenants: int | None) -> None:
        """Add tenants by primary key; None stands for one that is not known, so for all."""
        for tenant in tenants:
            if tenant is None:
                self.everything = True
            else:
                self.tenants.add(tenant)

    def touch_all(self) -> None:
        """Make every process reload everything."""
        self.everything = True


def alias_for_writing() -> str:
    """Return the alias of the database that holds the policies."""
    return config().database or router.db_for_write(apps.get_model("corsadmin", "Tenant"))


def current(using: str) -> tuple[int, int]:
    """Return the counter's value and rebuild number; (0, 0) before the first change ever."""
    row = _rows("Generation", using).filter(pk=ROW).values_list("value", "rebuild").first()
    return row or (0, 0)


@contextmanager
def change(using: str | None = None) -> Iterator[Change]:
    """Open a transaction that moves the counter once; everything written inside belongs to it.

    A change opened inside another one joins it. `using` is a database alias.
    """
    alias = using or alias_for_writing()
    found: Change | None = getattr(_open, alias, None)
    if found is not None:
        yield found
        return
    with transaction.atomic(using=alias):
        value = _move(alias)
        opened = Change()
        setattr(_open, alias, opened)
        try:
            yield opened
        finally:
            delattr(_open, alias)
        _stamp(alias, opened, value)
        push.announce(alias)
        # Robust: a hint that fails must not turn a committed change into an error page.
        transaction.on_commit(bell.ring, using=alias, robust=True)


def announce(using: str | None = None) -> None:
    """Move the counter so that every process reads everything again (after raw SQL)."""
    with change(using) as announced:
        announced.touch_all()


def restart(using: str) -> None:
    """Give the counter a number that no process remembers, because its row was lost or replaced.

    A migration makes the row. A flush drops it, a fixture brings that of another database.
    """
    number = time_ns() // 1000
    rows = _rows("Generation", using)
    if not rows.filter(pk=ROW).update(value=number, rebuild=number):
        # Another writer may be about to make the row: then its number is as good.
        row = apps.get_model("corsadmin", "Generation")(pk=ROW, value=number, rebuild=number)
        rows.bulk_create([row], ignore_conflicts=True)


def _move(alias: str) -> int:
    rows = _rows("Generation", alias).filter(pk=ROW)
    if not rows.update(value=F("value") + 1):
        restart(alias)
        rows.update(value=F("value") + 1)
    value: int = rows.values_list("value", flat=True).get()
    return value


def _stamp(alias: str, made: Change, value: int) -> None:
    if made.everything or len(made.tenants) > STAMP_LIMIT:
        _rows("Generation", alias).filter(pk=ROW).update(rebuild=value)
        # A fixture brings stamps of another database: ahead of this one's counter, they would make
        # everybody read these tenants again with every change until it has caught up.
        _rows("Tenant", alias).filter(generation__gt=value).update(generation=value)
        return
    for batch in _batches(sorted(made.tenants)):
        _rows("Tenant", alias).filter(pk__in=batch).update(generation=value)


def _batches(keys: list[int]) -> Iterable[list[int]]:
    return (keys[start : start + _STAMP_BATCH] for start in range(0, len(keys), _STAMP_BATCH))


def _rows(model: str, alias: str) -> QuerySet[Any]:
    # A plain queryset: the models' own one would move the counter for the counter's sake.
    return QuerySet(apps.get_model("corsadmin", model), using=alias)
