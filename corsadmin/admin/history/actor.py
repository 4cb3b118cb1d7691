"""Let the history know who is at work in an admin view and why, whatever is written there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest
from simple_history.models import HistoricalRecords

from corsadmin.admin.optimistic_lock.form import reason_of


@contextmanager
def history_actor(request: HttpRequest, reason: str | None = None) -> Iterator[None]:
    """Name the request's user and reason in every history row written inside, cascades included.

    The reason is the one given here, or else the one that the page was sent with.
    Does what simple_history's middleware does, for sites that have not installed it.
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
