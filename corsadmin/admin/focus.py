"""Put the cursor where a person goes on: into the first field that is wrong."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.contrib.admin.utils import flatten_fieldsets
from django.forms import BaseForm, BoundField


def focus_first_error(fields: Iterable[BoundField]) -> bool:
    """Give the focus to the first visible field with an error, and report whether there is one."""
    for field in fields:
        if field.errors and not field.is_hidden:
            field.field.widget.attrs["autofocus"] = True
            return True
    return False


def focus_form(form: BaseForm, *, is_asked: bool) -> dict[str, object]:
    """Return what the template of a page with one form needs beside the focus in its fields.

    `form.rows`, where there are some, are forms above its own last fields. Where the page `is_asked`
    to confirm a lock-out and nothing else is wrong, the focus stands in that box.
    """
    rows = getattr(form, "rows", ())
    is_found = focus_first_error(chain(chain.from_iterable(rows), form))
    return {"focuses_tick": is_asked and not is_found}


def focus_change_form(context: dict[str, Any], last: str) -> None:
    """Do the same for Django's page of a row with its inlines; the field `last` stands below them."""
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
