"""The form that asks about one request a page might make."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.call_fields import CallForm, text_field
from corsadmin.admin.try_request.said import MAX_SAID, read_said, write_said
from corsadmin.diagnose.console import read
from corsadmin.diagnose.verdict import NOTHING_READ
from corsadmin.diagnose.verdict.calls import Address, GivenCall, split_url

# The fields of a question, and the mark of a pasted text that nobody has completed yet.
QUESTION = ("origin", "url", "method", "headers", "credentials")
FRESH = "fresh"
MAX_ADDRESS = 4000  # characters; common servers refuse longer request lines


class TrialForm(CallForm):
    """A page's call, which can be pasted from the browser's console."""

    # The pasted text fills in the other fields, so it must be cleaned first.
    field_order = ("console",)

    console = text_field(
        _("Console error"),
        _(
            "Paste the error from the browser's console, or a request copied from its Network tab. "
            "The details in the text fill in the fields below."
        ),
        rows=2,
        limit=None,  # the reader has its own bounds
    )
    said = forms.CharField(required=False, max_length=MAX_SAID, widget=forms.HiddenInput)

    reading = NOTHING_READ
    is_answered = True

    def clean_console(self) -> str:
        """Fill in the other fields from the text.

        Details that the text lacks stay as typed, unless the fields come from an earlier text.
        """
        text: str = self.cleaned_data["console"]
        if not text:
            self._recall()
            return text
        self.reading = read(text)
        self.is_answered = False
        found = self.reading
        if not any((found.engine, found.detail, found.url, found.page)):
            raise ValidationError(
                _("This text does not describe a blocked call. Fill in the fields below.")
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
        """Restore the reading of an earlier text, whose other details are in the fields."""
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
        """Return the query string that asks the same question without the text, blank if too long."""
        given = {name: self.data.get(name) for name in (*QUESTION, "said")}
        if self.cleaned_data.get("console"):
            given[FRESH] = "1"
        query = urlencode({name: value for name, value in given.items() if value is not None})
        return query if len(query) <= MAX_ADDRESS else ""

    def clean_origin(self) -> str:
        """Return the origin that a browser would send for the page."""
        text: str = self.cleaned_data["origin"]
        if not text and self.reading is not NOTHING_READ:
            return text
        return super().clean_origin()

    def clean_url(self) -> Address | None:
        """Return scheme, host and path of the URL, or None if it should come from the text."""
        text: str = self.cleaned_data["url"]
        address = split_url(text)
        if (
            address is None
            and self.reading is not NOTHING_READ
            and text == (self.reading.url or "")
        ):
            return None
        if address is None:
            raise ValidationError(_("Enter a full URL, such as https://api.example.com/orders"))
        if not address.host or "@" in address.host or " " in address.host:
            raise ValidationError(_("This URL does not contain a host."))
        return address

    @property
    def call(self) -> GivenCall:
        """Return what a valid form says about the call, None for details missing from the text.

        An empty field counts as an answer once the user has seen that the text lacks the detail.
        """
        given: dict[str, Any] = self.cleaned_data
        return GivenCall(
            page=given["origin"] or None,
            address=given["url"],
            method=given["method"] or ("GET" if self.is_answered else None),
            headers=given["headers"] if given["headers"] or self.is_answered else None,
            credentials=given["credentials"] or (False if self.is_answered else None),
        )
