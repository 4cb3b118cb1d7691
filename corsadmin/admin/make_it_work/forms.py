"""One page for all rows that a call needs changed: the usual forms, with only the relevant fields."""

from collections.abc import Iterator, Sequence
from copy import copy
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from django.contrib.admin.options import FORMFIELD_FOR_DBFIELD_DEFAULTS
from django.core.exceptions import ValidationError
from django.db import router
from django.db.models import Model
from django.forms import BoundField
from django.http import HttpRequest
from django.utils.text import capfirst

from corsadmin.admin.fields import MOMENTS
from corsadmin.admin.lockout.confirm import page_origin
from corsadmin.admin.model_forms import (
    OriginForm,
    PathRuleForm,
    RowForm,
    TenantForm,
    TenantHostForm,
)
from corsadmin.admin.optimistic_lock.form import REASON, VERSION, StaleSaveError, version_of
from corsadmin.admin.risks.acceptance import CODE as NO_REASON
from corsadmin.admin.risks.acceptance import SAY_WHY
from corsadmin.admin.try_request.parts import Part
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.models.access import ACCEPT_RISK, access
from corsadmin.proposed_change.risk_acceptance import dangers

if TYPE_CHECKING:
    from django.forms import BaseInlineFormSet

_FORMS: Final[dict[type[Model], type[RowForm]]] = {
    TenantHost: TenantHostForm,
    PathRule: PathRuleForm,
    Origin: OriginForm,
}
# The fields that the form of a new row shows. An existing row shows only those that change.
_OF_NEW: Final[dict[type[Model], tuple[str, ...]]] = {
    TenantHost: ("host",),
    PathRule: (
        "path",
        "methods",
        "request_headers",
        "exposed_headers",
        "credentials",
        "max_age",
        "note",
    ),
    Origin: ("pattern", "credentials", "scope", "valid_until", "risk_accepted", "note"),
}
_LISTS: Final = frozenset({"methods", "request_headers", "exposed_headers"})
_RISK: Final = "risk_accepted"
_WIDGETS: Final[dict[Any, Any]] = {**FORMFIELD_FOR_DBFIELD_DEFAULTS, **MOMENTS}


class PartForm(RowForm):
    """A row's form, limited to the fields in `shown`."""

    part: ClassVar[Part]
    shown: ClassVar[tuple[str, ...]]

    def __init__(self, sent: object, prefix: str) -> None:
        if sent is None:
            row, values = _row_of(self.part), self._planned()
            super().__init__(instance=row, initial=values, prefix=prefix)
        else:
            super().__init__(sent, instance=_row_of(self.part, without=self.shown), prefix=prefix)
        shown = {*self.shown} - (set() if self._is_dangerous() else {_RISK})
        if shown >= _LISTS:
            shown.add("preset")
            self.order_fields(["path", "preset"])
        for name in [*self.fields]:
            if name not in shown:
                del self.fields[name]
        if "note" in self.fields:
            self.fields["note"].widget.attrs["rows"] = 2

    @property
    def title(self) -> str:
        """Return the heading for the row."""
        return f"{capfirst(self.instance._meta.verbose_name)} {self.part.row}"

    @property
    def is_new(self) -> bool:
        """Report whether the row is to be added."""
        return self.part.row.pk is None

    def _is_dangerous(self) -> bool:
        """Report whether the row, planned or submitted, has a risk that somebody must accept."""
        if _RISK in self.part.fields or not self.is_bound:
            return _RISK in self.part.fields
        given = self.data.get(self.add_prefix("pattern"), getattr(self.instance, "pattern", ""))
        return bool(dangers(Origin(pattern=given, credentials=True)))

    def _planned(self) -> dict[str, object]:
        """Return the initial values of the fields. Only a person can accept a risk."""
        row = self.part.row
        values = {name: getattr(row, name) for name in self.part.fields}
        return values | {_RISK: False}

    def _risky_field(self) -> str:
        name = super()._risky_field()
        return name if name in self.fields else self.shown[0]


class _RowForms(Sequence[PartForm]):
    """The forms of the rows, with the part of a formset's interface that the page's form uses."""

    deleted_forms: Sequence[PartForm] = ()

    def __init__(self, forms: Sequence[PartForm]) -> None:
        self.forms = forms

    def __getitem__(self, place: Any) -> Any:
        return self.forms[place]

    def __len__(self) -> int:
        return len(self.forms)

    def is_valid(self) -> bool:
        """Report whether every row can be written."""
        return all(form.is_valid() for form in self.forms)

    def has_changed(self) -> bool:
        """Report whether any row has changes to write."""
        return any(form.has_changed() for form in self.forms)


