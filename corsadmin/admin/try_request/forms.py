"""The form that asks about one request a page might make."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from corsadmin.diagnose.explain import Question
from corsadmin.engine.methods import check_method
from corsadmin.engine.origins import parse_origin, parse_pattern
from corsadmin.engine.problems import PolicyError

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
MAX_TEXT = 4096


def _text_field(
    label: "_StrPromise", help_text: "_StrPromise", *, example: str = "", rows: int = 1
) -> forms.CharField:
    """Return an optional field of one line or of several, as the admin styles them."""
    several = rows > 1
    attrs: dict[str, object] = (
        {"class": "vLargeTextField", "rows": rows} if several else {"class": "vTextField"}
    )
    if example:
        attrs["placeholder"] = example
    return forms.CharField(
        label=label,
        required=False,
        max_length=MAX_TEXT,
        help_text=help_text,
        widget=forms.Textarea(attrs) if several else forms.TextInput(attrs),
    )


class TrialForm(forms.Form):
    """A page's call, as its author knows it: from the browser's console."""

    error_css_class = "errors"

    console = _text_field(
        _("Console error"),
        _("Paste the error from the browser's console: it names page and URL."),
        rows=2,
    )
    origin = _text_field(
        _("Page"),
        _("Where the calling page is: its origin or whole address."),
        example="https://app.example.com",
    )
    url = _text_field(
        _("URL it calls"),
        _("With scheme and host, as the browser's console shows it."),
        example="https://api.example.com/orders",
    )
    method = forms.CharField(
        label=_("Method"),
        required=False,
        initial="GET",
        max_length=64,
        widget=forms.TextInput(attrs={"class": "vTextField", "list": "corsadmin-methods"}),
    )
    headers = _text_field(
        _("Request headers"),
        _("One per line, as Name: value; the name alone is enough."),
        example="Content-Type: application/json",
        rows=3,
    )
    credentials = forms.BooleanField(label=_("With cookies or a log-in"), required=False)

    def clean_console(self) -> str:
        """Take page, URL and cookies from the error, where they are not given in their fields."""
        text: str = self.cleaned_data["console"]
        _before, _marker, rest = text.partition(" at '")
        url, marker, rest = rest.partition("' from origin '")
        if not marker:
            if text:
                raise ValidationError(
                    _("This error does not name a page: fill in the fields below.")
                )
            return ""
        sent: Any = self.data
        self.data = sent = sent.copy()
        sent["url"], sent["origin"] = url, rest.partition("'")[0]
        if "credentials mode is 'include'" in rest:
            sent["credentials"] = "on"
        return text

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

    def clean_url(self) -> tuple[str, str, str]:
        """Return scheme, host and path of the address."""
        text: str = self.cleaned_data["url"]
        scheme, separator, rest = text.partition("://")
        end = min((rest.find(mark) for mark in "/?#" if mark in rest), default=len(rest))
        host, path = rest[:end], rest[end:]
        if not separator or scheme.lower() not in ("http", "https") or not host.isprintable():
            raise ValidationError(_("Write a whole address: https://api.example.com/orders"))
        if not host or "@" in host or " " in host:
            raise ValidationError(_("This address does not contain a host."))
        return scheme.lower(), host, path if path.startswith("/") else f"/{path}"

    def clean_method(self) -> str:
        """Return the method as it was typed, GET without one, unless no request could have it."""
        method: str = self.cleaned_data["method"] or "GET"
        problem = check_method(method)
        if problem is not None and problem.code == "method-not-token":
            raise ValidationError(_("This is not a valid method. Write one such as POST."))
        return method

    def clean_headers(self) -> dict[str, str]:
        """Return the headers by name."""
        found = {}
        for line in self.cleaned_data["headers"].splitlines():
            name, colon, value = (part.strip() for part in line.partition(":"))
            if not name and not colon:
                continue
            if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
                raise ValidationError(_("Write each header on a line of its own, as Name: value."))
            # A name alone stands for any value, so for one that is worth a preflight.
            found[name] = value if colon else "x" * 129
        return found

    @property
    def question(self) -> Question:
        """Return what a valid form asks."""
        given: dict[str, Any] = self.cleaned_data
        scheme, host, path = given["url"]
        return Question(
            host=host,
            path=path,
            origin=given["origin"],
            method=given["method"],
            headers=given["headers"],
            scheme=scheme,
            credentials=given["credentials"],
        )
