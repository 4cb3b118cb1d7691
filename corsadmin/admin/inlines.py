"""A tenant's hosts, origins and path rules on the tenant's own page."""

from typing import Any, ClassVar, Final

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import BaseInlineFormSet
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.addresses import address
from corsadmin.admin.fields import MOMENTS
from corsadmin.admin.member_forms import MemberForm
from corsadmin.admin.model_forms import OriginForm, PathRuleForm, TenantHostForm
from corsadmin.admin.permissions import TenantPermissions
from corsadmin.admin.preset_field import OffersPresets
from corsadmin.admin.reading import ReadInWords
from corsadmin.admin.row_links import RowLinks
from corsadmin.admin.user_field import may_view_users, obstacle_to_logging_in
from corsadmin.engine.wildcards import LabelLengths
from corsadmin.messages import describe
from corsadmin.models import Origin, PathRule, TenantHost, TenantMember
from corsadmin.models.access import access
from corsadmin.models.validation import too_many_lengths, wildcards_in

# Nobody adds this many rows before a save. A higher count does not come from the page, and showing
# that many empty rows would take the server seconds.
MAX_ROWS_SENT: Final = 120
TABULAR: Final = "corsadmin/tabular.html"


class OwnRows(BaseInlineFormSet):
    """Rows of the page's tenant. The formset treats the key of any other row as nonexistent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The page's form exists already and asks about these rows too: see lockout.form.
        tenant: Any = self.instance
        tenant.formsets.append(self)

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["id"].queryset = self.get_queryset()
        for field in form.fields.values():
            # Screen readers do not use a column's heading as the label of a field.
            if field.label and not field.widget.is_hidden:
                field.widget.attrs.setdefault("aria-label", field.label)


class OwnOrigins(OwnRows):
    """Origin entries of the page's tenant. Together they must stay within the wildcard limit."""

    def clean(self) -> None:
        super().clean()
        tenant: Any = self.instance
        given = [form for form in self.forms if form.has_changed()]
        stored = Origin.objects.filter(tenant=tenant.pk)  # none for a tenant that is being added
        kept_rows = stored.exclude(pk__in=[form.instance.pk for form in given if form.instance.pk])
        lengths = LabelLengths(wildcards_in(kept_rows))
        for form in given:
            kept = form.is_valid() and not form.cleaned_data.get(DELETION_FIELD_NAME)
            pattern = form.cleaned_data["pattern"] if kept else ""
            if not lengths.take(pattern):
                form.add_error("pattern", describe(too_many_lengths(pattern)))


class PolicyInline(TenantPermissions, ReadInWords, admin.options.InlineModelAdmin):
    """Rows of one tenant. If there are more than `limit`, the page links to their list instead.

    Together, the limits keep a page below DATA_UPLOAD_MAX_NUMBER_FIELDS, 1,000 by default.
    """

    limit: ClassVar[int]
    formfield_overrides = MOMENTS
    formset = OwnRows
    extra = 0
    has_pages = True  # each row has links to its own pages
    # Relations that are read together with the rows. Links to a row's pages need its tenant.
    related: ClassVar[tuple[str, ...]] = ("tenant",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        rows: QuerySet[Model] = super().get_queryset(request)
        return rows.select_related(*self.related)

    def is_only_read(self, request: HttpRequest, obj: Model | None) -> bool:
        # New rows share the columns, so where rows can be added, nothing is shown in words.
        return super().is_only_read(request, obj) and not self.has_add_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_pages:
            return fieldsets
        (title, part), *others = fieldsets
        fields = [*part["fields"], RowLinks.on(request, self.admin_site.name)]
        return [(title, {**part, "fields": fields}), *others]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        if obj is None or not self.has_pages:
            return fields
        return (*fields, RowLinks.on(request, self.admin_site.name))

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        # Django sets max_num to 0 for users who may not add rows, so that no blank row is offered.
        most = MAX_ROWS_SENT if self.max_num is None else self.max_num
        bounds = {"max_num": most, "absolute_max": MAX_ROWS_SENT}
        formset: Any = super().get_formset(request, obj, **{**kwargs, **bounds})
        formset.form.access = access(request)
        return formset


class TenantHostInline(PolicyInline, admin.TabularInline):
    template = TABULAR
    model = TenantHost
    form = TenantHostForm
    fields = ("host",)
    limit = 20
    has_pages = False


class OriginInline(PolicyInline, admin.TabularInline):
    template = TABULAR
    model = Origin
    form = OriginForm
    formset = OwnOrigins
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


class PathRuleInline(OffersPresets, PolicyInline, admin.StackedInline):
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
                    "exclusive",
                    "note",
                )
            },
        ),
    )
    limit = 20


@admin.display(description=_("log-in"))
def obstacle_column(_screen: object, member: TenantMember) -> str:
    """Show why a member cannot log in, blank if they can."""
    return obstacle_to_logging_in(member.user) if member.pk else ""


def search_address(request: HttpRequest, site: str) -> str:
    """Return the address that suggests users, blank if the user may not view users."""
    return address(site, "tenantmember_users") if may_view_users(access(request)) else ""


class MemberInline(PolicyInline, admin.TabularInline):
    template = TABULAR
    model = TenantMember
    form = MemberForm
    fields = ("user", "role", "obstacle")
    readonly_fields = ("obstacle",)
    limit = 10
    has_pages = False
    related = ("user",)

    obstacle = obstacle_column

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.user_search = search_address(request, self.admin_site.name)
        return formset


# The rows that people edit most come first.
INLINES: Final[tuple[type[PolicyInline], ...]] = (
    OriginInline,
    TenantHostInline,
    PathRuleInline,
    MemberInline,
)