class MakeItWorkForm(TenantForm):
    """The page's form: the tenant, the reason, the questions, and the forms of its rows.

    `owners` are the platform, if the tenant inherits from it, and last the tenant.
    """

    owners: ClassVar[tuple[Tenant, ...]]
    parts: ClassVar[Sequence[Part]]

    def __init__(self, request: HttpRequest, sent: object, **initial: object) -> None:
        tenant = copy(self.owners[-1])
        fields = {name for part in self.parts if part.row == tenant for name in part.fields}
        values = {} if sent is not None else dict.fromkeys(fields, True)
        super().__init__(sent, instance=tenant, initial={**initial, **values})
        for name in [*self.fields]:
            if name not in {REASON, VERSION, *fields}:
                del self.fields[name]
        self.stored_version = self.initial[VERSION] = _version(self.owners, self.parts)
        self.rows = _RowForms([
            _part_form(request, part)(sent, f"{part.row._meta.model_name}-{number}")
            for number, part in enumerate(self.parts)
            if part.row != tenant
        ])  # fmt: skip
        # The page's form uses no more of a formset than _RowForms provides.
        self.formsets.append(cast("BaseInlineFormSet", self.rows))

    @property
    def own_fields(self) -> list[BoundField]:
        """Return the fields of the tenant itself."""
        return [self[name] for name in self.fields if name not in (REASON, VERSION)]

    @classmethod
    def for_parts(
        cls, request: HttpRequest, owners: tuple[Tenant, ...], parts: Sequence[Part]
    ) -> "type[MakeItWorkForm]":
        """Return the form class for a user and the parts that this user may write."""
        values = {
            "access": access(request),
            "page_origin": page_origin(request),
            "owners": owners,
            "parts": parts,
        }
        return type(cls.__name__, (cls,), values)

    def is_valid(self) -> bool:
        """Report whether everything can be written and every question is answered."""
        is_valid = super().is_valid() and self.rows.is_valid()
        if any(_lacks_reason(form) for form in self.rows) and not self.has_error(REASON):
            # A row needs the reason, so its field on the page says so too.
            self.add_error(REASON, ValidationError(SAY_WHY, code=NO_REASON))
        return is_valid

    def check_version(self) -> None:
        """Raise StaleSaveError if the tenants have changed since they were judged."""
        alias = router.db_for_write(Tenant)
        stored = Tenant._base_manager.using(alias).in_bulk([row.pk for row in self.owners])
        found = [stored[row.pk] for row in self.owners if row.pk in stored]
        if _version(found, self.parts) != self.stored_version:
            raise StaleSaveError

    @property
    def is_overtaken(self) -> bool:
        """Report whether the submitted page showed different policies or different changes."""
        return self.data.get(VERSION) != self.stored_version

    @property
    def writes(self) -> bool:
        """Report whether there is anything to write. The user may have reverted every change."""
        return self.has_changed() or self.rows.has_changed()

    def write(self) -> Iterator[tuple[Any, dict[str, object]]]:
        """Write the changes in an open change, and yield each row with its message for the log.

        Raises StaleSaveError.
        """
        self.check_version()
        for form in (self, *self.rows):
            if form.has_changed():
                word = "changed" if form.instance.pk else "added"
                form.instance.save()
                yield form.instance, {word: _logged(form)}


def _logged(form: MakeItWorkForm | PartForm) -> dict[str, object]:
    """Return what the admin's log says about a written row."""
    fields = [str(form[name].label) for name in form.changed_data]
    name = str(form.instance._meta.verbose_name)
    return {"name": name, "object": str(form.instance), "fields": fields}


def _part_form(request: HttpRequest, part: Part) -> type[PartForm]:
    row: Any = part.row
    model = type(row)
    may_accept = access(request).has(ACCEPT_RISK)
    shown = _OF_NEW[model] if row.pk is None else part.fields
    if model is Origin and row.pk is not None and "credentials" in shown:
        shown = tuple(dict.fromkeys([*shown, _RISK]))
    if not may_accept:
        shown = tuple(name for name in shown if name != _RISK)
    base: Any = _FORMS[model]
    meta = type("Meta", (base.Meta,), {"formfield_callback": staticmethod(_form_field)})
    values = {"access": access(request), "part": part, "shown": shown, "Meta": meta}
    made: type[PartForm] = type(base.__name__, (PartForm, base), values)
    return made


def _form_field(column: Any, **kwargs: Any) -> Any:
    """Return the form field for a column, with the admin's widget."""
    defaults: dict[str, Any] = next(
        (_WIDGETS[kind] for kind in type(column).__mro__ if kind in _WIDGETS), {}
    )
    return column.formfield(**{**defaults, **kwargs})


def _row_of(part: Part, *, without: Sequence[str] = ()) -> Any:
    """Return the row behind a form: the stored row, or a new one.

    A new row keeps the planned values of the fields that the form does not have.
    """
    row: Any = part.row
    if row.pk is not None:
        return type(row)._base_manager.using(router.db_for_write(type(row))).get(pk=row.pk)
    made = copy(row)
    for name in without:
        setattr(made, name, made._meta.get_field(name).get_default())
    return made


def _lacks_reason(form: PartForm) -> bool:
    """Report whether a row accepts a risk without a reason."""
    errors = [error for found in form.errors.values() for error in found.as_data()]
    return any(error.code == NO_REASON for error in errors)


def _version(owners: Sequence[Tenant], parts: Sequence[Part]) -> str:
    """Return a text that changes whenever a tenant, one of its rows or the planned changes do."""
    shown = [(type(part.row).__name__, part.row.pk, part.fields) for part in parts]
    known = [version_of(row) for row in owners]
    return sha256(repr((known, shown)).encode()).hexdigest()[:16]
