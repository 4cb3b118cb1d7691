"""Copy rows to other tenants: a plan first, then all of it as one change."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.copy_rows.forms import (
    MAX_COPIES,
    NEW,
    CopyForm,
    RowCopy,
    copies_accept_risk,
    copies_digest,
    plan_copies,
)
from corsadmin.admin.key_widgets import RowSelectMultiple
from corsadmin.admin.lockout.confirm import posted
from corsadmin.admin.optimistic_lock.form import REASON, reason_of
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.rendering import render
from corsadmin.admin.risks.acceptance import CODE, SAY_WHY
from corsadmin.admin.telling import COPIED, tell_count
from corsadmin.models.access import access

# What the page's own form and buttons send, and which of two lists of actions was used.
_OWN: Final = ("tenants", "slugs", REASON, "check", "copy", "digest", "index")
MAX_SHOWN_ROWS: Final = 20  # rows named before there is an answer
_TOO_MANY: Final = _("This is more than 1,000 rows: export them, and import the file.")
_OVERTAKEN: Final = _(
    "The policies have changed since this page was shown. Nothing was saved. Review the page again."
)


class OvertakenError(Exception):
    """What would be copied is no longer what was shown."""


@admin.action(
    description=_("Copy the selected %(verbose_name_plural)s to tenants"), permissions=["add"]
)
def copy_to_tenants(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[Any]
) -> TemplateResponse | None:
    """Ask for the tenants, show what each would get, and add it as one change."""
    form = _form(modeladmin, request)
    if not (form.is_bound and form.is_valid()):
        return _page(modeladmin, request, form, queryset, [])
    if queryset[: MAX_COPIES + 1].count() * len(form.targets) > MAX_COPIES:
        form.add_error(None, _TOO_MANY)
        return _page(modeladmin, request, form, queryset, [])
    copies = _copies(request, form, queryset)
    if copies_accept_risk(copies):
        form[REASON].help_text = str(SAY_WHY)
    if "copy" not in request.POST or not _is_explained(request, form, copies):
        return _page(modeladmin, request, form, queryset, copies)
    try:
        added = _carry_out(modeladmin, request, form, queryset)
    except OvertakenError:
        form.add_error(None, _OVERTAKEN)
        return _page(modeladmin, request, form, queryset, _copies(request, form, queryset))
    tell_count(modeladmin, request, COPIED, added)
    return None


def _form(modeladmin: PolicyModelAdmin, request: HttpRequest) -> CopyForm:
    model: type[Any] = modeladmin.model  # each of which has a tenant
    field = model._meta.get_field("tenant")
    is_sent = "check" in request.POST or "copy" in request.POST
    return CopyForm(
        request.POST if is_sent else None,
        tenants=access(request).tenants_for("add", modeladmin.model),
        widget=RowSelectMultiple(field, modeladmin.admin_site),
        initial={REASON: reason_of(request)},
    )


def _copies(request: HttpRequest, form: CopyForm, queryset: QuerySet[Any]) -> list[RowCopy]:
    # In an order of its own, so that the plan is the same each time.
    return list(plan_copies(access(request), list(queryset.order_by("pk")), form.targets))


def _is_explained(request: HttpRequest, form: CopyForm, copies: list[RowCopy]) -> bool:
    if copies_accept_risk(copies) and not reason_of(request):
        form.add_error(REASON, ValidationError(SAY_WHY, code=CODE))
    return not form.errors


def _carry_out(
    modeladmin: PolicyModelAdmin, request: HttpRequest, form: CopyForm, queryset: QuerySet[Any]
) -> int:
    """Add the copies that were shown and return their number; raise OvertakenError for others."""
    with modeladmin.one_change():
        # Judged once more: from here on nobody else writes.
        copies = _copies(request, form, queryset)
        if copies_digest(copies) != request.POST.get("digest"):
            raise OvertakenError
        new = [copy for copy in copies if copy.state == NEW]
        for tenant, group in groupby(new, attrgetter("tenant")):
            modeladmin.log_change(request, tenant, _add(group))
    return len(new)


def _add(copies: Iterable[RowCopy]) -> list[dict[str, Any]]:
    """Save copies and return what the admin's log says of it."""
    said = []
    for copy in copies:
        copy.row.save()
        name = str(copy.row._meta.verbose_name)
        said.append({"added": {"name": name, "object": str(copy.row)}})
    return said


def _page(
    modeladmin: PolicyModelAdmin,
    request: HttpRequest,
    form: CopyForm,
    queryset: QuerySet[Any],
    copies: list[RowCopy],
) -> TemplateResponse:
    # Until there is an answer, which names each row, the page says what was chosen.
    chosen = [] if copies else list(queryset.order_by("pk")[: MAX_SHOWN_ROWS + 1])
    context = {
        "media": modeladmin.media + form.media,
        "form": form,
        "chosen": chosen[:MAX_SHOWN_ROWS],
        "names_tenants": modeladmin.may_read(request, "tenant"),
        "has_more": len(chosen) > MAX_SHOWN_ROWS,
        "copies": copies,
        "new": sum(copy.state == NEW for copy in copies),
        "digest": copies_digest(copies),
        "posted": posted(request, _OWN),
    }
    return render(modeladmin, request, "copy", _("Copy to tenants"), context)
