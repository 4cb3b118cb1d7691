"""Forms for the rows of a policy: what the user may write, with every problem at its field."""

from typing import Any, ClassVar

from django import VERSION, forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.models import InlineForeignKeyField
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.collisions import hide_owner
from corsadmin.admin.fields import HeaderListField, SuggestingErrors, TokenListField
from corsadmin.admin.lockout.form import ConfirmedForm
from corsadmin.admin.optimistic_lock.form import REASON
from corsadmin.admin.preset_field import PresetForm
from corsadmin.admin.risks import acceptance
from corsadmin.admin.risks.widgets import RiskInput, listed, risks_beside_refusal
from corsadmin.admin.rule_additions import with_additions
from corsadmin.diagnose.lint.risks import risks_of
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.models.access import ACCEPT_RISK, ALLOW_ANY_ORIGIN, CHANGE_PLATFORM, Access
from corsadmin.proposed_change.risk_acceptance import accepts_risk

# The fields that can make a path rule risky, and the path, which the texts of its risks name.
_RISKY = ("path", "any_origin", "credentials", "methods", "request_headers")
# A change of these fields alone needs no permission to accept a risk.
_HARMLESS = frozenset({"note"})


class PolicyForm(forms.ModelForm):
    """A form for one row. The admin sets `access` to what the user may do.

    `locks` names, by field, the permission that the user needs to change a checkbox. `risk` is the
    checkbox that accepts a risk.
    """

    access: ClassVar[Access]
    restoring: ClassVar[bool] = False  # the form writes an old version over the current one
    locks: ClassVar[dict[str, str]] = {}
    risk: ClassVar[str] = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["error_class"] = SuggestingErrors
        super().__init__(*args, **kwargs)
        for name in self._locked():
            self.fields[name].disabled = True
            self.fields[name].help_text = _("You do not have permission to change this.")

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        for name in self._locked():
            widget = self.fields[name].widget
            given = widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            if given and not self.get_initial_for_field(self.fields[name], name):
                message = _("You do not have permission to select this.")
                self.add_error(name, ValidationError(message, code="not-permitted"))
        return cleaned

    def _locked(self) -> list[str]:
        return [
            name
            for name, permission in self.locks.items()
            if name in self.fields and not self.access.has(permission)
        ]

    def _widens(self) -> bool:
        """Report whether the form does more than disable the row or change its note."""
        changed = set(self.changed_data) - _HARMLESS
        return self.restoring or (
            bool(changed) and (changed != {"enabled"} or self.instance.enabled)
        )

    def _check_risk(self) -> None:
        """Refuse a risky change if the user may not accept its risk, or gives no reason."""
        if self.errors or not self._widens():
            return
        if missing := acceptance.missing_permission(self.access, self.instance):
            self.add_error(None, ValidationError(missing, code="not-permitted"))
        elif self._lacks_reason():
            error = ValidationError(acceptance.SAY_WHY, code=acceptance.CODE)
            self.add_error(REASON if REASON in self.fields else self._risky_field(), error)

    def _lacks_reason(self) -> bool:
        """Report whether the form accepts a risk without a reason."""
        if not accepts_risk(None, self.instance):
            return False
        # A page has one reason field, which it sends along with the rows of its inlines.
        if str(self.data.get(REASON, "")).strip():
            return False
        return accepts_risk(acceptance.stored_row(self.instance), self.instance)

    def _risky_field(self) -> str:
        """Return the field that shows the error for a risk without a reason."""
        return self.risk

    def _show_risks(self, row: Any, *, refused: bool = False) -> None:
        """Show the risks of a row beside the field that causes them."""

    def _get_validation_exclusions(self) -> set[str]:
        # Rows are unique within a tenant, so the tenant counts even where the form only shows it.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - ({"tenant", "slug"} - {*self.errors})

    def _keep_the_rest(self) -> None:
        """Keep the stored values of the columns that the form does not show."""
        stored = acceptance.stored_row(self.instance)
        if stored is None:
            return
        for field in stored._meta.concrete_fields:
            if field.name not in {*self.fields, "tenant"}:
                setattr(self.instance, field.attname, getattr(stored, field.attname))

    def _post_clean(self) -> None:
        if self.restoring:
            self._keep_the_rest()
        # An unchanged row is not written, and judging it would cost six queries.
        if self.has_changed() or self.restoring or self.instance.pk is None:
            super()._post_clean()  # type: ignore[misc]
            self._check_risk()
            self._show_risks(self.instance, refused=bool(self.errors))

    def _update_errors(self, errors: ValidationError) -> None:
        hide_owner(self.access, self.instance, errors)
        for name in [*errors.error_dict]:
            if name in self.fields and name in self.errors:
                del errors.error_dict[name]  # the form reported it, and left the row's field blank
            elif name not in {*self.fields, NON_FIELD_ERRORS}:  # this would crash the page
                moved = errors.error_dict.pop(name)
                errors.error_dict.setdefault(NON_FIELD_ERRORS, []).extend(moved)
        super()._update_errors(errors)  # type: ignore[misc]


