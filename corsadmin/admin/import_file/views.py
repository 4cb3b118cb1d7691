"""Import a file: show its plan first, and carry out only the plan that was shown."""

from itertools import islice
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from corsadmin.admin.addresses import address
from corsadmin.admin.history.differences import FieldChange
from corsadmin.admin.import_file.answers import TableAnswers
from corsadmin.admin.import_file.downloads import SAMPLES, rejects_file, sample_file
from corsadmin.admin.import_file.forms import ALL, ImportForm
from corsadmin.admin.import_file.mending import wrong_rows
from corsadmin.admin.import_file.review import record, risks_in, tenants_in
from corsadmin.admin.import_file.tables import MAX_ROWS, PageTable, TooManyRowsError
from corsadmin.admin.import_file.upload import Upload
from corsadmin.admin.lockout.confirm import page_origin, verdict_for
from corsadmin.admin.optimistic_lock.form import reason_of
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.preview.preview import CHANGED, Preview, UnconfirmedError
from corsadmin.admin.words import field_text
from corsadmin.models.database import alias_for_writing
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.importing import Import
from corsadmin.transfer.plan.apply import Signature, apply_plan
from corsadmin.transfer.plan.autofix import correction
from corsadmin.transfer.plan.permissions import unexplained
from corsadmin.transfer.plan.proposal import consequences_of
from corsadmin.transfer.plan.staging import foreign_database
from corsadmin.transfer.plan.steps import ADD, CHANGE, REMOVE, Plan, PlanStep
from corsadmin.transfer.records.diagnostics import TransferError

MAX_SHOWN_STEPS: Final = 200  # steps, and problems
MAX_SHOWN_VALUE: Final = 200  # characters of a value
ALREADY: Final = gettext_lazy(
    "This file has already been imported: all rows match it. Nothing was changed."
)
FULL: Final = gettext_lazy(
    "The page cannot hold that many corrections, so the last ones were not made. Import the valid rows "
    "first, or correct the file itself."
)
Page = dict[str, object]
WORDS: Final = {
    ADD: gettext_lazy("will be added"),
    CHANGE: gettext_lazy("will be changed"),
    REMOVE: gettext_lazy("will be removed"),
}


def import_page(
    modeladmin: PolicyModelAdmin, request: HttpRequest
) -> dict[str, object] | HttpResponse:
    """Return the page's context, a file, or a redirect once a plan has been carried out."""
    page: Page = {
        "foreign": foreign_database(alias_for_writing()),
        "reason": reason_of(request),
        "start": address(modeladmin.admin_site.name, "tenant_import"),
    }
    if request.method != "POST":
        return _begin(request, page)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return {**page, "form": form, "answers": TableAnswers.of(request.POST)}
    if page["foreign"]:
        return {**page, "form": form.again()}
    return _answer(modeladmin, request, Upload.of(request, form), page)


def _answer(
    modeladmin: PolicyModelAdmin, request: HttpRequest, upload: Upload, page: Page
) -> dict[str, object] | HttpResponse:
    """Carry out the request, and return the page's context after it."""
    obstacle: dict[str, object] = {}
    done: Upload | HttpResponse = upload
    try:
        done = _act(modeladmin, request, upload)
    except UnconfirmedError as error:
        obstacle = error.context
    except TransferError:
        # The review below reports what is wrong.
        pass
    if isinstance(done, HttpResponse):
        return done
    looked = _look(request, done)
    plan = looked.get("plan")
    if obstacle.get("refused") == CHANGED and isinstance(plan, Plan) and plan.is_empty:
        obstacle = {"refused": ALREADY}
    if done.is_full:
        obstacle = {"refused": FULL}
    again = done.form.again(is_kept="columns" in looked)
    return {**page, **looked, "form": again, **obstacle}


def _act(
    modeladmin: PolicyModelAdmin, request: HttpRequest, upload: Upload
) -> Upload | HttpResponse:
    """Carry out the action of the clicked button. Return the upload to review next, or a response.

    Raises UnconfirmedError and TransferError.
    """
    sent = request.POST
    if "rejects" in sent and upload.table and not upload.is_full:
        return rejects_file(upload, upload.table)
    if "apply" in sent:
        left = _import(modeladmin, request, upload)
        tenants = address(modeladmin.admin_site.name, "tenant_changelist")
        return left or HttpResponseRedirect(tenants)
    if "take" in sent:
        upload.take(sent["take"])
    elif "accept" in sent:
        upload.form.accept(sent["accept"].strip())
    return upload


