"""The forms of a copy: what to copy, to which tenants, and what to do with existing rows."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import Widget
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.copy_rows.planning import CopiedRow, Overwriting
from corsadmin.admin.fields import TokenListField, split_names
from corsadmin.admin.keys import is_key
from corsadmin.admin.named_tenant import find_tenant
from corsadmin.engine.hosts import check_slug
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.models.access import Access

MAX_COPIES: Final = 1_000  # rows that one copy writes
KEEP, OVERWRITE = "keep", "overwrite"
# The name of the checkboxes beside existing rows with other values, by the general choice.
EXCEPTIONS: Final = {KEEP: "overwritten", OVERWRITE: "kept"}
_TOO_MANY: Final = _(
    "This copy has more than 1,000 rows. Export the policy and import the file instead."
)
_ACTIONS: Final[dict[type[CopiedRow], str]] = {Tenant: "change", PathRule: "add", Origin: "add"}


class TenantsField(forms.ModelMultipleChoiceField):
    """Tenants by their keys. The field refuses impossible keys before it asks the database."""

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if not is_key(str(key)):
                message = self.error_messages["invalid_pk_value"]
                raise ValidationError(message, code="invalid_pk_value", params={"pk": key})
        return super().clean(value)


class CopyForm(forms.Form):
    """The tenants to copy rows to.

    A valid form has the tenants in `targets`, and the rows in `chosen`, one queryset per kind. Each
    new form reads the database again.
    """

    tenants = TenantsField(queryset=Tenant.objects.none(), label=_("Tenants"), required=False)
    slugs = TokenListField(
        label=_("Or their slugs"),
        help_text=_("Separate slugs with commas or spaces, for example pasted from a ticket."),
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )
    existing = forms.ChoiceField(
        label=_("Existing rows with other values"),
        required=False,
        initial=KEEP,
        choices=[(KEEP, _("keep unchanged")), (OVERWRITE, _("overwrite"))],
        widget=forms.RadioSelect,
    )

    def __init__(
        self,
        *args: Any,
        access: Access,
        widget: Widget,
        chosen: list[QuerySet[CopiedRow]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.access = access
        self.chosen = chosen
        self.targets: list[Tenant] = []
        field: Any = self.fields["tenants"]
        field.widget = widget
        field.queryset = self._open()  # and the widget's choices with it

    @property
    def overwriting(self) -> Overwriting:
        """The user's decision about existing rows with other values."""
        choice = self.cleaned_data["existing"] or KEEP
        sent: Any = self.data
        return Overwriting(choice == OVERWRITE, frozenset(sent.getlist(EXCEPTIONS[choice])))

    def clean(self) -> None:
        """Combine the tenants of both fields."""
        if self.errors:
            return
        named = {*self.cleaned_data["slugs"]}
        named |= {tenant.slug for tenant in self.cleaned_data["tenants"]}
        slugs = self._without_source(named)
        if not slugs:
            raise ValidationError(_("Choose the tenants to copy to."))
        if self._count() * len(slugs) > MAX_COPIES:
            raise ValidationError(_TOO_MANY)
        found = {tenant.slug: tenant for tenant in self._open().filter(slug__in=slugs)}
        missing = [slug for slug in sorted(slugs) if slug not in found]
        if missing:
            message = _("There are no tenants with these slugs that you can copy to: %(slugs)s.")
            error = ValidationError(message, params={"slugs": ", ".join(missing)})
            self.add_error("slugs", error)
        self.targets = [found[slug] for slug in sorted(found)]

    def _open(self) -> QuerySet[Tenant]:
        """Return the tenants that the user may copy to. The form reveals nothing about others."""
        kinds: list[type[CopiedRow]] = [rows.model for rows in self.chosen]
        tenants = self.access.limit(Tenant.objects.all(), field="pk")
        for kind in kinds:
            tenants = tenants & self.access.tenants_for(_ACTIONS[kind], kind)
        return tenants

    def _without_source(self, slugs: set[str]) -> set[str]:
        return slugs

    def _count(self) -> int:
        """Return how many rows are chosen, counting no further than one too many of each kind."""
        return sum(some[: MAX_COPIES + 1].count() for some in self.chosen)


