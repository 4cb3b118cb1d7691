"""Actions on many rows at once, each recorded as one change with its history."""

from collections.abc import Iterator
from copy import copy
from functools import wraps
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected as delete_after_a_question
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db import router
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, override

from corsadmin.admin.fields import MomentField, MomentInput
from corsadmin.admin.lockout.confirm import (
    confirmation_page,
    judge,
    posted,
    withdraw_answer,
    without_questioned,
)
from corsadmin.admin.optimistic_lock.form import REASON, reason_of
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.rendering import render
from corsadmin.admin.risks.acceptance import SAY_WHY, missing_permission
from corsadmin.admin.telling import CHANGED, tell_count
from corsadmin.admin.titles import title_of_rows
from corsadmin.models import Origin, Tenant, generation
from corsadmin.models.access import POLICY, Row, access
from corsadmin.models.rows import PolicyRow
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.risk_acceptance import accepts_risk
from corsadmin.transfer.formats.registry import FORMATS

BATCH = 500
MAX_SHOWN_ROWS = 10
NEVER_ENDS = "confirm_never_ends"  # sent by the page that asks before an end is removed
SAY_WHY_NEVER = _("These origins will never end. Give a reason, which is kept in the history.")


class ReasonActionForm(ActionForm):
    """The list of actions, with a field for the reason."""

    change_reason = forms.CharField(
        label=_("Reason:"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "corsadmin-reason"}),
    )


class OriginActionForm(ReasonActionForm):
    """The list of actions on origins, with a field for the new end."""

    # A CharField, so that an invalid time does not block other actions.
    valid_until = forms.CharField(label=_("New end:"), required=False, widget=MomentInput)


_END = MomentField(
    error_messages={
        "required": _(
            "Choose a new end. For origins that never end, choose “Remove the end” instead."
        )
    }
)


@admin.action(description=_("Enable the selected %(verbose_name_plural)s"), permissions=["change"])
def enable(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[PolicyRow]
) -> None:
    """Enable rows. A row that is invalid, or riskier than the user may allow, stays disabled."""
    _switch(modeladmin, request, queryset, on=True)


@admin.action(description=_("Disable the selected %(verbose_name_plural)s"), permissions=["change"])
def disable(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[PolicyRow]
) -> TemplateResponse | None:
    """Disable rows. Ask first if that locks somebody out."""
    change = ProposedChange.from_deletes(_allowed(modeladmin, request, queryset))
    with modeladmin.one_judgment(request):
        verdict = judge(request, change)
        if verdict.widening.is_forbidden:
            _tell_refused(modeladmin, request, verdict.widening.warnings)
        elif verdict.is_open:
            return confirmation_page(modeladmin, request, verdict, queryset)
        else:
            _switch(modeladmin, request, queryset, on=False)
    return None


@admin.action(
    description=_("Set the end of the selected %(verbose_name_plural)s"), permissions=["change"]
)
def set_end(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[Origin]
) -> TemplateResponse | None:
    """Let entries end at the time given beside the action. Without a time, change nothing."""
    try:
        end = _END.clean(request.POST.get("valid_until"))
    except ValidationError as error:
        modeladmin.message_user(request, " ".join(error.messages), messages.ERROR)
        return None
    if end is not None and end <= timezone.now():
        rows = _allowed(modeladmin, request, queryset)
        verdict = judge(request, ProposedChange.from_deletes(rows))
        if verdict.is_open:
            return confirmation_page(modeladmin, request, verdict, queryset)
    _change(modeladmin, request, queryset, {"valid_until": end}, judged_each=True)
    return None


@admin.action(
    description=_("Remove the end of the selected %(verbose_name_plural)s"), permissions=["change"]
)
def remove_end(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[Origin]
) -> TemplateResponse | None:
    """Remove the end of entries, expired ones too, after asking for confirmation and a reason."""
    rows = queryset.filter(valid_until__isnull=False)
    allowed = _allowed(modeladmin, request, rows)
    if not allowed.exists() or (NEVER_ENDS in request.POST and reason_of(request)):
        _change(modeladmin, request, rows, {"valid_until": None}, judged_each=True)
        return None
    named = list(allowed.select_related("tenant").order_by("pk")[: MAX_SHOWN_ROWS + 1])
    context = {
        "rows": named[:MAX_SHOWN_ROWS],
        "names_tenants": modeladmin.may_read(request, "tenant"),
        "has_more": len(named) > MAX_SHOWN_ROWS,
        "ended": allowed.filter(valid_until__lte=timezone.now()).count(),
        "posted": posted(request, (REASON, NEVER_ENDS)),
        "reason": reason_of(request),
        "unexplained": SAY_WHY_NEVER if NEVER_ENDS in request.POST else "",
        "why": SAY_WHY_NEVER,
    }
    title = title_of_rows(modeladmin, request, _("Are you sure?"), rows)
    return render(modeladmin, request, "never_ends", title, context)


@wraps(delete_after_a_question)  # keeps its permission and description
def delete_selected(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[PolicyRow]
) -> HttpResponse | None:
    """Delete rows after Django's confirmation page, which also says who would be locked out."""
    with modeladmin.one_judgment(request):
        verdict = judge(request, ProposedChange.from_deletes(queryset))
        if verdict.is_open:
            withdraw_answer(request, ("post",))
        response = delete_after_a_question(
            cast("admin.ModelAdmin[Model]", modeladmin), request, queryset
        )
    if isinstance(response, TemplateResponse) and response.context_data is not None:
        title = title_of_rows(modeladmin, request, response.context_data["title"], queryset)
        response.context_data.update({**verdict.context(), "title": title})
    return response


