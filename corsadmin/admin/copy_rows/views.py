"""Copy rows to other tenants: a plan first, then all of it as one change."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.copy_rows.forms import (
    MAX_COPIES,
    NEW,
    CopiedRow,
    CopyForm,
    RowCopy,
    copies_accept_risk,
    plan_copies,
    row_content,
)
from corsadmin.admin.key_widgets import RowSelectMultiple
from corsadmin.admin.lockout.confirm import posted
from corsadmin.admin.lockout.question import DIGEST
from corsadmin.admin.optimistic_lock.form import REASON, reason_of
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.preview.preview import Preview, UnconfirmedError, preview_rows
from corsadmin.admin.rendering import render
from corsadmin.admin.telling import COPIED, tell_count
from corsadmin.admin.titles import title_of_rows
from corsadmin.models.access import access
from corsadmin.proposed_change import ProposedChange

# What the page's own form and buttons send, and which of two lists of actions was used.
_SENT: Final = ("tenants", "slugs", "check", "copy")
_OWN: Final = (*_SENT, REASON, DIGEST, "index")
MAX_SHOWN_ROWS: Final = 20  # rows named before there is an answer
_TOO_MANY: Final = _("This is more than 1,000 rows: export them, and import the file.")


@admin.action(
    description=_("Copy the selected %(verbose_name_plural)s to tenants"), permissions=["add"]
)
def copy_to_tenants(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[CopiedRow]
) -> TemplateResponse | None:
    """Ask for the tenants, show what each would get, and add it as one change."""
    form = _form(modeladmin, request)
    if not (form.is_bound and form.is_valid()):
        return _page(modeladmin, request, form, queryset, _chosen(modeladmin, request, queryset))
    if queryset[: MAX_COPIES + 1].count() * len(form.targets) > MAX_COPIES:
        form.add_error(None, _TOO_MANY)
        return _page(modeladmin, request, form, queryset, _chosen(modeladmin, request, queryset))
    obstacle: dict[str, object] = {}
    if "copy" in request.POST:
        try:
            _add_copies(modeladmin, request, form, queryset)
        except UnconfirmedError as error:
            obstacle = error.context
        else:
            return None
    copies, preview = _preview(request, form, queryset)
    found = {"copies": copies, "new": sum(copy.state == NEW for copy in copies)}
    return _page(modeladmin, request, form, queryset, {**found, **preview.context(), **obstacle})


def _form(modeladmin: PolicyModelAdmin, request: HttpRequest) -> CopyForm:
    model: type[Any] = modeladmin.model  # each of which has a tenant
    field = model._meta.get_field("tenant")
    # Otherwise the list has sent which rows are to be copied.
    is_sent = not request.POST.keys().isdisjoint(_SENT)
    return CopyForm(
        request.POST if is_sent else None,
        tenants=access(request).tenants_for("add", modeladmin.model),
        widget=RowSelectMultiple(field, modeladmin.admin_site),
    )


def _preview(
    request: HttpRequest, form: CopyForm, queryset: QuerySet[CopiedRow]
) -> tuple[list[RowCopy], Preview]:
    # In an order of its own, so that the preview is the same each time.
    copies = list(plan_copies(access(request), list(queryset.order_by("pk")), form.targets))
    preview = preview_rows(
        request,
        ProposedChange.from_rows(copy.row for copy in copies if copy.state == NEW),
        [(copy.tenant.pk, row_content(copy.row), copy.state, copy.message) for copy in copies],
        accepts_risk=copies_accept_risk(copies),
    )
    return copies, preview


def _add_copies(
    modeladmin: PolicyModelAdmin,
    request: HttpRequest,
    form: CopyForm,
    queryset: QuerySet[CopiedRow],
) -> None:
    """Add the copies that were shown as one change; raise UnconfirmedError for others."""
    with modeladmin.one_change():
        copies, preview = _preview(request, form, queryset)
        preview.check()
        new = [copy for copy in copies if copy.state == NEW]
        for tenant, group in groupby(new, attrgetter("tenant")):
            modeladmin.log_change(request, tenant, _add(group))
    tell_count(modeladmin, request, COPIED, len(new))


def _add(copies: Iterable[RowCopy]) -> list[dict[str, dict[str, str]]]:
    """Save copies and return what the admin's log says of it."""
    said = []
    for copy in copies:
        copy.row.save()
        name = str(copy.row._meta.verbose_name)
        said.append({"added": {"name": name, "object": str(copy.row)}})
    return said


def _chosen(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[CopiedRow]
) -> dict[str, object]:
    """Return what the page says was chosen, until there is a preview, which names each row."""
    chosen = list(queryset.order_by("pk")[: MAX_SHOWN_ROWS + 1])
    return {
        "copies": [],
        "chosen": chosen[:MAX_SHOWN_ROWS],
        "names_tenants": modeladmin.may_read(request, "tenant"),
        "has_more": len(chosen) > MAX_SHOWN_ROWS,
        "reason": reason_of(request),
    }


def _page(
    modeladmin: PolicyModelAdmin,
    request: HttpRequest,
    form: CopyForm,
    rows: QuerySet[CopiedRow],
    found: dict[str, object],
) -> TemplateResponse:
    context = {
        "media": modeladmin.media + form.media,
        "form": form,
        "posted": posted(request, _OWN),
        "only_adds": True,
        **found,
    }
    title = title_of_rows(modeladmin, request, _("Copy to tenants"), rows)
    return render(modeladmin, request, "copy", title, context)