class PolicyCopyForm(CopyForm):
    """A tenant whose policy to copy, the parts to copy, and the tenants to copy them to."""

    source = forms.CharField(
        label=_("Copy from"),
        max_length=200,
        help_text=_("The slug of the tenant whose policy you copy. Hosts are never copied."),
        widget=forms.TextInput(
            attrs={"class": "vTextField", "list": "corsadmin-tenants", "autocomplete": "off"}
        ),
    )
    rules = forms.BooleanField(label=_("Path rules"), required=False, initial=True)
    origins = forms.BooleanField(label=_("Origins"), required=False, initial=True)
    settings = forms.BooleanField(label=_("Setting: inherits the platform's rules"), required=False)
    rows = forms.CharField(required=False, max_length=40 * MAX_COPIES, widget=forms.HiddenInput)

    field_order = ("source", "rules", "origins", "settings", "rows", "tenants", "slugs", "existing")
    source_is_target = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, chosen=[], **kwargs)
        self.found: Tenant | None = None
        if self["rows"].value():
            for name in ("rules", "origins", "settings"):
                del self.fields[name]

    def clean_source(self) -> Tenant:
        """Return the tenant to copy from. Treat one that the user may not see as nonexistent."""
        slug = self.cleaned_data["source"]
        seen = self.access.limit(Tenant.objects.all(), field="pk")
        self.found = find_tenant(seen, slug)
        if self.found is None:
            message = _("There is no tenant “%(slug)s” that you can copy from.")
            raise ValidationError(message, params={"slug": slug})
        return self.found

    def clean(self) -> None:
        """Find the rows first, because their kinds decide which tenants can get them."""
        if self.found is not None:
            self.chosen = self._chosen(self.found)
            if not self._count():
                self.add_error(None, _("Choose what to copy. Your selection contains no rows."))
        super().clean()

    def _chosen(self, source: Tenant) -> list[QuerySet[CopiedRow]]:
        given = self.cleaned_data
        rules, origins = self._held(source)
        if given["rows"]:
            return [rows for rows in self._named(source, given["rows"]) if rows.exists()]
        settings = Tenant.objects.filter(pk=source.pk)
        asked = {"settings": settings, "rules": rules, "origins": origins}
        return [
            rows
            for name, rows in asked.items()
            # The platform inherits nothing, so its setting cannot be copied.
            if given.get(name) and not (name == "settings" and source.is_platform)
        ]

    def single_rows(self) -> list[QuerySet[CopiedRow]]:
        """Return the single rows to copy, one queryset per kind, even from an unsubmitted form."""
        slug = str(self["source"].value())
        if check_slug(slug):
            return []  # no tenant can have this slug, and a database may raise an error for it
        source = self.access.limit(Tenant.objects.all(), field="pk").filter(slug=slug).first()
        return self._named(source, str(self["rows"].value())) if source else []

    def _held(self, source: Tenant) -> list[QuerySet[CopiedRow]]:
        """Return the tenant's path rules and origins that the user may see."""
        return [
            self.access.limit(model._default_manager.filter(tenant=source))
            for model in (PathRule, Origin)
        ]

    def _named(self, source: Tenant, text: str) -> list[QuerySet[CopiedRow]]:
        """Return the rows named in a text such as `origin-12 pathrule-7`."""
        names = [name.rpartition("-") for name in split_names(text)]
        return [
            rows.filter(
                pk__in=[
                    key
                    for kind, _dash, key in names
                    if kind == rows.model._meta.model_name and is_key(key)
                ]
            )
            for rows in self._held(source)
        ]

    def _without_source(self, slugs: set[str]) -> set[str]:
        assert self.found is not None  # otherwise the form already has an error
        self.source_is_target = self.found.slug in slugs
        return slugs - {self.found.slug}
