"""Show both versions of a row that two people have changed at the same time."""

from typing import Any, NamedTuple

from django.forms import BaseForm, ModelForm
from django.utils.translation import gettext as _

from corsadmin.admin.permissions import tenant_of
from corsadmin.admin.words import field_text
from corsadmin.models import Tenant
from corsadmin.models.access import Access
from corsadmin.models.rows import RowVersion


class FieldConflict(NamedTuple):
    """One field of one row, with its stored and its submitted value."""

    row: str
    field: str
    stored: str
    sent: str


def conflict(may: Access, context: dict[str, Any]) -> dict[str, object]:
    """Return what a page says about a stale save: who saved first, and where the versions differ.

    A change to rows that the user may not view is not mentioned.
    """
    form = context["adminform"].form
    differences = _differences(form, str(form.instance))
    for inline in context["inline_admin_formsets"]:
        for row in inline.formset.forms:
            differences.extend(_differences(row, _name(row)))
    return {"last": _last_version(may, form.instance), "differences": differences}


def _differences(form: BaseForm, name: str) -> list[FieldConflict]:
    return [
        FieldConflict(name, str(form[field].label), _stored(form, field), _sent(form, field))
        for field in form.changed_data
    ]


def _name(form: ModelForm) -> str:
    return _("new") if form.instance._state.adding else str(form.instance)


def _stored(form: BaseForm, field: str) -> str:
    return field_text(form.get_initial_for_field(form.fields[field], field))


def _sent(form: BaseForm, field: str) -> str:
    """Return the submitted value, or the text as typed if it is invalid."""
    if field in form.cleaned_data:
        return field_text(form.cleaned_data[field])
    return str(form[field].value() or "")


def _last_version(may: Access, row: Any) -> RowVersion:
    """Return the latest version of a row, or of a tenant and all its rows.

    Return None if the user may not view it: an older version did not cause the conflict.
    """
    histories = [row.history]
    if isinstance(row, Tenant):
        rows = (row.hosts, row.origins, row.paths)
        histories += [found.model.history.filter(tenant_id=row.pk) for found in rows]
    newest = [rows.select_related("history_user").first() for rows in histories]
    found = [version for version in newest if version is not None]
    last = max(found, key=lambda version: version.history_date, default=None)
    return last if last is None or may.sees(tenant_of(row), last.instance_type) else None
