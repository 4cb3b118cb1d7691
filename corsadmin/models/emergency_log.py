"""Log each change of an emergency in one line, whichever way it was written.

Raw SQL and Django's own `_raw_delete` log nothing, because no code of ours runs. Neither moves the
counter, so processes learn of both only from `corsadmin.announce()`.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import transaction
from django.db.models import Model, QuerySet

from corsadmin.models.change_reason import given_reason
from corsadmin.models.counter import plain_rows

if TYPE_CHECKING:
    from corsadmin.models import Emergency

logger = logging.getLogger("corsadmin")

ON: Final = "switched on"
CHANGED: Final = "changed"
LIFTED: Final = "lifted"


class _Terms(NamedTuple):
    """What an emergency takes away, until when, and why."""

    level: str
    until: datetime | None
    reason: str


def log_saved(instance: "Emergency", created: bool, using: str, **_kwargs: object) -> None:  # noqa: FBT001
    """Log that an emergency was switched on or changed, once that is committed (a receiver)."""
    _log(_slug(instance, using), ON if created else CHANGED, _terms(instance), using)


def log_deleted(instance: "Emergency", using: str, **_kwargs: object) -> None:
    """Log that an emergency was lifted, once that is committed (a receiver)."""
    _log(_slug(instance, using), LIFTED, _terms(instance), using)


@contextmanager
def log_bulk_write(rows: QuerySet[Model], using: str) -> Iterator[None]:
    """Log what the writes inside do to emergencies. `rows` finds them before and after."""
    before = _read(rows)
    yield
    after = _read(rows)
    for slug in {**before, **after}:
        was, now = before.get(slug), after.get(slug)
        if now is None:
            _log(slug, LIFTED, before[slug], using)
        elif was != now:
            _log(slug, CHANGED if was else ON, now, using)


def _read(rows: QuerySet[Model]) -> dict[str, _Terms]:
    found = rows.order_by().values_list("tenant__slug", "level", "until", "reason")
    return {slug: _Terms(*terms) for slug, *terms in found}


def _terms(row: "Emergency") -> _Terms:
    return _Terms(row.level, row.until, str(given_reason(row) or row.reason))


def _slug(row: "Emergency", using: str) -> str:
    """Return the slug of a row's tenant, or its key if a fixture loads the tenant later."""
    tenants: QuerySet[Model] = plain_rows("Tenant", using).filter(pk=row.tenant_id)
    return tenants.values_list("slug", flat=True).first() or f"#{row.tenant_id}"


def _log(slug: str, what: str, terms: _Terms, using: str) -> None:
    line = "Emergency of %s %s: level %s, until %s, reason %.200r."
    until = terms.until or LIFTED
    write = partial(logger.warning, line, slug, what, terms.level, until, terms.reason)
    transaction.on_commit(write, using=using, robust=True)
