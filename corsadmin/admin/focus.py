"""Put the cursor where the user continues: in the first field with an error."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.contrib.admin.utils import flatten_fieldsets
from django.forms import BaseForm, BoundField


def focus_first_error(fields: Iterable[BoundField]) -> bool:
    """Focus the first visible field with an error, and report whether there is one."""
    for field in fields:
        if field.errors and not field.is_hidden:
            field.field.widget.attrs["autofocus"] = True
            return True
    return False


def focus_form(form: BaseForm, *, is_asked: bool) -> dict[str, object]:
    """Focus the first error of a page with one form, and return what its template needs besides.

    `form.rows`, if any, are forms above the form's own last fields. If the page asks for a lock-out
    to be confirmed (`is_asked`) and has no other error, that checkbox gets the focus.
    """
    rows = getattr(form, "rows", ())
    is_found = focus_first_error(chain(chain.from_iterable(rows), form))
    return {"focuses_tick": is_asked and not is_found}


def focus_change_form(context: dict[str, Any], last: str) -> None:
    """Do the same for Django's page of a row with inlines. The field `last` is below them."""
    form = context["adminform"].form
    shown = [(form, context["adminform"].fieldsets)]
    for inline in context.get("inline_admin_formsets", ()):
        shown += [(row, inline.fieldsets) for row in inline.formset.forms]
    fields = [
        row[name]
        for row, fieldsets in shown
        for name in flatten_fieldsets(fieldsets)
        if name in row.fields
    ]
    is_found = focus_first_error([*fields, *(form[name] for name in [last] if name in form.fields)])
    context["focuses_tick"] = bool(context.get("losses")) and not is_found
