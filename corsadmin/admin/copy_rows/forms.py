"""Copy rows to other tenants: who they are, and what each copy would be."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import Widget
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.fields import TokenListField
from corsadmin.admin.keys import is_key
from corsadmin.admin.risks.acceptance import missing_permission
from corsadmin.diagnose.lint.risks import Risk, risks_of
from corsadmin.engine.wildcards import LabelLengths
from corsadmin.messages import describe
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.models.access import CANNOT_BE_ADDED, Access
from corsadmin.models.validation import too_many_lengths, wildcards_in
from corsadmin.proposed_change.risk_acceptance import accepts_risk

MAX_COPIES: Final = 1_000  # copies made on one page
CopiedRow: TypeAlias = Origin | PathRule
NEW, THERE, OTHER, TWICE, REFUSED = "new", "there", "other", "twice", "refused"
KEYS: Final[dict[type[CopiedRow], tuple[str, ...]]] = {
    Origin: ("pattern", "scope"),
    PathRule: ("path",),
}
_OWN: Final = frozenset({"id", "tenant", "made_by", "replaces", "created", "modified"})


class TenantsField(forms.ModelMultipleChoiceField):
    """Tenants by their keys; a key that no database can have is refused before one is asked."""

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if not is_key(str(key)):
                message = self.error_messages["invalid_pk_value"]
                raise ValidationError(message, code="invalid_pk_value", params={"pk": key})
        return super().clean(value)


class CopyForm(forms.Form):
    """The tenants that rows are copied to."""

    tenants = TenantsField(queryset=Tenant.objects.none(), label=_("Tenants"), required=False)
    slugs = TokenListField(
        label=_("Or their slugs"),
        help_text=_("Separate slugs with commas or spaces, for example pasted from a ticket."),
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )

    def __init__(
        self, *args: Any, tenants: QuerySet[Tenant], widget: Widget, **kwargs: Any
    ) -> None:
        """`tenants` are those to which the user may add such rows; of others nothing is told."""
        super().__init__(*args, **kwargs)
        self._open = tenants
        field: Any = self.fields["tenants"]
        field.widget = widget
        field.queryset = tenants  # and the widget's choices with it

    def clean_slugs(self) -> list[Tenant]:
        """Return the tenants of the slugs that were typed."""
        slugs = dict.fromkeys(self.cleaned_data["slugs"])
        found = {tenant.slug: tenant for tenant in self._open.filter(slug__in=slugs)}
        missing = [slug for slug in slugs if slug not in found]
        if missing:
            message = _("You cannot copy to these tenants: %(slugs)s.")
            raise ValidationError(message, params={"slugs": ", ".join(missing)})
        return list(found.values())

    def clean(self) -> None:
        """Take the tenants of both fields together."""
        if self.errors:
            return
        both = {*self.cleaned_data["tenants"], *self.cleaned_data["slugs"]}
        if not both:
            raise ValidationError(_("Choose the tenants to copy to."))
        self.targets = sorted(both, key=lambda tenant: tenant.slug)


@dataclass(frozen=True, slots=True)
class RowCopy:
    """One row in one tenant: as it would be, and what becomes of it."""

    tenant: Tenant
    row: CopiedRow
    state: str
    message: str = ""

    @property
    def risks(self) -> list[Risk]:
        """Return what is risky about a new row."""
        return risks_of(self.row) if self.state == NEW else []


def plan_copies(
    access: Access, rows: Collection[CopiedRow], tenants: Collection[Tenant]
) -> Iterator[RowCopy]:
    """Yield what each row would become in each tenant, each tenant's together."""
    known = _stored(rows, tenants)
    judged = [(row, _problem(access, row)) for row in rows]
    made: set[tuple[object, ...]] = set()
    for tenant in tenants:
        lengths = LabelLengths(wildcards_in(tenant.origins.all()))
        for row, problem in judged:
            copy, key = copied(row, tenant), (tenant.pk, *_key(row))
            other = known.get(key)
            if key in made:
                yield RowCopy(tenant, copy, TWICE)
            elif other is not None and not access.sees(tenant, type(row)):
                yield RowCopy(tenant, copy, REFUSED, str(CANNOT_BE_ADDED[type(row)]))
            elif other is not None:
                yield RowCopy(
                    tenant, copy, THERE if row_content(other) == row_content(copy) else OTHER
                )
            elif problem:
                yield RowCopy(tenant, copy, REFUSED, problem)
            elif isinstance(row, Origin) and not lengths.take(row.pattern):
                yield RowCopy(tenant, copy, REFUSED, describe(too_many_lengths(row.pattern)))
            else:
                made.add(key)
                yield RowCopy(tenant, copy, NEW)


def copied(row: CopiedRow, tenant: Tenant) -> CopiedRow:
    """Return a new row of a tenant that says what another one says."""
    return type(row)(tenant=tenant, **dict(row_content(row)))


def copies_accept_risk(copies: Iterable[RowCopy]) -> bool:
    """Report whether the copies accept a risk, so that they need a reason."""
    return any(accepts_risk(None, copy.row) for copy in copies if copy.state == NEW)


def _problem(access: Access, row: CopiedRow) -> str:
    """Return why no tenant gets a copy of a row, blank when they may."""
    try:
        row.full_clean(exclude=["tenant"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        return " ".join(error.messages)
    return missing_permission(access, row)


def _stored(
    rows: Collection[CopiedRow], tenants: Collection[Tenant]
) -> dict[tuple[object, ...], CopiedRow]:
    """Return by tenant and key what is there already, and a little more."""
    found: dict[tuple[object, ...], CopiedRow] = {}
    for model in {type(row) for row in rows}:
        first = KEYS[model][0]
        values = {getattr(row, first) for row in rows}
        there = model.objects.filter(tenant__in=tenants, **{f"{first}__in": values})
        found.update({(row.tenant_id, *_key(row)): row for row in there})
    return found


def _key(row: CopiedRow) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in KEYS[type(row)])


def row_content(row: CopiedRow) -> list[tuple[str, object]]:
    """Return what a row says, by the names of its fields, whatever tenant it belongs to."""
    fields = type(row)._meta.concrete_fields
    return [(field.name, getattr(row, field.name)) for field in fields if field.name not in _OWN]
