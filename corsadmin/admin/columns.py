"""Columns that show yes and no in words, because allowing is neither good nor bad by itself."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import Model
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def badge(text: "str | _StrPromise", *, risky: bool = False) -> SafeString:
    """Return a text in a frame, which stands out if it is risky."""
    kind = "corsadmin-warning" if risky else "corsadmin-badge"
    return format_html('<span class="corsadmin-state {}">{}</span>', kind, text)


def yes_or_no(field: str, label: "_StrPromise") -> Callable[[object, Model], str]:
    """Return a column that shows yes as a badge and no as a plain word.

    Django's green tick would praise what opens a policy; its red cross would blame what closes it.
    """

    @admin.display(description=label, ordering=field)
    def column(_modeladmin: object, row: Model) -> str:
        return badge(gettext("yes")) if getattr(row, field) else gettext("no")

    return column
