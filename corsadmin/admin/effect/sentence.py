"""The message that says when a change takes effect."""

from datetime import datetime, timedelta
from math import ceil

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from corsadmin.admin.words import local
from corsadmin.conf import config


def seconds_to_all() -> float:
    """Return within how many seconds every process applies a change. 0 means at once."""
    return 2 * config().refresh_seconds


def effect_sentence(moment: datetime, remembered: int | None) -> str:
    """Return the sentence that says when the change made at a moment takes effect.

    `remembered` is how many seconds a browser may rely on an answer that the change revoked, None
    if it revoked nothing.
    """
    if not remembered:
        return _in_force()
    until = moment + timedelta(seconds=seconds_to_all() + remembered)
    text = _(
        "Browsers that still remember a preflight may keep sending requests until %(time)s "
        "(%(zone)s)."
    )
    browsers = text % {
        "time": _clock(until, moment),
        "zone": timezone.get_current_timezone_name(),
    }
    return f"{_in_force()} {browsers}"


def _in_force() -> str:
    seconds = seconds_to_all()
    if not seconds:
        return _("In force everywhere at once.")
    return _("In force everywhere within %(seconds)s s.") % {
        "seconds": number_format(int(seconds) if seconds == int(seconds) else seconds)
    }


def _clock(until: datetime, moment: datetime) -> str:
    """Return a moment rounded up to a minute, with the date if the day differs from the change's."""
    minutes = ceil(until.timestamp() / 60)
    end = local(datetime.fromtimestamp(minutes * 60, until.tzinfo))
    is_same_day = end.date() == local(moment).date()
    return date_format(end, "TIME_FORMAT" if is_same_day else "DATETIME_FORMAT")
