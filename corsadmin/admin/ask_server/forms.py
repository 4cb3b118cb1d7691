"""The form that says what to ask a live server."""

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
# The limits for one call, and for all calls of one click on the button. Application servers usually
# kill a worker that has not answered for thirty seconds.
MAX_CALL_SECONDS = 10.0
MAX_SECONDS = 20.0
# The form field at fault, for each part of a call that no request could carry.
_FIELDS = {"origin": "origin", "method": "method", "header": "headers"}


class AskForm(CallForm):
    """A call to make on behalf of a page, and optionally more paths on the same site."""

    send = forms.BooleanField(
        label=_("Send the call itself"),
        required=False,
        help_text=_(
            "GET and HEAD requests are always sent. Any other method may change something on the "
            "server. It is sent without a body."
        ),
    )
    paths = text_field(
        _("Many paths"),
        _(
            "To check many paths of one site, enter one per line, such as /orders or PUT /orders. "
            "In the URL field, enter the site without a path."
        ),
        rows=3,
        limit=MAX_PATHS,
    )

    def clean_url(self) -> str:
        """Return the URL as typed, if it is clearly an http or https URL."""
        text: str = self.cleaned_data["url"]
        try:
            read_url(text)
        except ProbeError as error:
            raise ValidationError(str(error), code=error.code) from error
        return text

    def clean(self) -> dict[str, object]:
        """Refuse values that no request could carry, and a list with anything but paths in it."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            given["calls"] = self._calls(given.get("paths", ""))
        except ProbeError as error:
            self.add_error("paths", ValidationError(str(error), code=error.code))
        if not self.errors and (part := self.question.invalid_part()):
            self.add_error(_FIELDS[part[0]], _("A request cannot contain this value."))
        return given

    def _calls(self, text: str) -> list[SurveyCall]:
        return read_calls(text, self.asked_method) if text.strip() else []

    @property
    def asked_method(self) -> str:
        """Return the method of the call, and of the paths that name no method."""
        return self.cleaned_data.get("method") or "GET"

    @property
    def question(self) -> ProbeRequest:
        """Return the request that a valid form describes. It never contacts metadata services."""
        given = self.cleaned_data
        return ProbeRequest(
            url=given["url"],
            origin=given["origin"],
            method=self.asked_method,
            # A header without a value may have any value, so send the shortest.
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
