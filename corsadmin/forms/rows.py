"""Forms for the rows of a policy: what one user may write, with every problem at its field."""

from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.models import InlineForeignKeyField
from django.utils.translation import gettext_lazy as _

from corsadmin import gate
from corsadmin.access import ACCEPT_RISK, ALLOW_ANY_ORIGIN, Access
from corsadmin.engine import check_origin
from corsadmin.forms.fields import SuggestingErrors, TokenListField
from corsadmin.forms.lockout import CONFIRM, check_lockout, covering
from corsadmin.forms.versions import PageForm
from corsadmin.messages import describe
from corsadmin.models import Origin, PathRule, Tenant, TenantHost, TenantMember

# What needs no permission to accept a risk: words about a row, and switching it off.
_HARMLESS = frozenset({"note"})


def missing_permission(access: Access, row: Any) -> str:
    """Return what forbids a user to put a row in force, blank when nothing does.

    What somebody accepted was one row: others must not make it another one, or live again.
    """
    if isinstance(row, PathRule) and row.any_origin and not access.has(ALLOW_ANY_ORIGIN):
        return str(_("You have no permission to change what is open to any origin."))
    if isinstance(row, Origin) and row.risk_accepted and not access.has(ACCEPT_RISK):
        problems = check_origin(replace(gate.origin_text(row), risk_accepted=False))
        if problems:
            return " ".join(
                [describe(problems[0]), str(_("You have no permission to accept this risk."))]
            )
    return ""


class PolicyForm(forms.ModelForm):
    """A form for one row. The admin sets `access` to what its user may do.

    `locks` names, by field, the permission without which a box can be neither ticked nor unticked.
    """

    access: ClassVar[Access]
    restoring: ClassVar[bool] = False  # an old version is written over the present one
    locks: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["error_class"] = SuggestingErrors
        super().__init__(*args, **kwargs)
        for name in self._locked():
            self.fields[name].disabled = True
            self.fields[name].help_text = _("You have no permission to change this.")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name in self._locked():
            widget = self.fields[name].widget
            given = widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            if given and not self.get_initial_for_field(self.fields[name], name):
                message = _("You have no permission to tick this.")
                self.add_error(name, ValidationError(message, code="not-permitted"))
        return cleaned

    def _locked(self) -> list[str]:
        return [
            name
            for name, permission in self.locks.items()
            if name in self.fields and not self.access.has(permission)
        ]

    def _widens(self) -> bool:
        """Report whether the form does more than take away or take notes."""
        changed = set(self.changed_data) - _HARMLESS
        return self.restoring or (
            bool(changed) and (changed != {"enabled"} or self.instance.enabled)
        )

    def _check_risk(self) -> None:
        """Refuse what only those may do who may accept its risk."""
        if self.errors or not self._widens():
            return
        missing = missing_permission(self.access, self.instance)
        if missing:
            self.add_error(None, ValidationError(missing, code="not-permitted"))

    def _post_clean(self) -> None:
        # A row that nobody touched is not written, and judging it costs six queries.
        if self.has_changed() or self.restoring or self.instance.pk is None:
            super()._post_clean()  # type: ignore[misc]
            self._check_risk()

    def _update_errors(self, errors: ValidationError) -> None:
        # A problem of a field that this user does not see would be a crash: show it on top.
        for name in [*getattr(errors, "error_dict", ())]:
            if name not in self.fields and name != NON_FIELD_ERRORS:
                moved = errors.error_dict.pop(name)
                errors.error_dict.setdefault(NON_FIELD_ERRORS, []).extend(moved)
        super()._update_errors(errors)  # type: ignore[misc]


class TenantForm(PageForm, PolicyForm):
    class Meta:
        model = Tenant
        fields = ("slug", "name", "is_active", "inherits_platform", "note")
        widgets: ClassVar = {"note": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})}


class RowForm(PolicyForm):
    """A form for a row of a tenant."""

    def clean_tenant(self) -> Any:
        """Refuse a tenant to whose rows the user may not do this, however it got into the form."""
        tenant = self.cleaned_data["tenant"]
        if isinstance(self.fields["tenant"], InlineForeignKeyField):
            return tenant  # the admin has judged the page's tenant
        action = "add" if self.instance._state.adding else "change"  # noqa: SLF001
        if not self.access.may(action, self._meta.model, tenant):
            message = _("You have no permission to change this tenant.")
            raise ValidationError(message, code="not-permitted")
        return tenant


class TenantHostForm(RowForm):
    class Meta:
        model = TenantHost
        fields = ("tenant", "host")


class PathRuleForm(RowForm):
    locks: ClassVar = {"any_origin": ALLOW_ANY_ORIGIN}

    methods = TokenListField(
        label=_("Methods"), help_text=_("GET, PUT, … separated by commas or spaces; * for any.")
    )
    request_headers = TokenListField(
        label=_("Request headers"), help_text=_("Header names that a page may send, lower case.")
    )
    exposed_headers = TokenListField(
        label=_("Exposed headers"), help_text=_("Response header names that a page may read.")
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
            "credentials",
            "any_origin",
            "refuse_unlisted",
            "max_age",
            "note",
        )


class OriginForm(RowForm):
    locks: ClassVar = {"risk_accepted": ACCEPT_RISK}

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


class TenantMemberForm(PageForm, PolicyForm):
    class Meta:
        model = TenantMember
        fields = ("tenant", "user", "role")


class TenantHostPageForm(PageForm, TenantHostForm):
    """A host on a page of its own."""


class PathRulePageForm(PageForm, PathRuleForm):
    """A path rule on a page of its own."""


class OriginPageForm(PageForm, OriginForm):
    """An origin entry on a page of its own; switching off the last one asks first."""

    page_origin: ClassVar[str]

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.instance.pk is None or self.errors or self.data.get(CONFIRM):
            return
        try:
            check_lockout(*self._patterns(), self.page_origin)
        except ValidationError as error:
            self.add_error(None, error)

    def _patterns(self) -> tuple[list[str], list[str]]:
        """Return the enabled patterns before and after: those of others that matter, and its own."""
        others = Origin.objects.filter(tenant=self.instance.tenant_id, enabled=True)
        others = others.exclude(pk=self.instance.pk)
        kept = [*others.values_list("pattern", flat=True)[:1]]
        kept += others.filter(pattern__in=covering(self.page_origin)).values_list(
            "pattern", flat=True
        )
        before = [self.initial["pattern"]] if self.initial["enabled"] else []
        after = [self.instance.pattern] if self.instance.enabled else []
        return kept + before, kept + after
