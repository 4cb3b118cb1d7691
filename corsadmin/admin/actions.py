"""What can be done to many rows at once, each time as one change with its history."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import ValidationError
from django.db import router
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from corsadmin import generation
from corsadmin.access import access
from corsadmin.forms.rows import missing_permission

BATCH = 500
SHOWN = 10


class ReasonActionForm(ActionForm):
    """The list of actions, with a line for the reason."""

    change_reason = forms.CharField(
        label=_("Reason:"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "corsadmin-reason"}),
    )


@admin.action(description=_("Enable the selected %(verbose_name_plural)s"), permissions=["change"])
def enable(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> None:
    """Switch rows on; a row that is not sound, or too dangerous for the user, stays off."""
    switch(modeladmin, request, queryset, on=True)


@admin.action(description=_("Disable the selected %(verbose_name_plural)s"), permissions=["change"])
def disable(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> None:
    """Switch rows off."""
    switch(modeladmin, request, queryset, on=False)


def switch(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any], *, on: bool) -> None:
    """Set the switch of rows and write their history, in one change; tell what was not done."""
    field = modeladmin.switch
    asked = queryset.order_by()
    rows = access(request).limit(asked, "change", field=modeladmin.tenant_field)
    kept = asked.count() - rows.count()
    rows = rows.filter(**{field: not on})
    refused: list[str] = []
    changed = 0
    if rows.exists():
        with generation.change(router.db_for_write(modeladmin.model)):
            for batch in _batches(rows):
                sound = [row for row in batch if not on or _may_be_on(request, row, refused)]
                changed += _write(modeladmin, request, sound, {field: on})
    _tell(modeladmin, request, changed, kept, refused)


def _batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    keys = list(rows.values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        yield list(rows.model._default_manager.filter(pk__in=keys[start : start + BATCH]))


def _may_be_on(request: HttpRequest, row: Any, refused: list[str]) -> bool:
    try:
        row.full_clean(exclude=["tenant"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        refused.append(f"{row}: {' '.join(error.messages)}")
        return False
    missing = missing_permission(access(request), row)
    if missing:
        refused.append(f"{row}: {missing}")
    return not missing


def _write(modeladmin: Any, request: HttpRequest, rows: list[Any], values: dict[str, Any]) -> int:
    values = {**values, "modified": timezone.now()}
    for row in rows:
        for name, value in values.items():
            setattr(row, name, value)
    keys = [row.pk for row in rows]
    modeladmin.model._default_manager.filter(pk__in=keys).update(**values)
    # update() tells no signal, so the history is written by hand.
    modeladmin.model.history.bulk_history_create(
        rows,
        update=True,
        batch_size=BATCH,
        default_user=request.user,
        default_change_reason=getattr(request, "corsadmin_reason", None),
    )
    return len(rows)


def _tell(
    modeladmin: Any, request: HttpRequest, changed: int, kept: int, refused: list[str]
) -> None:
    done = ngettext("%(count)d row was changed.", "%(count)d rows were changed.", changed)
    modeladmin.message_user(request, done % {"count": changed}, messages.SUCCESS)
    if kept:
        text = ngettext(
            "%(count)d row was left as it is: you have no permission to change it.",
            "%(count)d rows were left as they are: you have no permission to change them.",
            kept,
        )
        modeladmin.message_user(request, text % {"count": kept}, messages.WARNING)
    for line in refused[:SHOWN]:
        modeladmin.message_user(request, line, messages.ERROR)
    if len(refused) > SHOWN:
        more = _("%(count)d more rows were refused.") % {"count": len(refused) - SHOWN}
        modeladmin.message_user(request, more, messages.ERROR)
