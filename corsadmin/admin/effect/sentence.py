"""The message that says when a change is in force."""

from datetime import datetime, timedelta
from math import ceil

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from corsadmin.conf import config


def seconds_to_all() -> float:
    """Return within how many seconds every process knows a change; 0 stands for at once."""
    return 2 * config().refresh_seconds


def effect_sentence(moment: datetime, remembered: int | None) -> str:
    """Return when a change of a moment is in force.

    `remembered` is for how many seconds a browser may go by an answer that the change takes away,
    None where it takes nothing away.
    """
    if not remembered:
        return _in_force()
    until = moment + timedelta(seconds=seconds_to_all() + remembered)
    text = _("A browser that asked before may go on sending until %(time)s (%(zone)s).")
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
    """Return the first full minute that is not before a moment, with its day where it is another one."""
    minutes = ceil(until.timestamp() / 60)
    end = timezone.localtime(datetime.fromtimestamp(minutes * 60, until.tzinfo))
    is_same_day = end.date() == timezone.localtime(moment).date()
    return date_format(end, "TIME_FORMAT" if is_same_day else "DATETIME_FORMAT")
