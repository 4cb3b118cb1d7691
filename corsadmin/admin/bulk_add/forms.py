"""The form of a paste: its text, the decisions about it, and what all its origins share."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from corsadmin.models.access import ACCEPT_RISK, Access
from corsadmin.transfer.free_text.finds import Find, TextLine
from corsadmin.transfer.free_text.letters import lines_of
from corsadmin.transfer.free_text.reader import read_lines

MAX_FINDS: Final = 500
MAX_TEXT: Final = 1_000_000  # characters
MAX_DECIDED: Final = 400_000  # characters: one decision for each find, each as long as an origin
_COMMON: Final = ("credentials", "risk_accepted", "scope", "note")


class PasteForm(forms.Form):
    """A text that contains origins, and what they have in common.

    In a valid form, `read` has the lines of the text, each with its finds.
    """

    lines = forms.CharField(
        label=_("Text"),
        strip=False,
        max_length=MAX_TEXT,
        help_text=_(
            "Paste what you received, such as an e-mail, a table or a settings file. The page finds "
            "the origins and hosts in it and ignores everything else."
        ),
        widget=forms.Textarea(
            attrs={
                "class": "vLargeTextField corsadmin-lines",
                "rows": 10,
                "spellcheck": "false",
                "maxlength": None,
            }
        ),
    )
    decided = forms.CharField(required=False, max_length=MAX_DECIDED, widget=forms.HiddenInput)
    credentials = forms.BooleanField(label=_("Credentials"), required=False)
    risk_accepted = forms.BooleanField(label=_("Risk accepted"), required=False)
    scope = forms.CharField(
        label=_("Scope"),
        required=False,
        help_text=_(
            "The paths that the origins may call, such as /api/ with everything below it. Leave "
            "blank for every path."
        ),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.TextInput(attrs={"class": "vTextField"})
    )

    read: tuple[TextLine, ...] = ()

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access = access
        if not access.has(ACCEPT_RISK):
            del self.fields["risk_accepted"]

    @property
    def finds(self) -> list[Find]:
        """The finds in the text of a valid form, in order."""
        return [find for line in self.read for find in line.finds]

    @property
    def common(self) -> dict[str, object]:
        """The values that all origins of a valid form have in common."""
        return {name: self.cleaned_data[name] for name in _COMMON if name in self.cleaned_data}

    def clean_lines(self) -> str:
        """Return the text, and keep its finds in `read`."""
        text: str = self.cleaned_data["lines"]
        read = tuple(read_lines(lines_of(text), MAX_FINDS))
        if sum(len(line.finds) for line in read) > MAX_FINDS:
            raise ValidationError(
                _("A paste can contain at most 500 origins and hosts. For more, import a file.")
            )
        self.read = read
        return text

    def clean_decided(self) -> frozenset[str]:
        """Return the decisions, one per line, whichever line endings the browser sends."""
        return frozenset(lines_of(self.cleaned_data["decided"])) - {""}
