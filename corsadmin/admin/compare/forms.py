"""The form that chooses the two tenants to compare. The URL keeps its values."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.named_tenant import find_tenant
from corsadmin.models import Tenant
from corsadmin.models.access import POLICY, Access

ALL: Final = "all"
SUGGESTIONS: Final = "corsadmin-tenants"  # the id of the page's list of suggested slugs


class TenantSlugField(forms.CharField):
    """A field for the slug or the name of a tenant, with suggestions."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "vTextField", "list": SUGGESTIONS, "autocomplete": "off"}
        widget = forms.TextInput(attrs={**attrs, "spellcheck": "false", "autocapitalize": "none"})
        super().__init__(widget=widget, max_length=200, **kwargs)


class CompareForm(forms.Form):
    """Two tenants, and whether to show identical rows too.

    A valid form has both tenants in `pair`. A tenant that the user may not see in full gets the same
    answer as one that does not exist.
    """

    left = TenantSlugField(label=_("Tenant"))
    right = TenantSlugField(label=_("and tenant"))
    show = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._access = access
        empty = "right" if self["left"].value() else "left"
        self.fields[empty].widget.attrs["autofocus"] = not self.is_bound

    def clean_left(self) -> Tenant:
        """Return the tenant on the left."""
        return self._tenant("left")

    def clean_right(self) -> Tenant:
        """Return the tenant on the right."""
        return self._tenant("right")

    def clean(self) -> None:
        """Keep both tenants in `pair`, which must differ."""
        if self.errors:
            return
        self.pair: tuple[Tenant, Tenant] = (self.cleaned_data["left"], self.cleaned_data["right"])
        if self.pair[0] == self.pair[1]:
            raise ValidationError(_("Choose two different tenants."))

    @property
    def shows_all(self) -> bool:
        """Report whether the page shows identical rows too."""
        return self.data.get("show") == ALL

    def _tenant(self, name: str) -> Tenant:
        slug = self.cleaned_data[name]
        keys = self._access.seen(*POLICY)
        tenants = Tenant.objects.all() if keys is None else Tenant.objects.filter(pk__in=keys)
        found = find_tenant(tenants, slug)
        if found is None:
            message = _("There is no tenant “%(slug)s” that you can compare.")
            raise ValidationError(message, params={"slug": slug})
        return found
