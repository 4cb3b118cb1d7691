"""The form for a new customer: names, hosts, a paste, a template for the path rule, an end."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.bulk_add.forms import MAX_FINDS, PasteForm
from corsadmin.admin.collisions import hide_owner
from corsadmin.admin.fields import MomentField, MomentInput, SuggestingErrors
from corsadmin.admin.new_customer.hosts import in_hosts_field, read_hosts
from corsadmin.admin.new_customer.planning import NO_RULE, TEMPLATES, proposed_slug, rule_from
from corsadmin.engine import PLATFORM
from corsadmin.models import PathRule, Tenant
from corsadmin.presets import PRESETS, Preset
from corsadmin.transfer.free_text.finds import Find, TextLine

MAX_HOSTS_TEXT: Final = 20_000  # characters
_TEXT: Final = {"class": "vTextField"}
_NOT_ASKED: Final = ("scope", "note")  # fields of a paste that this form leaves out
_BEFORE: Final = ("name", "slug", "hosts", "lines")


def _templates() -> list[tuple[str, str | Promise]]:
    return [
        *((key, PRESETS[key].title) for key in TEMPLATES),
        (NO_RULE, _("No path rule of its own")),
    ]


class NewCustomerForm(PasteForm):
    """A paste, and what else a new customer needs.

    A valid form has `tenant`, the row to add, and `rule`, its path rule or None.
    """

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("The customer's name, such as Acme Inc."),
        widget=forms.TextInput(attrs={**_TEXT, "autocomplete": "off"}),
    )
    slug = forms.CharField(
        label=_("Slug"),
        required=False,
        max_length=63,
        help_text=_(
            "Identifies the tenant everywhere. Use lower-case letters, digits and hyphens. Leave "
            "blank to derive it from the name."
        ),
        widget=forms.TextInput(attrs={**_TEXT, "autocomplete": "off", "spellcheck": "false"}),
    )
    hosts = forms.CharField(
        label=_("Hosts of the API"),
        required=False,
        max_length=MAX_HOSTS_TEXT,
        help_text=_(
            "The host names at which this customer's callers reach your API, such as "
            "acme.api.example.com. Separate them with commas, spaces or line breaks. If you paste a "
            "URL, only its host is used."
        ),
        widget=forms.Textarea(
            attrs={"class": "vLargeTextField", "rows": 2, "spellcheck": "false", "maxlength": None}
        ),
    )
    template = forms.ChoiceField(label=_("Path rule"), choices=_templates, widget=forms.RadioSelect)
    path = forms.CharField(
        label=_("Path"),
        required=False,
        max_length=PathRule._meta.get_field("path").max_length,
        initial="/api/",
        help_text=_("The paths that the rule covers. /api/ includes everything below it."),
        widget=forms.TextInput(attrs={**_TEXT, "spellcheck": "false"}),
    )
    valid_until = MomentField(
        label=_("Valid until"),
        required=False,
        help_text=_("The moment when all these origins end. Leave blank for no end."),
        widget=MomentInput,
    )
    field_order = (*_BEFORE, "template", "path", "credentials", "risk_accepted", "valid_until")

    tenant: Tenant
    rule: PathRule | None = None
    host_lines: Sequence[TextLine] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["error_class"] = SuggestingErrors
        super().__init__(*args, **kwargs)
        for name in _NOT_ASKED:
            del self.fields[name]
        lines = self.fields["lines"]
        lines.label = _("Origins")
        lines.required = False
        lines.help_text = _(
            "Paste what you received, such as an e-mail, a table or a settings file. The page finds "
            "the origins and hosts in it and ignores everything else."
        )
        self.fields["credentials"].help_text = _(
            "Pages may make calls with cookies or a log-in. Applies to the path rule and every origin."
        )

    def again(self) -> "NewCustomerForm":
        """Return the form to show after a valid one, with the user's decisions."""
        decided = "\n".join(sorted(self.cleaned_data["decided"]))
        initial = {**self.cleaned_data, "decided": decided}
        return NewCustomerForm(initial=initial, access=self.access)

    @property
    def first_fields(self) -> list[BoundField]:
        """Return the fields above the choice of a template."""
        return [self[name] for name in _BEFORE]

    @property
    def last_fields(self) -> list[BoundField]:
        """Return the fields below the choice of a template."""
        shown = {*_BEFORE, "template"}
        return [field for field in self.visible_fields() if field.name not in shown]

    @property
    def templates(self) -> list[tuple[BoundField, Preset | None]]:
        """Return each template's radio button and its preset, None without a rule."""
        buttons: Any = self["template"]
        return [(button, PRESETS.get(button.data["value"])) for button in buttons]

    @property
    def finds(self) -> list[Find]:
        """The finds in both texts of a valid form, those in the hosts field first."""
        return [*in_hosts_field(self.host_lines), *super().finds]

    @property
    def common(self) -> dict[str, object]:
        """The values that all origins of a valid form have in common."""
        return {**super().common, "valid_until": self.cleaned_data["valid_until"], "scope": ""}

    def clean_hosts(self) -> str:
        """Return the text, and keep the hosts in it in `host_lines`."""
        text: str = self.cleaned_data["hosts"]
        self.host_lines = read_hosts(text)
        count = sum(len(line.finds) for line in self.host_lines)
        if count > MAX_FINDS:
            raise ValidationError(
                _("A paste can contain at most 500 origins and hosts. For more, import a file.")
            )
        if text and not count:
            raise ValidationError(_("This text contains no host."))
        return text

    def clean(self) -> dict[str, object] | None:
        """Make the tenant and its path rule, and add their problems as errors of the fields."""
        cleaned = super().clean()
        given = self.cleaned_data
        if "name" in given and "slug" in given:
            self._make_tenant(given["name"], given["slug"] or proposed_slug(given["name"]))
        if given.get("template", NO_RULE) != NO_RULE and "path" in given:
            self._make_rule(given["template"], given["path"])
        if self.rule is not None and not self.errors:
            self.rule.tenant = self.tenant
        return cleaned

    def _make_tenant(self, name: str, slug: str) -> None:
        if not self.data.get("slug", "").strip():
            # Show the proposed slug, so that the user can change it.
            sent: Any = self.data
            self.data = sent = sent.copy()
            sent["slug"] = slug
        self.cleaned_data["slug"] = slug
        self.tenant = Tenant(slug=slug, name=name)
        if slug == PLATFORM:
            self.add_error(
                "slug", _("All other tenants inherit from this tenant. Choose a different slug.")
            )
            return
        try:
            self.tenant.full_clean()
        except ValidationError as error:
            hide_owner(self.access, self.tenant, error)
            self.add_error(None, error)

    def _make_rule(self, template: str, path: str) -> None:
        self.rule = rule_from(template, path, credentials=self.cleaned_data["credentials"])
        try:
            self.rule.full_clean(exclude=["tenant"])
        except ValidationError as error:
            self.add_error(None, error)
