"""Form fields that describe a page's call, and how each field is read."""

from typing import TYPE_CHECKING, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from corsadmin.diagnose.verdict.calls import ANY_VALUE
from corsadmin.engine.methods import check_method
from corsadmin.engine.origins import parse_origin, parse_pattern
from corsadmin.engine.problems import PolicyError

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
MAX_FIELD: Final = 4096


def text_field(
    label: "_StrPromise",
    help_text: "_StrPromise",
    *,
    example: str = "",
    rows: int = 1,
    limit: int | None = MAX_FIELD,
) -> forms.CharField:
    """Return an optional field of one or more lines, styled as in the admin."""
    several = rows > 1
    attrs: dict[str, object] = (
        {"class": "vLargeTextField", "rows": rows} if several else {"class": "vTextField"}
    )
    if example:
        attrs["placeholder"] = example
    return forms.CharField(
        label=label,
        required=False,
        max_length=limit,
        help_text=help_text,
        widget=forms.Textarea(attrs) if several else forms.TextInput(attrs),
    )


class CallForm(forms.Form):
    """What a page calls, and how. Forms that use the URL define `clean_url` themselves."""

    error_css_class = "errors"

    origin = text_field(
        _("Page"),
        _("The page that makes the call: its origin or full URL."),
        example="https://app.example.com",
    )
    url = text_field(
        _("URL it calls"),
        _("With scheme and host, as the browser's console shows it."),
        example="https://api.example.com/orders",
    )
    method = forms.CharField(
        label=_("Method"),
        required=False,
        max_length=64,
        widget=forms.TextInput(
            attrs={"class": "vTextField", "list": "corsadmin-methods", "placeholder": "GET"}
        ),
    )
    headers = text_field(
        _("Request headers"),
        _("One per line, as Name: value; the name alone is enough."),
        example="Content-Type: application/json",
        rows=3,
    )
    credentials = forms.BooleanField(label=_("With cookies or a log-in"), required=False)

    def clean_origin(self) -> str:
        """Return the origin that a browser would send for the page."""
        text: str = self.cleaned_data["origin"]
        if not text:
            raise ValidationError(_("Enter the page that makes the call."))
        if parse_origin(text) is not None:
            return text
        try:
            parse_pattern(text)
        except PolicyError as error:
            return error.problems[0].suggestion or text
        return text

    def clean_method(self) -> str:
        """Return the method as typed, unless no request could use it."""
        method: str = self.cleaned_data["method"]
        problem = check_method(method)
        if method and problem is not None and problem.code == "method-not-token":
            raise ValidationError(_("This is not a valid HTTP method. Enter one such as POST."))
        return method

    def clean_headers(self) -> dict[str, str]:
        """Return the headers by name."""
        found = {}
        for line in self.cleaned_data["headers"].splitlines():
            name, colon, value = (part.strip() for part in line.partition(":"))
            if not name and not colon:
                continue
            if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
                raise ValidationError(_("Enter one header per line, as Name: value."))
            # A name alone stands for any value, so also for one that causes a preflight.
            found[name] = value if colon else ANY_VALUE
        return found
