"""Import a file: its plan is shown first, and what is confirmed is what was shown."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from io import BytesIO
from itertools import islice
from typing import Any, Final

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.admin.addresses import address
from corsadmin.admin.history.timeline import FieldChange
from corsadmin.admin.import_file.forms import ALL, ImportForm
from corsadmin.admin.import_file.review import record, risks_in, tenants_in
from corsadmin.admin.lockout.confirm import page_origin, verdict_for
from corsadmin.admin.lockout.verdict import ChangeVerdict
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.risks.acceptance import CODE as NO_REASON
from corsadmin.admin.risks.acceptance import SAY_WHY
from corsadmin.admin.words import field_text
from corsadmin.models.access import access
from corsadmin.models.database import alias_for_writing
from corsadmin.transfer.formats.bounds import PAGE
from corsadmin.transfer.importing import Choices, Import, plan_import
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
SALT: Final = "corsadmin.import"
WORDS: Final = {
    ADD: gettext_lazy("added"),
    CHANGE: gettext_lazy("changed"),
    REMOVE: gettext_lazy("removed"),
}

ANOTHER_PLAN: Final = gettext_lazy(
    "This is not the plan that you reviewed. Nothing was saved. Review the new plan."
)
LOCKS_OUT: Final = gettext_lazy("Nothing was saved. To lock somebody out on purpose, tick the box.")
MOVED: Final = gettext_lazy(
    "The policies have changed since this plan was made. Nothing was saved. Review the new plan."
)


class TooManyRowsError(TransferError):
    """A file has more rows than a page takes."""


class LockoutError(Exception):
    """A plan locks somebody out, and nobody has said that it should."""


def import_page(
    modeladmin: PolicyModelAdmin, request: HttpRequest
) -> dict[str, Any] | HttpResponseRedirect:
    """Return what the page shows, or where to go when a plan was carried out."""
    foreign = foreign_database(alias_for_writing())
    if request.method != "POST":
        return {"form": ImportForm(), "foreign": foreign}
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return {"form": form, "foreign": foreign}
    if foreign:
        return {"form": form.again(), "foreign": foreign}
    obstacle: dict[str, Any] = {}
    if "apply" in request.POST:
        said, obstacle = _try(request, form)
        if said:
            modeladmin.message_user(request, said, messages.SUCCESS)
            site = modeladmin.admin_site.name
            return HttpResponseRedirect(address(site, "tenant_changelist"))
    elif "take" in request.POST:
        form.take(request.POST["take"].strip())
    return {**obstacle, **_look(request, form), "form": form.again()}


def _try(request: HttpRequest, form: ImportForm) -> tuple[str, dict[str, Any]]:
    """Apply the plan that was shown; return what was done, or what is in the way."""
    try:
        return _carry_out(request, form), {}
    except signing.BadSignature:
        return "", {"refused": ANOTHER_PLAN}
    except LockoutError:
        return "", {"refused": LOCKS_OUT}
    except TransferError as error:
        if any(fault.code == NO_REASON for fault in error.faults):
            return "", {"unexplained": SAY_WHY}
        return "", {"refused": MOVED}


def _carry_out(request: HttpRequest, form: ImportForm) -> str:
    """Apply the plan that was shown and say what was done.

    Raises BadSignature when it was another one or shown to somebody else, LockoutError when it
    locks somebody out and nobody said so, and TransferError when it can no longer be carried out.
    """
    shown = signing.loads(request.POST.get("plan", ""), salt=SALT)
    generation = shown[-1]
    if shown != _said(request, form, generation):
        raise signing.BadSignature
    with _planned(request, form, expected=generation) as made:
        counts = made.plan.counts.values()
        touched = tenants_in(made.plan)
        if _verdict(request, made.plan).is_unconfirmed:
            raise LockoutError
        reason = form.cleaned_data["change_reason"]
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


def _look(request: HttpRequest, form: ImportForm) -> dict[str, Any]:
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
                **_verdict(request, plan).context(),
                "why": SAY_WHY if unexplained(plan) else "",
                "signed": signing.dumps(_said(request, form, plan.generation), salt=SALT),
            }
    except TooManyRowsError:
        return {"too_many": MAX_ROWS}
    except TransferError as error:
        found, taken = error.faults, form.cleaned_data["taken"]
        corrections = [correction(fault) for fault in found]
        return {
            "problems": list(zip(found, corrections, strict=True))[:MAX_SHOWN_STEPS],
            "count": len(found),
            "left": max(0, len(found) - MAX_SHOWN_STEPS),
            "correctable": ALL not in taken and any(corrections),
            "taken": taken,
        }


def _verdict(request: HttpRequest, plan: Plan) -> ChangeVerdict:
    return verdict_for(request, consequences_of(plan, page_origin(request)))


def _planned(
    request: HttpRequest, form: ImportForm, expected: int | None = None
) -> AbstractContextManager[Import]:
    given = form.cleaned_data
    choices = Choices(
        format=given["format"],
        prune=given["prune"],
        expected=expected,
        fix=ALL in given["taken"],
        taken=given["taken"],
        access=access(request),
        bounds=PAGE,
    )
    return plan_import(BytesIO(form.content), choices, watch=_at_most)


def _at_most(entries: Iterable[Record | Fault]) -> Iterator[Record | Fault]:
    for number, entry in enumerate(entries):
        if number == MAX_ROWS:
            raise TooManyRowsError(())
        yield entry


def _said(request: HttpRequest, form: ImportForm, generation: int) -> list[Any]:
    """Return what a plan is known by: who made it, of what, and when."""
    return [str(request.user.pk), form.digest, generation]


def _label(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).verbose_name)


def _shown_value(value: Any) -> str:
    """Return a value as the timeline tells it, of bounded length."""
    return Truncator(field_text(value)).chars(MAX_SHOWN_VALUE)


def _size(plan: Plan) -> int:
    return sum(count.added + count.changed + count.removed for count in plan.counts.values())


def _step(step: PlanStep) -> dict[str, Any]:
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
