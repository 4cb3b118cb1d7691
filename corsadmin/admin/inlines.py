"""A tenant's hosts, origins and path rules on the tenant's own page."""

from typing import Any, ClassVar, Final

from django.contrib import admin
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone

from corsadmin.access import access
from corsadmin.admin.asking import page_origin
from corsadmin.admin.base import MOMENTS
from corsadmin.admin.permissions import TenantPermissions
from corsadmin.forms.lockout import CONFIRM, check_lockout, is_standing
from corsadmin.forms.rows import OriginForm, PathRuleForm, TenantHostForm
from corsadmin.models import Origin, PathRule, TenantHost


class OwnRows(BaseInlineFormSet):
    """Rows of the page's tenant: the key of any other is as wrong as one that never was."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["id"].queryset = self.get_queryset()
        for field in form.fields.values():
            # The head of a table's column is no label to a screen reader.
            if field.label and not field.widget.is_hidden:
                field.widget.attrs.setdefault("aria-label", field.label)


class OriginRows(OwnRows):
    """Origin entries of the page's tenant; taking away too many of them asks first."""

    page_origin: ClassVar[str]

    def clean(self) -> None:
        super().clean()
        if any(self.errors) or self.data.get(CONFIRM):
            return
        now = timezone.now()
        stored = Origin._base_manager.filter(pk__in=[row.instance.pk for row in self.initial_forms])
        before = {row.pattern for row in stored if is_standing(row, now)}
        after = {
            form.instance.pattern
            for form in self.forms
            if form.instance.pattern
            and is_standing(form.instance, now)
            and not form.cleaned_data.get("DELETE")
        }
        check_lockout(before, after, self.page_origin)


class PolicyInline(TenantPermissions, admin.options.InlineModelAdmin):
    """Rows of one tenant. Above `limit` rows the page links to their list instead.

    All limits together keep a page below DATA_UPLOAD_MAX_NUMBER_FIELDS, 1000 by default.
    """

    limit: ClassVar[int]
    formfield_overrides = MOMENTS
    formset = OwnRows
    extra = 0
    show_change_link = True

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.form.access = access(request)
        formset.page_origin = page_origin(request)
        return formset


class TenantHostInline(PolicyInline, admin.TabularInline):
    model = TenantHost
    form = TenantHostForm
    fields = ("host",)
    limit = 20
    show_change_link = False


class OriginInline(PolicyInline, admin.TabularInline):
    model = Origin
    form = OriginForm
    formset = OriginRows
    fields = (
        "pattern",
        "credentials",
        "enabled",
        "scope",
        "valid_until",
        "risk_accepted",
        "note",
    )
    extra = 1
    limit = 50


class PathRuleInline(PolicyInline, admin.StackedInline):
    model = PathRule
    form = PathRuleForm
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("path", "max_age", "enabled"),
                    ("methods", "request_headers", "exposed_headers"),
                    ("credentials", "any_origin", "refuse_unlisted"),
                    "note",
                )
            },
        ),
    )
    limit = 20


# What is edited most comes first.
INLINES: Final[tuple[type[PolicyInline], ...]] = (OriginInline, TenantHostInline, PathRuleInline)
