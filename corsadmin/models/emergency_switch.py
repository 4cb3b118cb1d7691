"""Switch an emergency on, and lift it: for the admin and the command."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from corsadmin.engine.emergencies import StopLevel
from corsadmin.models import Emergency, Tenant, generation
from corsadmin.models.database import alias_for_writing


class SwitchRefusedError(Exception):
    """Raised if nothing was written: the code tells programs why, and the text tells people."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyTerms:
    """What to take away, until when (None: until lifted), why, and by whom.

    `loosens` says that it may take away less than the emergency that is on now.
    """

    level: str
    until: datetime | None
    reason: str
    user: Any = None
    loosens: bool = False


def switch_on(tenant: Tenant, terms: EmergencyTerms) -> Emergency:
    """Switch an emergency on for a tenant, or change the one that is on.

    Raises SwitchRefusedError without a reason, for an end that has passed, and if it would take
    away less than now, unless the terms loosen.
    """
    _require_reason(terms.reason)
    if terms.level not in Emergency.Level.values:
        raise SwitchRefusedError("level-unknown", _("Choose “all” or “credentials”."))
    if terms.until is not None and terms.until <= timezone.now():
        raise SwitchRefusedError("until-past", _("Choose an end in the future."))
    alias = alias_for_writing()
    # If two people act at once, the second waits here for the first.
    with generation.change(alias):
        row = stored_emergency(tenant)
        if row is not None and row.is_over():
            # A new emergency replaces it, with its own beginning and its own author.
            _sign(row, terms)
            row.delete()
            row = None
        if row is None:
            row = Emergency(tenant=tenant)
        elif stops_less(row, terms) and not terms.loosens:
            text = _(
                "The emergency that is on stops more, or lasts longer (%(until)s). Confirm that "
                "it may stop less from now on."
            )
            raise SwitchRefusedError("takes-less", text % {"until": shown_end(row)})
        row.level, row.until = terms.level, terms.until
        row.reason, row.by = terms.reason, terms.user
        row.full_clean()
        _sign(row, terms)
        row.save(using=alias)
    return row


def lift_emergency(
    tenant: Tenant, *, reason: str, user: Any = None, seen: str = ""
) -> Emergency | None:
    """Lift the emergency of a tenant; return it, or None if there was none.

    `seen` is the `emergency_version` that the person saw. Raises SwitchRefusedError without a
    reason, and if the emergency has changed since.
    """
    _require_reason(reason)
    alias = alias_for_writing()
    if stored_emergency(tenant) is None:
        return None
    with generation.change(alias):
        row = stored_emergency(tenant)
        if row is None:
            return None
        if seen and seen != emergency_version(row):
            text = _("Somebody has changed this emergency in the meantime. Check it again.")
            raise SwitchRefusedError("has-changed", text)
        _sign(row, EmergencyTerms(level=row.level, until=None, reason=reason, user=user))
        row.delete(using=alias)
    return row


def stored_emergency(tenant: Tenant) -> Emergency | None:
    """Return a tenant's emergency from the database of the writes, over or not, or None."""
    rows = Emergency.objects.using(alias_for_writing()).select_related("tenant", "by")
    found: Emergency | None = rows.filter(tenant=tenant).first()
    return found


def stops_less(row: Emergency, terms: EmergencyTerms | Emergency) -> bool:
    """Report whether terms take away less, or for a shorter time, than the emergency that is on."""
    takes_less = terms.level != StopLevel.ALL and row.stop.level is StopLevel.ALL
    ends_sooner = terms.until is not None and (row.until is None or terms.until < row.until)
    return takes_less or ends_sooner


def emergency_version(row: Emergency) -> str:
    """Return a text that is different for every state of the row."""
    return f"{row.pk}/{row.modified.isoformat()}"


def shown_end(row: Emergency) -> str:
    """Return the end of an emergency in words, with the time zone."""
    if row.until is None:
        return _("until somebody lifts it")
    return _("until %(time)s") % {"time": shown_moment(row.until)}


def shown_moment(moment: datetime) -> str:
    """Return a moment in the reader's time zone, which is named."""
    here = in_current_zone(moment)
    return f"{date_format(here, 'DATETIME_FORMAT')} {here.tzname()}"


def in_current_zone(moment: datetime) -> datetime:
    """Return a moment with the current time zone, also on a site without time zones."""
    return moment.astimezone() if timezone.is_naive(moment) else timezone.localtime(moment)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise SwitchRefusedError("reason-missing", _("Enter a reason. It is kept in the history."))


def _sign(row: Any, terms: EmergencyTerms) -> None:
    row._history_user = terms.user  # noqa: SLF001 (documented name)
    row._change_reason = terms.reason  # noqa: SLF001 (documented name)
