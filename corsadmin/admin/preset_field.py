"""The preset of a path rule's form. It fills in the lists, which the user reviews before saving."""

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
_FIRST = "methods"  # the choice of a preset appears above this list


def _choices() -> list[tuple[str, str | Promise]]:
    return [("", _("Choose…")), *((key, preset.title) for key, preset in PRESETS.items())]


class PresetForm(forms.ModelForm):
    """A form whose lists a preset can fill in.

    admin.js fills them in at once. Without it, a form with a preset is not saved: the page shows it
    again with the names filled in, for the user to review and save.
    """

    preset = forms.ChoiceField(
        label=_("Preset"),
        required=False,
        choices=_choices,
        help_text=_(
            "Adds the names that this kind of client needs to the three lists. You can review them "
            "before you save."
        ),
        widget=forms.Select(
            attrs={
                "class": "corsadmin-preset",
                "data-corsadmin-added": _("Added: %(names)s"),
                "data-corsadmin-held": _("The lists already contain all names of this preset."),
            }
        ),
    )

    def clean_preset(self) -> str:
        """Fill in the lists, and refuse to save names that the user has not seen yet."""
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
            # Methods are case-sensitive, header names are not.
            present = {one if field == "methods" else one.lower() for one in listed}
            sent[name] = typed([*listed, *(one for one in names if one not in present)])
        sent[self.add_prefix("preset")] = ""


class OffersPresets(ReadInWords, BaseModelAdmin):
    """A screen or an inline for path rules, which offers presets to users who may edit."""

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if self.is_only_read(request, obj) or is_version_page(request):
            return fieldsets
        return [
            (title, {**part, "fields": _with_choice(part["fields"])}) for title, part in fieldsets
        ]


def _with_choice(lines: Sequence[object]) -> list[Any]:
    """Return the lines of a fieldset, with the preset above the line that has the first list."""
    shown: list[object] = []
    for line in lines:
        if line == _FIRST or (isinstance(line, list | tuple) and _FIRST in line):
            shown.append("preset")
        shown.append(line)
    return shown
