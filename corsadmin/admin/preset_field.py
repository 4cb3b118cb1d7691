"""The choice of a preset in the form of a path rule: it fills the lists, and nothing is saved unseen."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.addresses import is_version_page
from corsadmin.admin.fields import TokenListField, typed
from corsadmin.admin.reading import ReadInWords
from corsadmin.presets import PRESETS, Preset

FILLED_IN = "filled-in"
_FIRST = "methods"  # the list above which the choice stands


def _choices() -> list[tuple[str, str | Promise]]:
    return [("", _("Choose…")), *((key, preset.title) for key, preset in PRESETS.items())]


class PresetForm(forms.ModelForm):
    """A form whose lists a preset can fill.

    admin.js fills them at once. Without it the form that names a preset is not saved: it comes back
    with the names filled in, to be looked at and saved then.
    """

    preset = forms.ChoiceField(
        label=_("Preset"),
        required=False,
        choices=_choices,
        help_text=_(
            "Adds the names that such a client needs to the three lists. You see them before "
            "anything is saved."
        ),
        widget=forms.Select(
            attrs={
                "class": "corsadmin-preset",
                "data-corsadmin-added": _("Added: %(names)s"),
                "data-corsadmin-held": _("The lists hold all its names already."),
            }
        ),
    )

    def clean_preset(self) -> str:
        """Fill in the lists that are shown next, and refuse to save what nobody has seen."""
        key: str = self.cleaned_data["preset"]
        if not key:
            return key
        preset = PRESETS[key]
        self._fill_in(preset)
        message = gettext("The names of the preset are filled in. Review the lists, then save.")
        raise ValidationError(f"{message} {preset.note}".strip(), code=FILLED_IN)

    def _fill_in(self, preset: Preset) -> None:
        given: Any = self.data
        self.data = sent = given.copy()
        for field, names in preset.lists.items():
            name = self.add_prefix(field)
            listed = TokenListField().to_python(sent.get(name))
            # Methods differ by case, header names do not.
            present = {one if field == "methods" else one.lower() for one in listed}
            sent[name] = typed([*listed, *(one for one in names if one not in present)])
        sent[self.add_prefix("preset")] = ""


class OffersPresets(ReadInWords, BaseModelAdmin):
    """A screen or an inline for path rules, with the choice of a preset for those who may write."""

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if self.is_only_read(request, obj) or is_version_page(request):
            return fieldsets
        return [
            (title, {**part, "fields": _with_choice(part["fields"])}) for title, part in fieldsets
        ]


def _with_choice(lines: Sequence[Any]) -> list[Any]:
    """Return the lines of a fieldset, with the choice above that of the lists."""
    shown: list[Any] = []
    for line in lines:
        if line == _FIRST or (isinstance(line, list | tuple) and _FIRST in line):
            shown.append("preset")
        shown.append(line)
    return shown
