"""Record in the history who makes the changes of an admin view, and why."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest
from simple_history.models import HistoricalRecords

from corsadmin.admin.optimistic_lock.form import reason_of


@contextmanager
def history_actor(request: HttpRequest, reason: str | None = None) -> Iterator[None]:
    """Record the request's user and reason in every history row written inside, cascades too.

    The reason is the argument, or else the one that the request's form contains. This does what
    simple_history's middleware does, for sites that have not installed it.
    """
    request.corsadmin_reason = reason or reason_of(request)  # type: ignore[attr-defined]
    context: Any = HistoricalRecords.context
    if hasattr(context, "request"):
        yield
        return
    context.request = request
    try:
        yield
    finally:
        del context.request