@admin.action(description=_("Export the selected %(verbose_name_plural)s"), permissions=["view"])
def export(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[Tenant]
) -> HttpResponse | None:
    """Answer with a file for `cors_import`. It has all of each tenant, so the user must see all."""
    keys = access(request).seen(*POLICY)
    if keys is not None and queryset.exclude(pk__in=keys).exists():
        refused = _(
            "An export contains hosts, origins and path rules. You do not have permission to view "
            "all of them."
        )
        modeladmin.message_user(request, str(refused), messages.ERROR)
        return None
    text = "".join(map(str, FORMATS["json"].write(list(queryset.values_list("slug", flat=True)))))
    headers = {"Content-Disposition": 'attachment; filename="policies.json"'}
    return HttpResponse(text, content_type="application/json", headers=headers)


def _switch(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[PolicyRow], *, on: bool
) -> None:
    rows = queryset.filter(**{modeladmin.switch: not on})
    _change(modeladmin, request, rows, {modeladmin.switch: on}, judged_each=on)


def _change(
    modeladmin: PolicyModelAdmin,
    request: HttpRequest,
    queryset: QuerySet[PolicyRow],
    values: dict[str, object],
    *,
    judged_each: bool,
) -> None:
    """Write values to rows, with history, in one change, and report the rows left out."""
    asked = queryset.order_by()
    rows = _allowed(modeladmin, request, queryset)
    kept = asked.count() - rows.count()
    refused: list[str] = []
    changed = 0
    if rows.exists():
        values = {**values, "modified": timezone.now()}
        with generation.change(router.db_for_write(modeladmin.model)):
            for batch in _batches(rows):
                sound = []
                for row in batch:
                    before = copy(row)
                    for name, value in values.items():
                        setattr(row, name, value)
                    if not judged_each or _is_sound(request, before, row, refused):
                        sound.append(row)
                if judged_each:
                    sound = without_questioned(request, sound, refused)
                changed += _write(modeladmin, request, sound, values)
    _tell(modeladmin, request, changed, kept, refused)


def _allowed(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[Row]
) -> QuerySet[Row]:
    asked = queryset.order_by()
    return access(request).limit(asked, "change", field=modeladmin.tenant_field)


def _batches(rows: QuerySet[PolicyRow]) -> Iterator[list[PolicyRow]]:
    keys = list(rows.values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        yield list(rows.model._default_manager.filter(pk__in=keys[start : start + BATCH]))


def _is_sound(request: HttpRequest, before: PolicyRow, row: PolicyRow, refused: list[str]) -> bool:
    try:
        row.full_clean(exclude=["tenant"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        refused.append(f"{row}: {' '.join(error.messages)}")
        return False
    missing = missing_permission(access(request), row)
    if not missing and accepts_risk(before, row) and not reason_of(request):
        missing = str(SAY_WHY)
    if missing:
        refused.append(f"{row}: {missing}")
    return not missing


def _write(
    modeladmin: PolicyModelAdmin,
    request: HttpRequest,
    rows: list[PolicyRow],
    values: dict[str, object],
) -> int:
    modeladmin.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(**values)
    # update() sends no signals, so the history is written here.
    modeladmin.model.history.bulk_history_create(
        rows,
        update=True,
        batch_size=BATCH,
        default_user=request.user,
        default_change_reason=reason_of(request),
        default_date=generation.moment_of_change(router.db_for_write(modeladmin.model)),
    )
    _log(request, rows, values)
    return len(rows)


def _log(request: HttpRequest, rows: list[Any], values: dict[str, object]) -> None:
    """Record the changed fields in the user's recent actions, as a form does."""
    if not rows:
        return
    with override(None):
        fields = [rows[0]._meta.get_field(name) for name in values if name != "modified"]
        said = [{"changed": {"fields": [capfirst(str(field.verbose_name)) for field in fields]}}]
    LogEntry.objects.log_actions(cast("Any", request.user).pk, rows, CHANGE, said)


def _tell(
    modeladmin: PolicyModelAdmin, request: HttpRequest, changed: int, kept: int, refused: list[str]
) -> None:
    tell_count(modeladmin, request, CHANGED, changed)
    if kept:
        text = ngettext(
            "%(count)d row was not changed: you do not have permission to change it.",
            "%(count)d rows were not changed: you do not have permission to change them.",
            kept,
        )
        modeladmin.message_user(request, text % {"count": kept}, messages.WARNING)
    _tell_refused(modeladmin, request, refused)


def _tell_refused(modeladmin: PolicyModelAdmin, request: HttpRequest, refused: list[str]) -> None:
    for line in refused[:MAX_SHOWN_ROWS]:
        modeladmin.message_user(request, line, messages.ERROR)
    if len(refused) > MAX_SHOWN_ROWS:
        more = _("%(count)d more rows were refused.") % {"count": len(refused) - MAX_SHOWN_ROWS}
        modeladmin.message_user(request, more, messages.ERROR)
