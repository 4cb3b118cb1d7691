"""What can be done to many rows at once, each time as one change with its history."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import ValidationError
from django.db import router
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from corsadmin import generation
from corsadmin.access import access
from corsadmin.forms.fields import MomentInput
from corsadmin.forms.rows import missing_permission
from corsadmin.transfer.formats import FORMATS

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


class OriginActionForm(ReasonActionForm):
    """The list of actions on origins, with a line for a time."""

    # Text: a time that is none must not keep other actions from being carried out.
    valid_until = forms.CharField(label=_("New end:"), required=False, widget=MomentInput)


@admin.action(description=_("Enable the selected %(verbose_name_plural)s"), permissions=["change"])
def enable(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> None:
    """Switch rows on; a row that is not sound, or too dangerous for the user, stays off."""
    _switch(modeladmin, request, queryset, on=True)


@admin.action(description=_("Disable the selected %(verbose_name_plural)s"), permissions=["change"])
def disable(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> None:
    """Switch rows off."""
    _switch(modeladmin, request, queryset, on=False)


@admin.action(
    description=_("Set the end of the selected %(verbose_name_plural)s"), permissions=["change"]
)
def set_end(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> None:
    """Let entries end at the time given beside the action; without one they never end."""
    try:
        end = forms.DateTimeField(required=False).clean(request.POST.get("valid_until"))
    except ValidationError as error:
        modeladmin.message_user(request, " ".join(error.messages), messages.ERROR)
        return
    rows = queryset.filter(valid_until__isnull=False) if end is None else queryset
    _change(modeladmin, request, rows, {"valid_until": end}, judged=True)


@admin.action(description=_("Export the selected %(verbose_name_plural)s"), permissions=["view"])
def export(_modeladmin: Any, _request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
    """Answer with the file that `cors_import` reads."""
    text = "".join(map(str, FORMATS["json"].write(list(queryset.values_list("slug", flat=True)))))
    headers = {"Content-Disposition": 'attachment; filename="policies.json"'}
    return HttpResponse(text, content_type="application/json", headers=headers)


def _switch(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any], *, on: bool) -> None:
    rows = queryset.filter(**{modeladmin.switch: not on})
    _change(modeladmin, request, rows, {modeladmin.switch: on}, judged=on)


def _change(
    modeladmin: Any,
    request: HttpRequest,
    queryset: QuerySet[Any],
    values: dict[str, Any],
    *,
    judged: bool,
) -> None:
    """Write values to rows, with their history, in one change; tell what was not done."""
    asked = queryset.order_by()
    rows = access(request).limit(asked, "change", field=modeladmin.tenant_field)
    kept = asked.count() - rows.count()
    refused: list[str] = []
    changed = 0
    if rows.exists():
        values = {**values, "modified": timezone.now()}
        with generation.change(router.db_for_write(modeladmin.model)):
            for batch in _batches(rows):
                for row in batch:
                    for name, value in values.items():
                        setattr(row, name, value)
                sound = [row for row in batch if not judged or _is_sound(request, row, refused)]
                changed += _write(modeladmin, request, sound, values)
    _tell(modeladmin, request, changed, kept, refused)


def _batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    keys = list(rows.values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        yield list(rows.model._default_manager.filter(pk__in=keys[start : start + BATCH]))


def _is_sound(request: HttpRequest, row: Any, refused: list[str]) -> bool:
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
