"""The form for what a live server is asked."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.call_fields import CallForm, text_field
from corsadmin.conf import config
from corsadmin.diagnose.probe import ProbeError, ProbeRequest
from corsadmin.diagnose.probe.address import read_url
from corsadmin.diagnose.probe.survey import SurveyCall, read_calls
from corsadmin.diagnose.verdict.calls import ANY_VALUE

MAX_PATHS = 16_384  # characters
# For one call, and for all that one press of the button asks: a worker that answers nothing for
# thirty seconds is taken for dead by the usual server.
MAX_CALL_SECONDS = 10.0
MAX_SECONDS = 20.0
# The fields of a form for each part that no request could carry.
_FIELDS = {"origin": "origin", "method": "method", "header": "headers"}


class AskForm(CallForm):
    """A call that is made for a page, and perhaps more paths of the same site."""

    send = forms.BooleanField(
        label=_("Send the call itself"),
        required=False,
        help_text=_(
            "GET and HEAD are sent anyway. Any other method may change something on the server; it "
            "is sent without a body."
        ),
    )
    paths = text_field(
        _("Many paths"),
        _(
            "To ask about many paths of one site: one on each line, such as /orders or PUT /orders. "
            "The URL is then the site, without a path."
        ),
        rows=3,
        limit=MAX_PATHS,
    )

    def clean_url(self) -> str:
        """Return the URL as it was typed, if it is plainly one of http or https."""
        text: str = self.cleaned_data["url"]
        try:
            read_url(text)
        except ProbeError as error:
            raise ValidationError(str(error), code=error.code) from error
        return text

    def clean(self) -> dict[str, Any]:
        """Refuse what no request could carry, and a list that has something other than paths."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            given["calls"] = self._calls(given.get("paths", ""))
        except ProbeError as error:
            self.add_error("paths", ValidationError(str(error), code=error.code))
        if not self.errors and (part := self.question.invalid_part()):
            self.add_error(_FIELDS[part[0]], _("No request can carry this."))
        return given

    def _calls(self, text: str) -> list[SurveyCall]:
        return read_calls(text, self.asked_method) if text.strip() else []

    @property
    def asked_method(self) -> str:
        """Return the method of the call, and of the paths that name none."""
        return self.cleaned_data.get("method") or "GET"

    @property
    def question(self) -> ProbeRequest:
        """Return what a valid form asks. It never asks metadata services."""
        given = self.cleaned_data
        return ProbeRequest(
            url=given["url"],
            origin=given["origin"],
            method=self.asked_method,
            # Of a name alone any value would do: the shortest.
            headers={
                name: "" if value == ANY_VALUE else value
                for name, value in given["headers"].items()
            },
            credentials=given["credentials"],
            send=given["send"],
            allow_private=config().probe_private_addresses is True,
            allow_metadata=False,
            seconds=MAX_CALL_SECONDS,
        )