class TenantForm(ConfirmedForm, PolicyForm):
    """A tenant."""

    class Meta:
        model = Tenant
        fields = ("slug", "name", "is_active", "inherits_platform", "note")
        widgets: ClassVar = {"note": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})}

    def _post_clean(self) -> None:
        super()._post_clean()
        becomes = self.instance.is_platform and "slug" in self.changed_data
        if becomes and not self.access.has(CHANGE_PLATFORM):
            message = _("You do not have permission to change this tenant.")
            self.add_error("slug", ValidationError(message, code="not-permitted"))


class RowForm(PolicyForm):
    """A form for a row of a tenant."""

    def clean_tenant(self) -> Tenant:
        """Refuse a tenant whose rows the user may not add or change, however the form names it."""
        tenant: Tenant = self.cleaned_data["tenant"]
        if isinstance(self.fields["tenant"], InlineForeignKeyField):
            return tenant  # the admin has checked the permissions for the page's tenant
        action = "add" if self.instance._state.adding else "change"
        if not self.access.may(action, self._meta.model, tenant):
            message = _("You do not have permission to change this tenant.")
            raise ValidationError(message, code="not-permitted")
        return tenant

    def validate_unique(self) -> None:
        """Refuse a duplicate row, on the page of its tenant too."""
        super().validate_unique()
        # From 6.1 on, Django checks constraints that include the parent of an inline's row by itself.
        is_inline = isinstance(self.fields.get("tenant"), InlineForeignKeyField)
        if is_inline and not self.errors and VERSION < (6, 1):
            try:
                self.instance.validate_constraints(exclude=self._get_validation_exclusions())
            except ValidationError as error:
                self._update_errors(error)


class TenantHostForm(RowForm):
    class Meta:
        model = TenantHost
        fields = ("tenant", "host")


class PathRuleForm(PresetForm, RowForm):
    additions: ClassVar[dict[str, list[str]]] = {}  # unsaved names that the lists show already
    locks: ClassVar = {"any_origin": ALLOW_ANY_ORIGIN}
    risk = "any_origin"

    methods = TokenListField(
        label=_("Methods"),
        help_text=_(
            "Methods such as GET, PUT, separated by commas or spaces, or * for any. With * and "
            "credentials, the response to a listed origin names the requested method."
        ),
    )
    request_headers = HeaderListField(
        label=_("Request headers"),
        help_text=_(
            "Headers that pages may send, in upper or lower case, or * for any except "
            "authorization. With * and credentials, the response to a listed origin names the "
            "requested headers, including authorization."
        ),
    )
    exposed_headers = TokenListField(
        label=_("Exposed headers"),
        help_text=_("Response headers that pages may read; * for any, without credentials."),
    )

    class Meta:
        model = PathRule
        fields = (
            "tenant",
            "path",
            "enabled",
            "methods",
            "request_headers",
            "exposed_headers",
            "exclusive",
            "credentials",
            "any_origin",
            "refuse_unlisted",
            "max_age",
            "note",
        )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            for name, added in self.additions.items():
                self.initial[name] = with_additions(self.initial.get(name), added)
        self._plain_help = {name: field.help_text for name, field in self.fields.items()}
        given = {name: self.initial[name] for name in _RISKY if name in self.initial}
        self._show_risks(PathRule(**given))

    def _risky_field(self) -> str:
        return "any_origin" if self.instance.any_origin else "credentials"

    def _show_risks(self, row: PathRule, *, refused: bool = False) -> None:
        name = "any_origin" if row.any_origin else "credentials"
        found = risks_of(row)
        if found and name in self.fields:
            text = format_html("{}{}", self._plain_help[name], listed(found))
            self.fields[name].help_text = text
            self[name].help_text = text  # the bound field may have copied the text already


class OriginForm(RowForm):
    locks: ClassVar = {"risk_accepted": ACCEPT_RISK}
    risk = "risk_accepted"

    class Meta:
        model = Origin
        fields = (
            "tenant",
            "pattern",
            "credentials",
            "enabled",
            "scope",
            "valid_from",
            "valid_until",
            "risk_accepted",
            "note",
        )
        widgets: ClassVar = {"pattern": RiskInput}
        help_texts: ClassVar = {
            "pattern": _(
                "https://app.example.com, https://*.example.org, https://pr-*.acme.dev, "
                "http://localhost:* or app://-"
            ),
            "risk_accepted": _(
                "Needed to grant credentials to plain http, to names that anybody can register, "
                "such as https://*.github.io, or to all applications of a scheme."
            ),
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        pattern, given = self.initial.get("pattern", ""), self.initial.get("credentials", False)
        self._show_risks(Origin(pattern=pattern, credentials=bool(given)))

    def _post_clean(self) -> None:
        super()._post_clean()
        ask = acceptance.ask_beside(self.access, self.instance, self.errors.get("pattern"))
        if ask:
            self.add_error("pattern", ValidationError(ask, code="whom-to-ask"))

    def _show_risks(self, row: Origin, *, refused: bool = False) -> None:
        if "pattern" in self.fields:
            self.fields["pattern"].widget.risks = (
                risks_beside_refusal(row) if refused else risks_of(row)
            )


class TenantHostPageForm(ConfirmedForm, TenantHostForm):
    """A host on a page of its own."""


class PathRulePageForm(ConfirmedForm, PathRuleForm):
    """A path rule on a page of its own."""


class OriginPageForm(ConfirmedForm, OriginForm):
    """An origin entry on a page of its own."""
