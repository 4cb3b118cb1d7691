"""Many origins at once: each line is judged by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.risks.widgets import risks_beside_refusal
from corsadmin.diagnose.lint.risks import Risk, risks_of
from corsadmin.engine.wildcards import LabelLengths
from corsadmin.models import Origin, Tenant
from corsadmin.models.access import ACCEPT_RISK, CANNOT_BE_ADDED, Access
from corsadmin.models.validation import refuse, too_many_lengths, wildcards_in

MAX_LINES = 500
RIGHT, LISTED, TWICE, WRONG = "right", "listed", "twice", "wrong"
_COMMON = ("credentials", "risk_accepted", "scope", "note")


class PasteForm(forms.Form):
    """Lines of origins, and what they have in common."""

    lines = forms.CharField(
        label=_("Origins"),
        strip=False,
        help_text=_("One per line."),
        widget=forms.Textarea(attrs={"class": "vLargeTextField corsadmin-lines", "rows": 10}),
    )
    credentials = forms.BooleanField(label=_("Credentials"), required=False)
    risk_accepted = forms.BooleanField(label=_("Risk accepted"), required=False)
    scope = forms.CharField(
        label=_("Scope"),
        required=False,
        help_text=_("The paths it holds for, such as /api/ and all below it. Blank: every path."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.TextInput(attrs={"class": "vTextField"})
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access = access
        if not access.has(ACCEPT_RISK):
            del self.fields["risk_accepted"]

    @property
    def common(self) -> dict[str, object]:
        """What all lines of a valid form have in common."""
        return {name: self.cleaned_data[name] for name in _COMMON if name in self.cleaned_data}

    def clean_lines(self) -> list[str]:
        """Return the lines without those that are blank."""
        lines = [line for line in self.cleaned_data["lines"].splitlines() if line.strip()]
        if len(lines) > MAX_LINES:
            raise ValidationError(_("At most 500 lines at once; import a file for more."))
        return lines


@dataclass(frozen=True, slots=True)
class PastedLine:
    """One line and what is to be said of it; `row` is what it would become.

    `first` is the number of the line that says the same, 0 without one.
    """

    number: int
    text: str
    state: str
    messages: list[str]
    suggestion: str
    row: Origin
    first: int = 0

    @property
    def risks(self) -> list[Risk]:
        """Return what is or would be risky about the row, unless it is there already."""
        if self.state in (LISTED, TWICE):
            return []
        return risks_beside_refusal(self.row) if self.state == WRONG else risks_of(self.row)


def check_lines(form: PasteForm, tenant: Tenant) -> Iterator[PastedLine]:
    """Yield what each line of a valid form would become in a tenant."""
    given = form.common
    same_scope = tenant.origins.filter(scope=given["scope"])
    listed = set(same_scope.values_list("pattern", flat=True))
    lengths = LabelLengths(wildcards_in(tenant.origins.all()))
    seen: dict[str, int] = {}
    for number, text in enumerate(form.cleaned_data["lines"], 1):
        row = Origin(tenant=tenant, pattern=text, **given)
        if text in listed:
            if form.access.sees(tenant, Origin):
                yield PastedLine(number, text, LISTED, [], "", row)
            else:
                yield PastedLine(number, text, WRONG, [str(CANNOT_BE_ADDED[Origin])], "", row)
            continue
        if text in seen:
            yield PastedLine(number, text, TWICE, [], "", row, seen[text])
            continue
        try:
            _check(Origin(pattern=text, **given), lengths)
        except ValidationError as error:
            yield PastedLine(number, text, WRONG, error.messages, _suggestion(error), row)
        else:
            seen[text] = number
            yield PastedLine(number, text, RIGHT, [], "", row)


def _check(row: Origin, lengths: LabelLengths) -> None:
    """Raise ValidationError for a row that a tenant with such wildcards may not have."""
    # What constraints would say: the gate says it, or it is compared with all listed ones at once.
    row.full_clean(exclude=["tenant"], validate_unique=False, validate_constraints=False)
    if not lengths.take(row.pattern):
        refuse([too_many_lengths(row.pattern)])


def _suggestion(error: ValidationError) -> str:
    for slip in error.error_dict.get("pattern", ()):
        problem = (slip.params or {}).get("problem")
        if problem is not None:
            return str(problem.suggestion)
    return ""
