"""The column that says when a row last let somebody in."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from corsadmin.admin.last_seen.conditions import NEW
from corsadmin.models import EntrySeen


def use_of(entry: Any) -> EntrySeen | None:
    """Return the recorded use of an origin entry, or None if nobody has used it."""
    try:
        found: EntrySeen = entry.seen
    except ObjectDoesNotExist:
        return None
    return found


def last_day_of_entry(entry: object) -> date | None:
    """Return the day on which an origin entry last let somebody in."""
    use = use_of(entry)
    return None if use is None else use.last_day


def last_day_of_row(row: Any) -> date | None:
    """Return the same for a path rule or tenant read by `with_last_day`."""
    found: date | None = row.last_day
    return found


def last_seen_column(
    last_day_of: Callable[[object], date | None],
) -> Callable[[object, Model], str]:
    """Return a column that shows the last day found by a function."""

    @admin.display(description=gettext_lazy("last seen"))
    def column(_modeladmin: object, row: Any) -> str:
        return last_seen_text(last_day_of(row), row.created)

    return column


def last_seen_text(last_day: date | None, created: datetime) -> str:
    """Return when a row was last used, or for an unused row, whether it is new."""
    if last_day is not None:
        return date_format(last_day, "SHORT_DATE_FORMAT")
    is_new = created >= timezone.now() - timedelta(days=NEW)
    return _("not yet") if is_new else _("never")


def calls_a_day_text(use: EntrySeen) -> str:
    """Return about how many calls a day an entry lets in."""
    number = max(1, round(use.calls_a_day))
    text = ngettext("about %(count)d call a day", "about %(count)d calls a day", number)
    return text % {"count": number}
