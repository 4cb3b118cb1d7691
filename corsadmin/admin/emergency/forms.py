"""The forms that switch an emergency on and lift it."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.admin.fields import MomentField, MomentInput
from corsadmin.admin.optimistic_lock.form import REASON
from corsadmin.admin.preview.preview import MAX_REASON
from corsadmin.models import Emergency
from corsadmin.models.emergency_switch import in_current_zone


class ReasonForm(forms.Form):
    """The reason, which every switch needs."""

    change_reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MAX_REASON,
        help_text=gettext_lazy("The banner shows the reason, and the history keeps it."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def focus(self) -> None:
        """Put the cursor into the reason field when the page opens."""
        self.fields[REASON].widget.attrs["autofocus"] = True


class SwitchForm(ReasonForm):
    """What to stop, and until when."""

    level = forms.ChoiceField(
        label=gettext_lazy("What to stop"),
        choices=Emergency.Level.choices,
        initial=Emergency.Level.ALL,
        widget=forms.RadioSelect,
    )
    until = MomentField(label=gettext_lazy("Until"), required=False, widget=MomentInput)
    loosens = forms.BooleanField(
        label=gettext_lazy("Yes, stop less or for a shorter time"), required=False
    )
    field_order = ("change_reason", "level", "until", "loosens")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = _(
            "In the time zone %(zone)s. Leave blank to keep the emergency on until somebody lifts "
            "it, with a daily reminder."
        )
        self.fields["until"].help_text = text % {"zone": _zone_name()}


class LiftForm(ReasonForm):
    """Why to lift an emergency, and the version of it that the user saw."""

    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "id_lift_%s"  # the page's other form has a reason field too


def _zone_name() -> str:
    """Return the name of the time zone for typed moments, with its current offset."""
    now = in_current_zone(timezone.now())
    return f"{timezone.get_current_timezone_name()} (UTC{now:%z})"
