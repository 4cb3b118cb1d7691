"""The form that asks about one request a page might make."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.try_request.said import MAX_SAID, read_said, write_said
from corsadmin.diagnose.console import read
from corsadmin.diagnose.verdict import NOTHING_READ
from corsadmin.diagnose.verdict.calls import ANY_VALUE, Address, GivenCall, split_url
from corsadmin.engine.methods import check_method
from corsadmin.engine.origins import parse_origin, parse_pattern
from corsadmin.engine.problems import PolicyError

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
MAX_FIELD = 4096
# The fields that a question is made of, and the mark of an answer that nobody has completed yet.
QUESTION = ("origin", "url", "method", "headers", "credentials")
FRESH = "fresh"


def _text_field(
    label: "_StrPromise",
    help_text: "_StrPromise",
    *,
    example: str = "",
    rows: int = 1,
    limit: int | None = MAX_FIELD,
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
        max_length=limit,
        help_text=help_text,
        widget=forms.Textarea(attrs) if several else forms.TextInput(attrs),
    )


class TrialForm(forms.Form):
    """A page's call, as its author knows it: from the browser's console."""

    error_css_class = "errors"

    console = _text_field(
        _("Console error"),
        _(
            "Paste the error from the browser's console, or a request copied from its Network tab. "
            "What the text names fills in the fields below."
        ),
        rows=2,
        limit=None,  # the reader stops where it must
    )
    origin = _text_field(
        _("Page"),
        _("The page that makes the call: its origin or full URL."),
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
        max_length=64,
        widget=forms.TextInput(
            attrs={"class": "vTextField", "list": "corsadmin-methods", "placeholder": "GET"}
        ),
    )
    headers = _text_field(
        _("Request headers"),
        _("One per line, as Name: value; the name alone is enough."),
        example="Content-Type: application/json",
        rows=3,
    )
    credentials = forms.BooleanField(label=_("With cookies or a log-in"), required=False)
    said = forms.CharField(required=False, max_length=MAX_SAID, widget=forms.HiddenInput)

    reading = NOTHING_READ
    is_answered = True

    def clean_console(self) -> str:
        """Fill the other fields with what the text names.

        What it does not name stays as typed, unless the fields show what another text said.
        """
        text: str = self.cleaned_data["console"]
        if not text:
            self._recall()
            return text
        self.reading = read(text)
        self.is_answered = False
        if not any((self.reading.engine, self.reading.url, self.reading.page)):
            raise ValidationError(
                _("This text does not name a blocked call: fill in the fields below.")
            )
        sent: Any = self.data
        self.data = sent = sent.copy()
        if sent.get("said"):
            for name in QUESTION:
                sent.pop(name, None)
        named = {
            "origin": self.reading.page,
            "url": self.reading.url,
            "method": self.reading.method,
            "credentials": "on" if self.reading.credentials else None,
            "said": write_said(self.reading),
        }
        sent.update({name: value for name, value in named.items() if value})
        return text

    def _recall(self) -> None:
        """Take up what an earlier text said; its fields show the rest of it."""
        self.reading = read_said(str(self.data.get("said", "")))
        if self.reading is not NOTHING_READ:
            self.is_answered = FRESH not in self.data
            self.reading = replace(
                self.reading,
                page=self.data.get("origin") or None,
                url=self.data.get("url") or None,
                method=self.data.get("method") or None,
                credentials=True if self.data.get("credentials") else None,
            )

    def address(self) -> str:
        """Return the query string that asks the same without the text."""
        given = {name: self.data.get(name) for name in (*QUESTION, "said")}
        if self.cleaned_data.get("console"):
            given[FRESH] = "1"
        return urlencode({name: value for name, value in given.items() if value is not None})

    def clean_origin(self) -> str:
        """Return the origin that a browser would send for the page."""
        text: str = self.cleaned_data["origin"]
        if not text and self.reading is not NOTHING_READ:
            return text
        if not text:
            raise ValidationError(_("Enter the page that makes the call."))
        if parse_origin(text) is not None:
            return text
        try:
            parse_pattern(text)
        except PolicyError as error:
            return error.problems[0].suggestion or text
        return text

    def clean_url(self) -> Address | None:
        """Return scheme, host and path of the address, None where a text is to name it."""
        text: str = self.cleaned_data["url"]
        address = split_url(text)
        if (
            address is None
            and self.reading is not NOTHING_READ
            and text == (self.reading.url or "")
        ):
            return None
        if address is None:
            raise ValidationError(_("Write a full URL: https://api.example.com/orders"))
        if not address.host or "@" in address.host or " " in address.host:
            raise ValidationError(_("This URL does not contain a host."))
        return address

    def clean_method(self) -> str:
        """Return the method as it was typed, unless no request could have it."""
        method: str = self.cleaned_data["method"]
        problem = check_method(method)
        if method and problem is not None and problem.code == "method-not-token":
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
            found[name] = value if colon else ANY_VALUE
        return found

    @property
    def call(self) -> GivenCall:
        """Return what a valid form says of the call; None for what only the text could say.

        A field that was left empty counts as an answer once the person has seen what the text
        does not say.
        """
        given: dict[str, Any] = self.cleaned_data
        return GivenCall(
            page=given["origin"] or None,
            address=given["url"],
            method=given["method"] or ("GET" if self.is_answered else None),
            headers=given["headers"] if given["headers"] or self.is_answered else None,
            credentials=given["credentials"] or (False if self.is_answered else None),
        )
