"""The form that replaces an origin: the new one, the days of overlap, and the reason."""

from copy import copy
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.lockout.confirm import page_origin
from corsadmin.admin.lockout.form import ConfirmedForm
from corsadmin.admin.model_forms import OriginForm
from corsadmin.admin.optimistic_lock.form import REASON, VERSION, StaleSaveError
from corsadmin.admin.risks.widgets import RiskInput
from corsadmin.admin.words import local, moment_text
from corsadmin.models import Origin
from corsadmin.models.access import access
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.risk_acceptance import dangers

MAX_OVERLAP: Final = 366  # days
USUAL_OVERLAP: Final = 14  # days
# The values that the new entry takes over. Accepting a risk is not one of them: a person accepts the
# risk of a single row.
_CARRIED_OVER: Final = (
    "tenant",
    "credentials",
    "enabled",
    "scope",
    "valid_from",
    "valid_until",
    "note",
)


def end_of_overlap(entry: Origin, days: int, now: datetime) -> datetime:
    """Return the end of a replaced entry: after some days, but never later than its current end.

    The time of day stays the same in the current time zone, even if a day has 23 or 25 hours.
    """
    end = local(now) + timedelta(days=days)
    return end if entry.valid_until is None else min(end, entry.valid_until)


class ReplaceForm(ConfirmedForm, OriginForm):
    """The new entry. The old one, `replaced`, ends after the overlap. One change writes both."""

    replaced: ClassVar[Origin]
    restoring = False

    overlap = forms.IntegerField(
        label=_("Overlap in days"),
        min_value=0,
        max_value=MAX_OVERLAP,
        initial=USUAL_OVERLAP,
        help_text=_(
            "Both origins are valid for this many days. With 0, the old one ends at once. If the "
            "old one already ends sooner, that end stays."
        ),
        widget=forms.NumberInput(attrs={"class": "vIntegerField"}),
    )
    field_order = ("pattern", "overlap", "risk_accepted")

    class Meta:
        model = Origin
        fields = ("pattern", "risk_accepted")
        labels: ClassVar = {"pattern": _("New origin")}
        widgets: ClassVar = {"pattern": RiskInput}
        help_texts: ClassVar = OriginForm.Meta.help_texts

    def __init__(self, sent: object = None) -> None:
        old = self.replaced
        values = {name: getattr(old, name) for name in _CARRIED_OVER}
        super().__init__(sent, instance=Origin(**values, replaces=old))
        self.ended = copy(old)
        if sent is None:
            self.fields["pattern"].widget.attrs["autofocus"] = True
        if not self._is_dangerous():
            del self.fields["risk_accepted"]

    @classmethod
    def of(cls, request: HttpRequest, entry: Origin) -> "type[ReplaceForm]":
        """Return the form class that replaces an entry, for the request's user."""
        values = {"access": access(request), "page_origin": page_origin(request), "replaced": entry}
        return type(cls.__name__, (cls,), values)

    @property
    def end(self) -> datetime:
        """The end of the old entry, in a valid form."""
        end: datetime = self.cleaned_data["end"]
        return end

    @property
    def own_fields(self) -> list[BoundField]:
        """Return the fields of the new entry and of the overlap."""
        return [self[name] for name in self.fields if name not in (REASON, VERSION)]

    @property
    def judged_row(self) -> Origin:
        """The entry that is replaced."""
        return self.replaced

    def _is_dangerous(self) -> bool:
        """Report whether somebody must accept the risk of the submitted origin."""
        given = str(self.data.get("pattern", "")).strip()
        return bool(dangers(Origin(pattern=given, credentials=self.replaced.credentials)))

    def clean_pattern(self) -> str:
        """Return the new origin, unless the tenant already lists it for the same paths."""
        pattern: str = self.cleaned_data["pattern"]
        old = self.replaced
        if pattern == old.pattern:
            raise ValidationError(_("This is the origin to replace. Enter the new one."))
        if Origin.objects.filter(tenant=old.tenant_id, pattern=pattern, scope=old.scope).exists():
            raise ValidationError(
                _(
                    "%(tenant)s already lists this origin for the same paths. To end the old one, "
                    "set its end."
                ),
                params={"tenant": old.tenant},
            )
        return pattern

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        now = timezone.now()
        days = self.cleaned_data.get("overlap")
        obstacle = obstacle_to_replacing(self.replaced, now)
        if obstacle:
            raise ValidationError(obstacle)
        if days is not None:
            end = end_of_overlap(self.replaced, days, now)
            self.ended.valid_until = self.cleaned_data["end"] = end
            begin = self.replaced.valid_from
            if begin is not None and begin >= end:
                message = _("The old origin becomes valid only at %(begin)s. Choose more days.")
                self.add_error("overlap", ValidationError(message % {"begin": moment_text(begin)}))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # Check the new entry in full: the values that it takes over were valid for another origin.
        return {*self.errors}

    @property
    def _written(self) -> list[Origin]:
        """The rows to write, the old one first."""
        ends_sooner = self.ended.valid_until != self.replaced.valid_until
        return [*([self.ended] if ends_sooner else []), self.instance]

    def _proposed_change(self) -> ProposedChange:
        return ProposedChange.from_rows(self._written)

    def check_version(self) -> None:
        """Raise StaleSaveError if the old entry has been changed or replaced since."""
        super().check_version()
        if self.replaced.replaced_by.exists():
            raise StaleSaveError

    def write(self) -> list[Origin]:
        """Write both entries in an open change, and return the rows that were written.

        Raises StaleSaveError.
        """
        self.check_version()
        for row in self._written:
            row.save()
        return self._written


def obstacle_to_replacing(entry: Origin, now: datetime) -> str:
    """Return why an entry cannot be replaced, blank if it can."""
    if entry.valid_until is not None and entry.valid_until <= now:
        text = _("This origin ended at %(end)s. Instead of replacing it, add the new origin.")
        return text % {"end": moment_text(entry.valid_until)}
    successor = entry.replaced_by.filter(tenant=entry.tenant_id).first()
    if successor is not None:
        text = _("%(origin)s already replaces this origin. Replace %(origin)s instead.")
        return text % {"origin": successor}
    return ""
