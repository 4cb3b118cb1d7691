"""Values of fields in the words of all pages, plans and histories."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext as _

from corsadmin.engine.paths import ALONE, written
from corsadmin.models.validation import is_showable


def path_text(pattern: str) -> str:
    """Return a path pattern for display. A pattern that ends in {$} shows the path that it covers."""
    if not pattern.endswith("/" + ALONE):
        return pattern
    return _("%(path)s (only this path)") % {"path": written(pattern)}


def local(moment: datetime) -> datetime:
    """Return a moment in the current time zone. Without USE_TZ, every moment is in it already."""
    return localtime(moment) if is_aware(moment) else moment


def moment_text(moment: datetime) -> str:
    """Return a moment for display, in the current time zone."""
    if not is_showable(moment):
        return str(moment)
    return date_format(local(moment), "DATETIME_FORMAT")


def field_text(value: object) -> str:
    """Return a field's value for display, blank if it is missing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return moment_text(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
