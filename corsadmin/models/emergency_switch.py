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
    """Nothing was written: the code says why, for programs, and the text for people."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyTerms:
    """What to take away, until when (None: until lifted), why, and who says so.

    `loosens` says that it may take away less than what is on now.
    """

    level: str
    until: datetime | None
    reason: str
    user: Any = None
    loosens: bool = False


def switch_on(tenant: Tenant, terms: EmergencyTerms) -> Emergency:
    """Switch an emergency on for a tenant, or change the one that is on.

    Raises SwitchRefusedError without a reason, for an end that has passed, and where less would be
    taken away than now unless the terms say so.
    """
    _require_reason(terms.reason)
    if terms.level not in Emergency.Level.values:
        raise SwitchRefusedError("level-unknown", _("Choose “all” or “credentials”."))
    if terms.until is not None and terms.until <= timezone.now():
        raise SwitchRefusedError("until-past", _("Choose an end in the future."))
    alias = alias_for_writing()
    # The second of two people who act at once waits here for the first.
    with generation.change(alias):
        row = stored_emergency(tenant)
        if row is not None and row.is_over():
            # Another one: it began, and was switched on by somebody, anew.
            _sign(row, terms)
            row.delete()
            row = None
        if row is None:
            row = Emergency(tenant=tenant)
        elif stops_less(row, terms) and not terms.loosens:
            text = _(
                "The emergency switch that is on stops more, or for longer (%(until)s). Confirm that "
                "the emergency switch stops less from now on."
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
    """Lift the emergency of a tenant; return it, or None where there was none.

    `seen` is the `emergency_version` of the one that the person saw. Raises SwitchRefusedError without a
    reason, and where it has changed since.
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
            text = _("Somebody has changed this emergency meanwhile. Look at it again.")
            raise SwitchRefusedError("has-changed", text)
        _sign(row, EmergencyTerms(level=row.level, until=None, reason=reason, user=user))
        row.delete(using=alias)
    return row


def stored_emergency(tenant: Tenant) -> Emergency | None:
    """Return the emergency of a tenant where the writes go, over or not; None where there is none."""
    rows = Emergency.objects.using(alias_for_writing()).select_related("tenant", "by")
    found: Emergency | None = rows.filter(tenant=tenant).first()
    return found


def stops_less(row: Emergency, terms: EmergencyTerms | Emergency) -> bool:
    """Report whether terms take away less, or for a shorter time, than the emergency that is on."""
    takes_less = terms.level != StopLevel.ALL and row.stop.level is StopLevel.ALL
    ends_sooner = terms.until is not None and (row.until is None or terms.until < row.until)
    return takes_less or ends_sooner


def emergency_version(row: Emergency) -> str:
    """Return a text that another state of the row does not have."""
    return f"{row.pk}/{row.modified.isoformat()}"


def shown_end(row: Emergency) -> str:
    """Return the end of an emergency in words, with the time zone."""
    if row.until is None:
        return _("until somebody lifts it")
    return _("until %(time)s") % {"time": shown_moment(row.until)}


def shown_moment(moment: datetime) -> str:
    """Return a moment in the reader's time zone, which is named."""
    if timezone.is_naive(moment):
        return date_format(moment, "DATETIME_FORMAT")
    local = timezone.localtime(moment)
    return f"{date_format(local, 'DATETIME_FORMAT')} {local.tzname()}"


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise SwitchRefusedError("reason-missing", _("Say why: the reason is kept in the history."))


def _sign(row: Any, terms: EmergencyTerms) -> None:
    row._history_user = terms.user  # noqa: SLF001 (documented name)
    row._change_reason = terms.reason  # noqa: SLF001 (documented name)
