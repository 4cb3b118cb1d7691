"""Pages of rows whose titles name the tenant, if the user may see it."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext

from corsadmin.admin.keys import is_key
from corsadmin.admin.titles import title_of_row, title_with_tenant
from corsadmin.admin.visible_fields import VisibleFields
from corsadmin.models import Tenant
from corsadmin.models.access import access


class TitledPages(VisibleFields):
    """A screen whose pages name the tenant that they are about."""

    def titled(self, request: HttpRequest, title: str, row: Any) -> str:
        """Return the title of a page about a row."""
        return title_of_row(title, row) if self.may_read(request, "tenant") else title

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        key = request.GET.get("tenant", "")
        tenants = access(request).tenants_for("view", self.model)
        tenant = tenants.filter(pk=key).first() if is_key(key) else None
        if tenant is not None:
            # The list shows one tenant's rows, as when opened by a link on the tenant's page.
            title = title_with_tenant(str(capfirst(self.opts.verbose_name_plural)), tenant)
            extra_context = {"title": title, **(extra_context or {})}
        return super().changelist_view(request, extra_context)  # type: ignore[no-any-return]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: object, **kwargs: object
    ) -> HttpResponse:
        row = kwargs.get("obj")
        # Django shows the tenant below the title of its own page.
        if not isinstance(row, Tenant):
            row = row or _chosen(context["adminform"].form)
            context["title"] = self.titled(request, context["title"], row)
        return super().render_change_form(  # type: ignore[no-any-return]
            request, context, *args, **kwargs
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        row = (extra_context or {}).get("row")
        context = {"title": self.titled(request, gettext("Delete"), row), **(extra_context or {})}
        return super().delete_view(request, object_id, context)  # type: ignore[no-any-return]

    def history_form_view_title(self, request: HttpRequest, obj: Model) -> str:
        return self.titled(request, gettext("%(row)s as it was") % {"row": obj}, obj)


def _chosen(form: Any) -> Tenant | None:
    """Return the tenant chosen in the form of a new row, or None."""
    if "tenant" not in form.fields:
        return None
    key = str(form["tenant"].value() or "")
    found: Tenant | None = None
    if is_key(key):
        found = form.fields["tenant"].queryset.filter(pk=key).first()
    return found
