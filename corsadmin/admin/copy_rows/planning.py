"""Plan a copy: what each row would become in each target tenant."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from corsadmin.admin.history.differences import FieldChange
from corsadmin.admin.risks.acceptance import missing_permission
from corsadmin.admin.row_meaning import differing_fields, sorted_value
from corsadmin.admin.words import field_text
from corsadmin.diagnose.lint.risks import Risk, risks_of
from corsadmin.engine.wildcards import LabelLengths, label_lengths
from corsadmin.messages import describe
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.models.access import ACCEPT_RISK, ALLOW_ANY_ORIGIN, CANNOT_BE_ADDED, Access
from corsadmin.models.validation import too_many_lengths, wildcards_in
from corsadmin.proposed_change.risk_acceptance import accepts_risk

if TYPE_CHECKING:
    from django.db.models import QuerySet

# A tenant represents its settings.
CopiedRow: TypeAlias = Tenant | PathRule | Origin
NEW, THERE, KEPT, OVERWRITTEN, TWICE, REFUSED = (
    "new",
    "there",
    "kept",
    "overwritten",
    "twice",
    "refused",
)
WRITTEN: Final = frozenset({NEW, OVERWRITTEN})
KEYS: Final[dict[type[CopiedRow], tuple[str, ...]]] = {
    Tenant: (),
    PathRule: ("path",),
    Origin: ("pattern", "scope"),
}
_SETTINGS: Final = ("inherits_platform",)
# Fields that need a permission of their own; forms lock them too.
_LOCKS: Final = {"any_origin": ALLOW_ANY_ORIGIN, "risk_accepted": ACCEPT_RISK}
_OWN: Final = frozenset({"id", "tenant", "made_by", "replaces", "created", "modified"})


@dataclass(frozen=True, slots=True)
class Overwriting:
    """Whether existing rows with other values are overwritten, and the exceptions.

    An exception names a place: see `RowCopy.place`.
    """

    usually: bool = False
    exceptions: frozenset[str] = frozenset()

    def of(self, place: str) -> bool:
        """Report whether the row at a place is overwritten."""
        return self.usually != (place in self.exceptions)


@dataclass(frozen=True, slots=True)
class RowCopy:
    """One row in one tenant: its future values, and what the copy does with it.

    `old` is the tenant's existing row, or None. `differences` lead from `old` to the copy.
    `may_be_chosen` says that the user decides whether it is overwritten.
    """

    tenant: Tenant
    row: CopiedRow
    state: str
    message: str = ""
    old: CopiedRow | None = None
    differences: list[FieldChange] = field(default_factory=list)
    may_be_chosen: bool = False

    @property
    def name(self) -> str:
        """The row's name on the page."""
        return _("settings") if isinstance(self.row, Tenant) else str(self.row)

    @property
    def place(self) -> str:
        """The form's name for the existing row, blank without one."""
        return "" if self.old is None else f"{self.old._meta.model_name}-{self.old.pk}"

    @property
    def risks(self) -> list[Risk]:
        """Return the risks of a row that is written."""
        return risks_of(self.row) if self.state in WRITTEN else []

    @property
    def seen(self) -> tuple[object, ...]:
        """What a page shows of the copy, as plain values."""
        return self.tenant.pk, row_content(self.row), self.state, self.message, self.differences


def plan_copies(
    access: Access,
    rows: Collection[CopiedRow],
    tenants: Collection[Tenant],
    overwriting: Overwriting,
) -> Iterator[RowCopy]:
    """Yield what each row would become in each tenant, grouped by tenant."""
    known = _stored(rows, tenants)
    judged = [(row, _problem(access, row)) for row in rows]
    made: set[tuple[object, ...]] = set()
    held = _label_wildcards(rows, tenants)
    for tenant in tenants:
        lengths = LabelLengths(held[tenant.pk])
        for row, problem in judged:
            key = (tenant.pk, *_key(row))
            old = known.get(key)
            if key in made:
                yield RowCopy(tenant, copied(row, tenant), TWICE)
            elif old is not None:
                made.add(key)
                yield _beside(access, row, old, problem, overwriting)
            elif problem:
                yield RowCopy(tenant, copied(row, tenant), REFUSED, problem)
            elif isinstance(row, Origin) and not lengths.take(row.pattern):
                message = describe(too_many_lengths(row.pattern))
                yield RowCopy(tenant, copied(row, tenant), REFUSED, message)
            else:
                made.add(key)
                yield RowCopy(tenant, copied(row, tenant), NEW)


