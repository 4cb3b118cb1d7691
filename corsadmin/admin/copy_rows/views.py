"""Copy rows and policies to other tenants: show a plan first, then write it as one change."""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import groupby
from operator import attrgetter
from typing import Final

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.copy_rows.exclusive import closed_rules
from corsadmin.admin.copy_rows.forms import EXCEPTIONS, KEEP, CopyForm
from corsadmin.admin.copy_rows.planning import (
    KEPT,
    NEW,
    OVERWRITTEN,
    REFUSED,
    THERE,
    TWICE,
    WRITTEN,
    CopiedRow,
    RowCopy,
    copies_accept_risk,
    plan_copies,
)
from corsadmin.admin.copy_rows.telling import tell_copied
from corsadmin.admin.key_widgets import RowSelectMultiple
from corsadmin.admin.lockout.confirm import posted
from corsadmin.admin.lockout.question import DIGEST
from corsadmin.admin.optimistic_lock.form import REASON, reason_of
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.preview.preview import CHANGED, Preview, UnconfirmedError, preview_rows
from corsadmin.admin.rendering import render
from corsadmin.admin.titles import title_of_rows
from corsadmin.models.access import access
from corsadmin.proposed_change import ProposedChange

# What the page's own form and buttons send; and `index`, which of the list's two action bars sent.
_SENT: Final = ("tenants", "slugs", "existing", "check", "copy")
_OWN: Final = (*_SENT, *EXCEPTIONS.values(), REASON, DIGEST, "index")
MAX_SHOWN_ROWS: Final = 20  # rows named before there is a preview


@admin.action(
    description=_("Copy the selected %(verbose_name_plural)s to tenants"), permissions=["add"]
)
def copy_to_tenants(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[CopiedRow]
) -> TemplateResponse | None:
    """Ask for the tenants, show what each would get, and write it as one change."""
    # If the page's form was not sent, the request comes from the list with the selected rows.
    is_sent = not request.POST.keys().isdisjoint(_SENT)

    def make_form() -> CopyForm:
        return CopyForm(
            request.POST if is_sent else None,
            access=access(request),
            widget=tenants_box(modeladmin, modeladmin.model),
            chosen=[queryset],
        )

    found = copied_or_asked(modeladmin, request, make_form)
    if found is None:
        return None
    if not found["copies"]:
        found |= _named(modeladmin, request, queryset)
    title = title_of_rows(modeladmin, request, _("Copy to tenants"), queryset)
    context = {"posted": posted(request, _OWN), **found}
    return render(modeladmin, request, "copy", title, context)


def tenants_box(modeladmin: PolicyModelAdmin, model: type[Model]) -> RowSelectMultiple:
    """Return the box that searches for tenants, as in the form of the model's rows."""
    return RowSelectMultiple(model._meta.get_field("tenant"), modeladmin.admin_site)


def copied_or_asked(
    modeladmin: PolicyModelAdmin, request: HttpRequest, make_form: Callable[[], CopyForm]
) -> dict[str, object] | None:
    """Return the copy page's context, or None once the previewed copy has been made."""
    obstacle: dict[str, object] = {}
    if "copy" in request.POST:
        try:
            _copy(modeladmin, request, make_form)
        except UnconfirmedError as error:
            obstacle = error.context
        else:
            return None
    form = make_form()
    page: dict[str, object] = {
        "form": form,
        "media": modeladmin.media + form.media,
        "copies": [],
        "reason": reason_of(request),
    }
    if not (form.is_bound and form.is_valid()):
        return {**page, **obstacle}
    copies, preview = _preview(request, form)
    counts = Counter(copy.state for copy in copies)
    return {
        **page,
        "copies": copies,
        "new": counts[NEW],
        "overwritten": counts[OVERWRITTEN],
        "kept": counts[KEPT],
        "there": counts[THERE],
        "left_out": counts[REFUSED] + counts[TWICE],
        "only_adds": not counts[OVERWRITTEN],
        "exception": EXCEPTIONS[form.cleaned_data["existing"] or KEEP],
        "exceptions": form.overwriting.exceptions,
        "closed": closed_rules(copies),
        **preview.context(),
        **obstacle,
    }


def _preview(request: HttpRequest, form: CopyForm) -> tuple[list[RowCopy], Preview]:
    # In a fixed order, so that the preview is the same each time.
    rows: list[CopiedRow] = [row for some in form.chosen for row in some.order_by("pk")]
    copies = list(plan_copies(access(request), rows, form.targets, form.overwriting))
    preview = preview_rows(
        request,
        ProposedChange.from_rows(copy.row for copy in copies if copy.state in WRITTEN),
        [copy.seen for copy in copies],
        accepts_risk=copies_accept_risk(copies),
    )
    return copies, preview


def _copy(
    modeladmin: PolicyModelAdmin, request: HttpRequest, make_form: Callable[[], CopyForm]
) -> None:
    """Write the previewed copy as one change. Raise UnconfirmedError if it would differ."""
    with modeladmin.one_change():
        # Read inside the change, in which nobody else can delete a tenant or a row.
        form = make_form()
        if not form.is_valid():
            raise UnconfirmedError(CHANGED)
        copies, preview = _preview(request, form)
        preview.check()
        written = [copy for copy in copies if copy.state in WRITTEN]
        for tenant, group in groupby(written, attrgetter("tenant")):
            modeladmin.log_change(request, tenant, _write(group))
    tell_copied(modeladmin, request, copies)


def _write(copies: Iterable[RowCopy]) -> list[dict[str, dict[str, object]]]:
    """Save the copies, and return the message for the admin's log."""
    said: list[dict[str, dict[str, object]]] = []
    for copy in copies:
        copy.row.save()
        row: dict[str, object] = {"name": str(copy.row._meta.verbose_name), "object": str(copy.row)}
        if copy.old is None:
            said.append({"added": row})
        else:
            said.append({"changed": {**row, "fields": [one.label for one in copy.differences]}})
    return said


def _named(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[Model]
) -> dict[str, object]:
    """Return the chosen rows to name until there is a preview, which names each row."""
    chosen = list(queryset.order_by("pk")[: MAX_SHOWN_ROWS + 1])
    return {
        "chosen": chosen[:MAX_SHOWN_ROWS],
        "names_tenants": modeladmin.may_read(request, "tenant"),
        "has_more": len(chosen) > MAX_SHOWN_ROWS,
    }
