"""Pairs of rows for display: their fields in words, and links to each row."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlencode

from django.db.models import Model

from corsadmin.admin.addresses import address
from corsadmin.admin.compare.forms import CompareForm
from corsadmin.admin.compare.pairing import RowPair
from corsadmin.admin.returning import page_address
from corsadmin.admin.row_meaning import sorted_value
from corsadmin.admin.words import field_text, path_text
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.models.access import Access

StoredKeys: TypeAlias = Mapping[tuple[object, ...], int]  # by kind, tenant and place


class PairCell(NamedTuple):
    """One tenant's side of a pair: labels with values, and the addresses of its links."""

    is_missing: bool = False
    is_inherited: bool = False
    values: Sequence[tuple[str, str]] = ()
    page: str = ""
    copy_page: str = ""


class PairLine(NamedTuple):
    """A pair of rows for display. `section` names the kind of the rows."""

    section: str
    name: str
    scope: str
    is_alike: bool
    cells: list[tuple[Tenant, PairCell]]


class PairLines:
    """Makes the lines of one page, to which their links lead back."""

    def __init__(self, may: Access, site: str, back: str, form: CompareForm) -> None:
        self._may = may
        self._site = site
        self._back = back
        self._tenants = form.pair
        self._shows_all = form.shows_all

    def of(self, chosen: Sequence[tuple[type[Model], RowPair]]) -> Iterator[PairLine]:
        """Yield a line for each pair, which comes with the model of its rows."""
        keys = _keys(self._tenants, [pair for _model, pair in chosen])
        for model, pair in chosen:
            name, *scope = pair.key[:2]
            yield PairLine(
                str(model._meta.verbose_name_plural),
                path_text(name) if model is PathRule else name,
                path_text("".join(scope)),
                pair.is_alike,
                [
                    (one, self._cell(model, pair, side, keys))
                    for side, one in enumerate(self._tenants)
                ],
            )

    def policy_page(self, source: Tenant, target: Tenant) -> str:
        """Return the address for copying one tenant's policy to another, blank without permission."""
        may = any(self._may.may("add", model, target) for model in (PathRule, Origin))
        return self._copy_page(source, target) if may else ""

    def _cell(self, model: type[Any], pair: RowPair, side: int, keys: StoredKeys) -> PairCell:
        held, tenant, other = pair.sides[side], self._tenants[side], self._tenants[1 - side]
        if held is None:
            return PairCell(is_missing=True)
        fields = [
            model._meta.get_field(name) for name in pair.shown_fields(all_fields=self._shows_all)
        ]
        values = [
            (str(field.verbose_name), field_text(sorted_value(getattr(held.row, field.name))))
            for field in fields
        ]
        key = keys.get((model, tenant.pk, *_place(held.row)))
        if held.is_inherited or key is None:  # another request may have just deleted it
            return PairCell(is_inherited=held.is_inherited, values=values)
        may = not pair.is_alike and self._may.may("add", model, other)
        row = f"{model._meta.model_name}-{key}"
        return PairCell(
            values=values,
            page=page_address(self._site, model(pk=key), self._back),
            copy_page=self._copy_page(tenant, other, rows=row) if may else "",
        )

    def _copy_page(self, source: Tenant, target: Tenant, **rows: str) -> str:
        query = urlencode({"source": source.slug, "slugs": target.slug, **rows})
        return f"{address(self._site, 'tenant_copy')}?{query}"


def _keys(tenants: Sequence[Tenant], pairs: Sequence[RowPair]) -> StoredKeys:
    """Return the keys of the stored rows of some pairs."""
    rows = [side.row for side in chain.from_iterable(one.sides for one in pairs) if side]
    found: dict[tuple[object, ...], int] = {}
    for model, place in ((PathRule, ("path",)), (Origin, ("pattern", "scope"))):
        first = place[0]
        values = {getattr(row, first) for row in rows if hasattr(row, first)}
        stored = model._default_manager.filter(tenant__in=tenants, **{f"{first}__in": values})
        named = stored.order_by().values_list("pk", "tenant", *place)
        found.update({(model, owner, *where): key for key, owner, *where in named})
    return found


def _place(row: Any) -> tuple[str, ...]:
    return (row.path,) if hasattr(row, "path") else (row.pattern, row.scope)