def _label_wildcards(
    rows: Iterable[CopiedRow], tenants: Collection[Tenant]
) -> Mapping[int, Iterable[str]]:
    """Return the wildcards of each tenant, read at once, if they count for any of the rows."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    if any(isinstance(row, Origin) and label_lengths(row.pattern) for row in rows):
        stored = wildcards_in(Origin.objects.filter(tenant__in=tenants))
        for owner, pattern in stored.values_list("tenant", "pattern"):
            found[owner].append(pattern)
    return found


def copied(row: CopiedRow, tenant: Tenant) -> CopiedRow:
    """Return a new row for a tenant with the content of another row."""
    model: type[Any] = type(row)  # never a tenant, since the target exists already
    found: CopiedRow = model(tenant=tenant, **dict(row_content(row)))
    return found


def copies_accept_risk(copies: Iterable[RowCopy]) -> bool:
    """Report whether the copies accept a risk, so that they need a reason."""
    return any(accepts_risk(one.old, one.row) for one in copies if one.state in WRITTEN)


def row_content(row: CopiedRow) -> list[tuple[str, object]]:
    """Return a row's values with the names of their fields, leaving out its tenant."""
    return [(name, getattr(row, name)) for name in _fields(row)]


def _beside(
    access: Access, row: CopiedRow, old: CopiedRow, problem: str, overwriting: Overwriting
) -> RowCopy:
    """Return what becomes of a row that the tenant already has."""
    tenant = old if isinstance(old, Tenant) else old.tenant
    if not access.sees(tenant, type(row)):
        return RowCopy(tenant, copied(row, tenant), REFUSED, str(CANNOT_BE_ADDED[type(row)]))
    differing = differing_fields(old, row, _fields(row))
    if not differing:
        return RowCopy(tenant, old, THERE, old=old)
    after = copy(old)
    for name, value in row_content(row):
        setattr(after, name, value)
    found = RowCopy(tenant, after, KEPT, old=old, differences=_differences(old, after, differing))
    hindrance = _hindrance(access, tenant, old, differing) or problem
    if hindrance:
        return replace(found, message=hindrance)
    state = OVERWRITTEN if overwriting.of(found.place) else KEPT
    return replace(found, state=state, may_be_chosen=True)


def _hindrance(access: Access, tenant: Tenant, old: CopiedRow, differing: Sequence[str]) -> str:
    """Return why a user may not overwrite an existing row, blank if they may."""
    if isinstance(old, Tenant) and old.is_platform:
        return _("The platform inherits nothing.")
    if not access.may("change", type(old), tenant):
        return _("You do not have permission to change it.")
    for name, permission in _LOCKS.items():
        if name in differing and not access.has(permission):
            text = _("You do not have permission to change “%(field)s”.")
            return text % {"field": _label(old, name)}
    return ""


def _differences(old: CopiedRow, new: CopiedRow, names: Sequence[str]) -> list[FieldChange]:
    return [
        FieldChange(
            _label(old, name), *(field_text(sorted_value(getattr(row, name))) for row in (old, new))
        )
        for name in names
    ]


def _label(row: CopiedRow, name: str) -> str:
    field: Any = row._meta.get_field(name)
    return str(field.verbose_name)


def _problem(access: Access, row: CopiedRow) -> str:
    """Return why a row cannot be copied to any tenant, blank if it can."""
    if isinstance(row, Tenant):
        return ""  # its settings are valid for every tenant
    try:
        row.full_clean(exclude=["tenant"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        return " ".join(error.messages)
    return missing_permission(access, row)


def _stored(
    rows: Collection[CopiedRow], tenants: Collection[Tenant]
) -> dict[tuple[object, ...], CopiedRow]:
    """Return the existing rows by tenant and key. Rows with only the same first field come too."""
    found: dict[tuple[object, ...], CopiedRow] = {}
    owners = {tenant.pk: tenant for tenant in tenants}
    for model in {type(row) for row in rows}:
        if model is Tenant:
            found.update({(tenant.pk,): tenant for tenant in tenants})
            continue
        first = KEYS[model][0]
        values = {getattr(row, first) for row in rows if type(row) is model}
        there: QuerySet[Any] = model._default_manager.filter(
            tenant__in=tenants, **{f"{first}__in": values}
        )
        for row in there:
            row.tenant = owners[row.tenant_id]
            found[row.tenant_id, *_key(row)] = row
    return found


def _key(row: CopiedRow) -> tuple[object, ...]:
    # Each kind has a different number of parts, so keys of different kinds never collide.
    return tuple(getattr(row, name) for name in KEYS[type(row)])


def _fields(row: CopiedRow) -> Sequence[str]:
    if isinstance(row, Tenant):
        return _SETTINGS
    return [field.name for field in row._meta.concrete_fields if field.name not in _OWN]
