"""Detect that somebody else has saved a row since the user opened its page."""

from hashlib import sha256
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import router
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

REASON = "change_reason"
VERSION = "version"


def reason_of(request: HttpRequest) -> str | None:
    """Return the reason in a submitted form, or None without one."""
    return request.POST.get(REASON, "").strip() or None


class StaleSaveError(Exception):
    """Somebody else saved between the check of a form and its save."""


def version_of(row: Model) -> str:
    """Return a text that changes whenever any column does.

    A tenant's generation is one of its columns, so its version changes with each of its rows.
    """
    columns = row._meta.concrete_fields
    values = repr([row.serializable_value(column.attname) for column in columns])
    return sha256(values.encode()).hexdigest()[:16]


class PageForm(forms.Form):
    """The fields that a page has once, in addition to its row and inlines."""

    change_reason = forms.CharField(
        label=_("Reason for the change"),
        required=False,
        max_length=500,
        help_text=_("The history keeps the reason with everything that this save changes."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    instance: Any
    restoring: ClassVar[bool]
    stale = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.judged_row
        self.stored_version = version_of(row) if row.pk else ""
        self.initial[VERSION] = self.stored_version

    @property
    def judged_row(self) -> Any:
        """The row whose page was opened, and which nobody else may have changed since."""
        return self.instance

    @cached_property
    def changed_data(self) -> list[str]:
        """Names of the row's own fields whose values differ from the stored ones."""
        return [name for name in super().changed_data if name not in (REASON, VERSION)]

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        # A new row has no version, even if a forged form sends one.
        is_checked = self.stored_version and not self.restoring
        if is_checked and self.cleaned_data.get(VERSION) != self.stored_version:
            self.stale = True
            # The user now sees both versions. Saving again means to overwrite the other one.
            sent: Any = self.data
            self.data = sent.copy()
            self.data[self.add_prefix(VERSION)] = self.stored_version  # type: ignore[index]
            message = _("Somebody else has changed this since you opened it.")
            self.add_error(None, ValidationError(message, code="stale"))
        return cleaned

    def check_version(self) -> None:
        """Raise StaleSaveError if the row has changed since it was judged."""
        if self.restoring or not self.stored_version:
            return
        judged = self.judged_row
        # Read from the database that writes go to: a replica may lag behind.
        rows = type(judged)._base_manager.using(router.db_for_write(type(judged), instance=judged))
        row = rows.filter(pk=judged.pk).first()
        if row is None or version_of(row) != self.stored_version:
            raise StaleSaveError
