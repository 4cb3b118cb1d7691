"""Import a file: its plan is shown first, and what is confirmed is what was shown."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from io import BytesIO
from itertools import islice
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.admin.addresses import address
from corsadmin.admin.history.differences import FieldChange
from corsadmin.admin.import_file.forms import ALL, TEXT, ImportForm
from corsadmin.admin.import_file.review import record, risks_in, tenants_in
from corsadmin.admin.lockout.confirm import page_origin, verdict_for
from corsadmin.admin.optimistic_lock.form import reason_of
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.preview.preview import CHANGED, Preview, UnconfirmedError
from corsadmin.admin.words import field_text
from corsadmin.models.access import access
from corsadmin.models.database import alias_for_writing
from corsadmin.transfer.formats.bounds import PAGE
from corsadmin.transfer.importing import Choices, Import, plan_import, plan_text
from corsadmin.transfer.plan.apply import Signature, apply_plan
from corsadmin.transfer.plan.autofix import correction
from corsadmin.transfer.plan.permissions import unexplained
from corsadmin.transfer.plan.proposal import consequences_of
from corsadmin.transfer.plan.staging import foreign_database
from corsadmin.transfer.plan.steps import ADD, CHANGE, REMOVE, Plan, PlanStep
from corsadmin.transfer.records.check import Record
from corsadmin.transfer.records.diagnostics import Fault, TransferError

MAX_ROWS: Final = 5_000
MAX_SHOWN_STEPS: Final = 200  # steps, and problems
MAX_SHOWN_VALUE: Final = 200  # characters of a value
WORDS: Final = {
    ADD: gettext_lazy("added"),
    CHANGE: gettext_lazy("changed"),
    REMOVE: gettext_lazy("removed"),
}


class TooManyRowsError(TransferError):
    """A file has more rows than a page takes."""


def import_page(
    modeladmin: PolicyModelAdmin, request: HttpRequest
) -> dict[str, object] | HttpResponseRedirect:
    """Return what the page shows, or where to go when a plan was carried out."""
    page = {
        "foreign": foreign_database(alias_for_writing()),
        "reason": reason_of(request),
        "start": address(modeladmin.admin_site.name, "tenant_import"),
    }
    if request.method != "POST":
        return {**page, "form": ImportForm()}
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return {**page, "form": form}
    if page["foreign"]:
        return {**page, "form": form.again()}
    obstacle: dict[str, object] = {}
    if "apply" in request.POST:
        try:
            return _import(modeladmin, request, form)
        except UnconfirmedError as error:
            obstacle = error.context
    elif "accept" in request.POST:
        form.accept(request.POST["accept"].strip())
    return {**page, **_look(request, form), "form": form.again(), **obstacle}


def _import(
    modeladmin: PolicyModelAdmin, request: HttpRequest, form: ImportForm
) -> HttpResponseRedirect:
    """Apply the plan that was shown, and lead to the tenants; raise UnconfirmedError otherwise."""
    with modeladmin.acting(request):
        try:
            said = _apply(request, form)
        except TransferError as error:
            # It can no longer be applied; the page says what has become of it.
            raise UnconfirmedError(CHANGED) from error
        modeladmin.message_user(request, said, messages.SUCCESS)
    return HttpResponseRedirect(address(modeladmin.admin_site.name, "tenant_changelist"))


def _apply(request: HttpRequest, form: ImportForm) -> str:
    """Apply the plan that was shown and say what was done."""
    with _planned(request, form) as made:
        preview = _preview(request, form, made.plan)
        preview.check()
        counts = made.plan.counts.values()
        touched = tenants_in(made.plan)
        reason = preview.verdict.confirmation.reason
        made_now = apply_plan(made.plan, Signature(reason, request.user.pk, must_say_why=True))
    said = _(
        "Imported as generation %(generation)d: %(added)d added, %(changed)d changed, "
        "%(removed)d removed."
    ) % {
        "generation": made_now,
        "added": sum(count.added for count in counts),
        "changed": sum(count.changed for count in counts),
        "removed": sum(count.removed for count in counts),
    }
    record(request.user, touched, said)
    return said


def _preview(request: HttpRequest, form: ImportForm, plan: Plan) -> Preview:
    """Return the preview of a plan, which its input and the generation it was made at determine."""
    return Preview(
        request.user.pk,
        (*form.entered, plan.generation),
        verdict_for(request, consequences_of(plan, page_origin(request))),
        accepts_risk=bool(unexplained(plan)),
        is_empty=plan.is_empty,
    )


def _look(request: HttpRequest, form: ImportForm) -> dict[str, object]:
    """Return the plan of a file, or what is wrong with it."""
    try:
        with _planned(request, form) as made:
            plan = made.plan
            return {
                "plan": plan,
                "counts": [
                    (kind.model._meta.verbose_name_plural, counts)
                    for kind, counts in plan.counts.items()
                ],
                "steps": [_step(step) for step in islice(plan.steps(), MAX_SHOWN_STEPS)],
                "left": max(0, _size(plan) - MAX_SHOWN_STEPS),
                "fixes": made.fixes,
                **_preview(request, form, plan).context(),
            }
    except TooManyRowsError:
        return {"too_many": MAX_ROWS}
    except TransferError as error:
        found, accepted = error.faults, form.cleaned_data["accepted"]
        corrections = [correction(fault) for fault in found]
        return {
            "problems": list(zip(found, corrections, strict=True))[:MAX_SHOWN_STEPS],
            "count": len(found),
            "left": max(0, len(found) - MAX_SHOWN_STEPS),
            "correctable": ALL not in accepted and any(corrections),
            "accepted": accepted,
        }


def _planned(request: HttpRequest, form: ImportForm) -> AbstractContextManager[Import]:
    given = form.cleaned_data
    choices = Choices(
        format=given["format"],
        prune=given["prune"],
        fix=ALL in given["accepted"],
        accepted=given["accepted"],
        access=access(request),
        bounds=PAGE,
    )
    file = BytesIO(form.content)
    if given["format"] == TEXT:
        return plan_text(file, given["into"], choices, watch=_at_most)
    return plan_import(file, choices, watch=_at_most)


def _at_most(entries: Iterable[Record | Fault]) -> Iterator[Record | Fault]:
    for number, entry in enumerate(entries):
        if number == MAX_ROWS:
            raise TooManyRowsError(())
        yield entry


def _label(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).verbose_name)


def _shown_value(value: Any) -> str:
    """Return a value as the history tells it, of bounded length."""
    return Truncator(field_text(value)).chars(MAX_SHOWN_VALUE)


def _size(plan: Plan) -> int:
    return sum(count.added + count.changed + count.removed for count in plan.counts.values())


def _step(step: PlanStep) -> dict[str, object]:
    return {
        "sign": step.sign,
        "word": WORDS[step.sign],
        "tenant": step.tenant,
        "kind": step.kind.model._meta.verbose_name,
        "title": "" if step.title == step.tenant else step.title,
        "differences": [
            FieldChange(
                _label(step.kind.model, name),
                "" if step.sign == ADD else _shown_value(before),
                _shown_value(after),
            )
            for name, (before, after) in step.fields.items()
        ],
        "risks": risks_in(step),
    }
