"""The page that copies a tenant's policy or parts of it to others, and the actions that open it."""

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.addresses import address
from corsadmin.admin.copy_rows.forms import MAX_COPIES, PolicyCopyForm
from corsadmin.admin.copy_rows.views import MAX_SHOWN_ROWS, copied_or_asked, tenants_box
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.rendering import render
from corsadmin.admin.titles import title_with_tenant
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.models.access import Access, access

MAX_SUGGESTED: Final = 100  # tenants
TITLE: Final = _("Copy a policy to tenants")


def policy_copy_page(modeladmin: PolicyModelAdmin, request: HttpRequest) -> HttpResponse:
    """Ask what to copy, from which tenant and to which tenants, show the plan, and carry it out."""
    initial = request.GET.dict()

    def make_form() -> PolicyCopyForm:
        given = request.POST if request.method == "POST" else None
        return _form(modeladmin, request, given, initial)

    with modeladmin.acting(request):
        found = copied_or_asked(modeladmin, request, make_form)
    if found is None:
        return HttpResponseRedirect(address(modeladmin.admin_site.name, "tenant_changelist"))
    return _page(modeladmin, request, found)


@admin.action(description=_("Copy the policy to other tenants"), permissions=["copy"])
def copy_policy_from(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[Tenant]
) -> HttpResponse | None:
    """Redirect to the page, with the selected tenant as the source."""
    slugs = list(queryset.values_list("slug", flat=True)[:2])
    if len(slugs) != 1:
        modeladmin.message_user(request, str(_("Select exactly one tenant.")), messages.ERROR)
        return None
    return HttpResponseRedirect(copy_address(modeladmin.admin_site.name, source=slugs[0]))


@admin.action(
    description=_("Copy a policy to the selected %(verbose_name_plural)s"),
    permissions=["copy"],
)
def copy_policy_to(
    modeladmin: PolicyModelAdmin, request: HttpRequest, queryset: QuerySet[Tenant]
) -> HttpResponse | None:
    """Show the page, with the selected tenants as targets.

    This is not a redirect: an address with all the slugs could be too long for a server.
    """
    slugs = list(queryset.order_by("slug").values_list("slug", flat=True)[: MAX_COPIES + 1])
    if len(slugs) > MAX_COPIES:
        text = _("Select at most 1,000 tenants. For more, export the policy and import the file.")
        modeladmin.message_user(request, str(text), messages.ERROR)
        return None
    form = _form(modeladmin, request, None, {"slugs": ", ".join(slugs)})
    return _page(modeladmin, request, {"form": form, "media": modeladmin.media + form.media})


def may_copy_policies(may: Access) -> bool:
    """Report whether the user may copy any row of any tenant to any other."""
    return may.may("view", Tenant) and any(
        may.may("view", kind) and may.may("add", kind) for kind in (PathRule, Origin)
    )


def copy_address(site: str, **given: str) -> str:
    """Return the address of the page with these fields filled in: source, slugs, rows."""
    return f"{address(site, 'tenant_copy')}?{urlencode(given)}"


def _form(
    modeladmin: PolicyModelAdmin,
    request: HttpRequest,
    given: QueryDict | None,
    initial: dict[str, str],
) -> PolicyCopyForm:
    return PolicyCopyForm(
        given,
        initial=initial,
        access=access(request),
        widget=tenants_box(modeladmin, Origin),
    )


def _page(
    modeladmin: PolicyModelAdmin, request: HttpRequest, found: dict[str, Any]
) -> TemplateResponse:
    seen = access(request).tenants_for("view", Tenant)
    source = found["form"].found
    context = {
        "form_action": address(modeladmin.admin_site.name, "tenant_copy"),
        "suggested": list(seen.values_list("slug", "name")[:MAX_SUGGESTED]),
        "is_policy": True,
        "chosen": _chosen(found["form"]),
        **found,
    }
    title = title_with_tenant(TITLE, source) if source else TITLE
    return render(modeladmin, request, "copy", title, context)


def _chosen(form: PolicyCopyForm) -> list[Model]:
    """Return the single rows to copy that the page names."""
    if "rules" in form.fields:
        return []
    return [row for rows in form.single_rows() for row in rows[:MAX_SHOWN_ROWS]]
