"""A plan as a proposed change of rows, and what it widens for strangers."""

from collections.abc import Collection, Iterator, Mapping
from itertools import count
from typing import Any, Final

from corsadmin.engine import PLATFORM
from corsadmin.models import Tenant
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.consequences import Consequences, find_consequences, read_pairs
from corsadmin.proposed_change.touched import Pair, open_rules, read_touched
from corsadmin.proposed_change.widening import (
    Widening,
    WideningSearch,
    opening_heirs,
    touched_pairs,
)
from corsadmin.transfer.plan.staging import Stage, temporary
from corsadmin.transfer.plan.steps import ADD, REMOVE, Plan, PlanStep
from corsadmin.transfer.records.record_types import HOST, KINDS, PATH, TENANT, Kind

_BATCH: Final = 500


def change_of(
    plan: Plan, kinds: tuple[Kind, ...] = KINDS, tenants: Collection[str] | None = None
) -> ProposedChange:
    """Return a plan as a proposed change, limited to these kinds and tenants.

    A new tenant gets a negative key of its own, which its rows refer to.
    """
    steps = list(plan.steps(kinds, tenants))
    rows = _ProposedRows(plan, steps)
    return ProposedChange.from_rows(
        [rows.row(step) for step in steps if step.sign != REMOVE],
        [rows.row(step) for step in steps if step.sign == REMOVE],
    )


def widened_by(plan: Plan) -> list[Widening]:
    """Return what a plan widens for strangers, sorted by tenant; see `proposed_change.widening`.

    A plan may touch more tenants than fit into memory, so they are examined in batches, each together
    with the platform.
    """
    if plan.widened is None:
        plan.widened = _widened_by(plan) if _may_widen(plan.stage) else []
    return plan.widened


def consequences_of(plan: Plan, page: str) -> Consequences:
    """Return the consequences of a plan, which must fit into memory. `page` is the admin's origin."""
    found = find_consequences(change_of(plan), page)
    plan.widened, plan.impact = found.widenings, found.impact
    return found


def _widened_by(plan: Plan) -> list[Widening]:
    slugs = _touched(plan.stage)
    keys = dict(_keys(plan.stage.alias, slugs))
    search = WideningSearch()
    for batch in batches(slugs):
        change = change_of(plan, (TENANT, HOST, PATH), {*batch, PLATFORM})
        touched = read_touched(change, keys=[keys[slug] for slug in batch if slug in keys])
        _compare(search, change, touched.known, touched_pairs(change, touched))
    if PLATFORM in slugs:
        change = change_of(plan, (TENANT, HOST, PATH), {PLATFORM})
        touched = read_touched(change)
        own = {*keys.values()}
        heirs = {row.pk: row for row in opening_heirs(change, touched) if row.pk not in own}
        _compare(search, change, touched.known | heirs, {(key, key) for key in heirs})
    return search.found


def _compare(
    search: WideningSearch,
    change: ProposedChange,
    known: Mapping[int, Tenant],
    pairs: Collection[Pair],
) -> None:
    for before, after, _keys_asked, some in read_pairs(change, known, pairs):
        search.compare(before, after, some)


def _may_widen(stage: Stage) -> bool:
    """Report whether a plan may change the answers to strangers; tables of origins never do."""
    if PATH not in stage.kinds:
        return False
    opens = f"SELECT 1 FROM {stage.name(temporary('differs', PATH))} WHERE any_origin LIMIT 1"
    return any(stage.rows(opens)) or open_rules().exists()


def _touched(stage: Stage) -> list[str]:
    """Return the slugs of the tenants that gain or lose a row which decides about strangers.

    Of new tenants, only those that gain another's host. Also indexes the rows by tenant.
    """
    tables = [temporary("differs", kind) for kind in (TENANT, HOST, PATH)]
    tables += [temporary("removed", kind) for kind in (HOST, PATH)]
    for table in tables:
        index, name = stage.name(f"{table}_tenant"), stage.name(table)
        stage.run(f"CREATE INDEX {index} ON {name} (tenant)")
    changed = " UNION ".join(f"SELECT tenant FROM {stage.name(table)}" for table in tables)
    moved = f"SELECT tenant FROM {stage.name(temporary('differs', HOST))} WHERE state = '~'"
    found = stage.rows(
        f"SELECT c.tenant FROM ({changed}) c JOIN {stage.name(TENANT.table)} t ON t.slug = c.tenant"
        f" UNION {moved}"
    )
    return sorted(slug for (slug,) in found)


def _keys(alias: str, slugs: list[str]) -> Iterator[tuple[str, int]]:
    for batch in batches(slugs):
        rows = Tenant.objects.using(alias).filter(slug__in=batch).order_by()
        yield from rows.values_list("slug", "pk")


class _ProposedRows:
    """The primary keys of the rows that a plan changes or removes, and of its tenants."""

    def __init__(self, plan: Plan, steps: list[PlanStep]) -> None:
        self._keys: dict[Kind, dict[tuple[object, ...], int]] = {kind: {} for kind in KINDS}
        for kind in KINDS:
            told = (step for step in steps if kind is TENANT or step.kind is kind)
            slugs = {slug for step in told for slug in slugs_of(step)}
            # A host is unique and may change its tenant; other rows are identified within theirs.
            names = ("slug",) if kind is TENANT else ("tenant__slug", *kind.key)
            rows = kind.model._default_manager.using(plan.stage.alias).order_by()  # noqa: SLF001
            for batch in batches(sorted(slugs)):
                found = rows.filter(**{f"{names[0]}__in": batch}).values_list("pk", *names)
                self._keys[kind] |= {_place(kind, *place): key for key, *place in found.iterator()}
        numbers = count(-1, -1)
        for step in steps:
            if step.kind is TENANT and step.sign == ADD:
                self._keys[TENANT][step.tenant,] = next(numbers)

    def row(self, step: PlanStep) -> Any:
        """Return the row of a step as it will be, or as it was if the step removes it."""
        kind = step.kind
        place = [step.row[name] for name in kind.key]
        key = self._keys[kind].get(_place(kind, step.tenant, *(() if kind is TENANT else place)))
        if kind is TENANT:
            return Tenant(pk=key, **step.row)
        return kind.model(pk=key, tenant_id=self._keys[TENANT][step.tenant,], **step.row)


def _place(kind: Kind, slug: str, *key: object) -> tuple[Any, ...]:
    return key if kind is HOST else (slug, *key)


def slugs_of(step: PlanStep) -> Iterator[str]:
    """Yield the slugs of a step: the row's tenant, and a tenant that loses a host."""
    yield step.tenant
    before, _after = step.fields.get("tenant", ("", ""))
    if before:
        yield before


def batches(slugs: list[str]) -> Iterator[list[str]]:
    """Yield the slugs in batches that a query can name."""
    return (slugs[start : start + _BATCH] for start in range(0, len(slugs), _BATCH))