def _begin(request: HttpRequest, page: Page) -> dict[str, object] | HttpResponse:
    """Return the context of the empty page, or the sample file that was asked for."""
    sample = request.GET.get("sample", "")
    if sample not in SAMPLES:
        return {**page, "form": ImportForm()}
    try:
        return sample_file(sample)
    except BrokenTextError as error:
        return {**page, "form": ImportForm(), "no_workbooks": error.reason}


def _import(modeladmin: PolicyModelAdmin, request: HttpRequest, upload: Upload) -> Upload | None:
    """Apply the previewed plan. Return the rows that it left out, or None if there are none.

    Raise UnconfirmedError if nothing was applied.
    """
    with modeladmin.acting(request):
        try:
            said, left = _apply(request, upload)
        except TransferError as error:
            # The plan can no longer be applied; the page shows the new state.
            raise UnconfirmedError(CHANGED) from error
        modeladmin.message_user(request, said, messages.SUCCESS)
    return left


def _apply(request: HttpRequest, upload: Upload) -> tuple[str, Upload | None]:
    """Apply the previewed plan. Return what was done, in words, and what is left."""
    with upload.planned() as made:
        if upload.is_full:
            raise UnconfirmedError(FULL)
        preview = _preview(request, upload, made)
        preview.check()
        counts = made.plan.counts.values()
        touched = tenants_in(made.plan)
        reason = preview.verdict.confirmation.reason
        made_now = apply_plan(made.plan, Signature(reason, request.user.pk, must_say_why=True))
        left = upload.left(request, made.rejects)
        left_out = len({record.place for record, _faults in made.rejects.entries})
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
    if left_out:
        count = {"count": left_out}
        said += (
            " "
            + ngettext("%(count)d row was left out.", "%(count)d rows were left out.", left_out)
            % count
        )
    return said, left


def _preview(request: HttpRequest, upload: Upload, made: Import) -> Preview:
    """Return the preview of a plan. The input and the plan's generation determine it."""
    plan = made.plan
    return Preview(
        request.user.pk,
        (*upload.entered, plan.generation),
        verdict_for(request, consequences_of(plan, page_origin(request))),
        accepts_risk=bool(unexplained(plan)),
        is_empty=plan.is_empty or _removes_too_much(upload, made),
    )


def _removes_too_much(upload: Upload, made: Import) -> bool:
    """Report whether a plan might remove rows that only its rejected rows would have kept."""
    return bool(upload.form.cleaned_data["prune"] and made.rejects.entries)


def _look(request: HttpRequest, upload: Upload) -> dict[str, object]:
    """Return the context for the plan of a file, or for what is wrong with the file."""
    found: dict[str, object] = {}
    try:
        table = upload.table
        if table:
            found = table.context()
            found["encoding"] = upload.form.encoding
        with upload.planned() as made:
            if table:
                found |= _mending(table, made, cannot_prune=_removes_too_much(upload, made))
            plan = made.plan
            return {
                **found,
                "plan": plan,
                "counts": [
                    (kind.model._meta.verbose_name_plural, counts)
                    for kind, counts in plan.counts.items()
                ],
                "steps": [_step(step) for step in islice(plan.steps(), MAX_SHOWN_STEPS)],
                "left": max(0, _size(plan) - MAX_SHOWN_STEPS),
                "fixes": made.fixes,
                **_preview(request, upload, made).context(),
            }
    except TooManyRowsError:
        return {"too_many": MAX_ROWS}
    except TransferError as error:
        faults, accepted = error.faults, upload.form.cleaned_data["accepted"]
        corrections = [] if found else [correction(fault) for fault in faults]
        return {
            **found,
            "count": len(faults),
            "problems": [
                (fault, "" if found else correction(fault)) for fault in faults[:MAX_SHOWN_STEPS]
            ],
            "left": max(0, len(faults) - MAX_SHOWN_STEPS),
            "correctable": ALL not in accepted and any(corrections),
            "accepted": accepted,
        }


def _mending(table: PageTable, made: Import, *, cannot_prune: bool) -> dict[str, object]:
    """Return the context for the rejected rows of a table."""
    shown, count = wrong_rows(table, made.rejects)
    codes = {fault.code for fault in made.rejects.faults()}
    return {
        "wrong_rows": shown,
        "wrong": count,
        "hidden": count - len(shown),
        "right": len(table.rows) - count,
        "takes_all": any(fault.suggestion for fault in made.rejects.faults()),
        "asks_dates": "date-either" in codes or table.answers.dates,
        "cannot_prune": cannot_prune,
    }


def _label(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).verbose_name)


def _shown_value(value: object) -> str:
    """Return a value in the history's words, with a bounded length."""
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
