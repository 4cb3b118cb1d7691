"""Columns of yes and no, in words: what is let in is neither good nor bad by itself."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _


def yes_or_no(field: str, label: Any, *, risky: bool = False) -> Any:
    """Return a column that says yes as a badge and no as a plain word.

    A tick in green would praise what opens a policy, and a cross in red would blame what closes it.
    """

    @admin.display(description=label, ordering=field)
    def column(_modeladmin: Any, row: Any) -> Any:
        if not getattr(row, field):
            return _("no")
        kind = "corsadmin-warning" if risky else "corsadmin-badge"
        return format_html('<span class="corsadmin-state {}">{}</span>', kind, _("yes"))

    return column
