"""Whether a user may do what a plan does, by the same rules as in the admin."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from corsadmin.engine import PLATFORM
from corsadmin.models.access import (
    ACCEPT_RISK,
    ALLOW_ANY_ORIGIN,
    CANNOT_BE_ADDED,
    CHANGE_PLATFORM,
    Access,
)
from corsadmin.models.policy_rows import OriginRow, RuleRow
from corsadmin.proposed_change.risk_acceptance import accepts_risk
from corsadmin.proposed_change.widening import Widening
from corsadmin.transfer.plan.diff import changed_rows, join_stored, named_lists, named_tenants
from corsadmin.transfer.plan.proposal import widened_by
from corsadmin.transfer.plan.staging import Stage, temporary
from corsadmin.transfer.plan.steps import ADD, CHANGE, REMOVE, Plan
from corsadmin.transfer.records.diagnostics import Fault, fault
from corsadmin.transfer.records.record_types import HOST, ORIGIN, PATH, TENANT, Kind

_ACTIONS = {ADD: "add", CHANGE: "change", REMOVE: "delete"}
# The columns of which at least one is set in a row that accepts a risk, and the type of the row.
_RISKY: Final[dict[Kind, tuple[tuple[str, ...], object]]] = {
    ORIGIN: (("risk_accepted",), OriginRow),
    PATH: (("any_origin", "credentials"), RuleRow),
}
_FLAGS = {ORIGIN: ("risk_accepted", ACCEPT_RISK), PATH: ("any_origin", ALLOW_ANY_ORIGIN)}


def check_rights(stage: Stage, access: Access, *, prune: bool) -> list[Fault]:
    """Return a fault for each thing that a compared stage does and the user may not do.

    Refuses a tenant that the user may not change by name, whether or not it exists and whether or
    not anything differs. Also refuses rows in lists that the user may not view. So the faults never
    reveal what others have.
    """
    named = list(_check_tenants(stage, access))
    if named:
        return named
    faults: list[Fault] = []
    for kind in stage.kinds:
        faults += _check_kind(stage, access, kind, prune=prune)
        if kind in _FLAGS:
            faults += _check_flag(stage, access, kind)
    return faults


def check_openings(plan: Plan, access: Access) -> list[Fault]:
    """Return a fault for each widening by a plan that the user may not make."""
    if access.has(ALLOW_ANY_ORIGIN):
        return []
    return [fault("", "opening-not-permitted", line) for line in opening_lines(plan, access)]


def opening_lines(plan: Plan, access: Access | None) -> list[str]:
    """Return a sentence for each widening by a plan, for a user who may not see every tenant."""
    seen = access.seen(TENANT.model, PATH.model) if access else None
    return [*dict.fromkeys(widening.sentence_for(seen) for widening in widened_by(plan))]


def openings(plan: Plan, access: Access | None) -> list[Widening]:
    """Return the widenings by a plan in the tenants that a user may see."""
    seen = access.seen(TENANT.model, PATH.model) if access else None
    return [found for found in widened_by(plan) if seen is None or found.tenant in seen]


def unexplained(plan: Plan) -> list[Fault]:
    """Return a fault for each risk that a plan accepts, otherwise for each tenant that it widens.

    Each of them needs the reason that the plan lacks.
    """
    rows = [
        fault(place, "reason-missing").of(tenant)
        for kind, (flags, row_type) in _RISKY.items()
        if kind in plan.stage.kinds
        for place, tenant, before, after in changed_rows(
            plan.stage, kind, row_type, " OR ".join(f"d.{plan.stage.name(flag)}" for flag in flags)
        )
        if accepts_risk(before, after)
    ]
    return rows or [fault("", "reason-missing").of(found.slug) for found in widened_by(plan)]


def _check_tenants(stage: Stage, access: Access) -> Iterator[Fault]:
    for slug, key in _named(stage):
        is_open = slug != PLATFORM or access.has(CHANGE_PLATFORM)
        is_seen = _may(access, "view", TENANT, key)
        writes = _may(access, "change", ORIGIN, key) or _may(access, "add", ORIGIN, key)
        if not (is_open and is_seen and writes):
            yield fault("", "not-permitted", f"change the tenant {slug}")


def _check_kind(stage: Stage, access: Access, kind: Kind, *, prune: bool) -> list[Fault]:
    refused: Counter[tuple[str, str]] = Counter()
    for sign, slug, key, count in _compared(stage, kind):
        action = _ACTIONS[sign]
        if _may(access, "view", kind, key) and not _may(access, action, kind, key):
            refused[slug, action] += count
    faults: list[Fault] = []
    # From a user who sees all tenants and may change these rows in all, there is nothing to hide.
    if not (_may(access, "change", kind, None) and _may(access, "view", TENANT, None)):
        _refuse_lists(stage, access, kind, refused, prune=prune)
        faults = _refuse_rows(stage, access, kind, refused)
    for (slug, action), count in sorted(refused.items()):
        number = f" ({count})" if count else ""
        faults.append(fault("", "not-permitted", f"{action} {kind.section} of {slug}{number}"))
    return faults


def _refuse_lists(
    stage: Stage, access: Access, kind: Kind, refused: Counter[tuple[str, str]], *, prune: bool
) -> None:
    """Refuse what a user would write to lists that they may not view, whatever these contain."""
    rows = stage.rows(
        f"SELECT s.tenant, t.id, COUNT(*) FROM {stage.name(temporary('staged', kind))} s"
        f" LEFT JOIN {stage.name(TENANT.table)} t ON t.slug = s.tenant GROUP BY s.tenant, t.id"
    )
    for slug, key, count in rows:
        if not _may(access, "view", kind, key) and not _may(access, "add", kind, key):
            refused[slug, "add"] += count
    for slug, key in _named(stage, kind) if prune and kind is not TENANT else ():
        if not _may(access, "view", kind, key):
            refused[slug, "delete"] += 0  # without revealing their number


def _refuse_rows(
    stage: Stage, access: Access, kind: Kind, refused: Counter[tuple[str, str]]
) -> list[Fault]:
    """Refuse rows that exist already in lists that a user may not view, or as hosts of others."""
    faults = []
    for place, slug, key, owner in _there(stage, kind):
        is_seen = _may(access, "view", kind, key)
        if owner == key and is_seen:
            continue  # _check_kind has judged it by the comparison
        if not (_may(access, "add", kind, key) or _may(access, "change", kind, key)):
            refused[slug, "add"] += (
                is_seen  # as if nobody had it; _refuse_lists has counted unseen ones
            )
        elif not (_may(access, "view", kind, owner) and _may(access, "view", TENANT, owner)):
            sentence = CANNOT_BE_ADDED[kind.model]
            faults.append(fault(place, "cannot-be-added", sentence).of(slug))
        elif not _may(access, "change", kind, key):
            refused[slug, "change"] += 1
    return faults


def _named(stage: Stage, kind: Kind = TENANT) -> Iterator[tuple[str, int | None]]:
    """Yield the slugs of the tenants that the file names, with the keys of those that exist.

    For a kind other than tenants, only those for which the file has a list of this kind.
    """
    named = named_tenants(stage) if kind is TENANT else named_lists(stage, kind)
    yield from stage.rows(
        f"SELECT DISTINCT n.tenant, t.id FROM ({named}) n"
        f" LEFT JOIN {stage.name(TENANT.table)} t ON t.slug = n.tenant ORDER BY n.tenant"
    )


def _compared(stage: Stage, kind: Kind) -> Iterator[tuple[str, str, int | None, int]]:
    """Yield what a plan does to the lists of tenants, except moving hosts to another tenant."""
    tables = [(temporary("differs", kind), "d.state")]
    if kind is not TENANT:
        tables.append((temporary("removed", kind), f"'{REMOVE}'"))
    moved = f" WHERE d.state <> '{CHANGE}'" if kind is HOST else ""
    for table, state in tables:
        yield from stage.rows(
            f"SELECT {state} AS action, d.tenant, t.id, COUNT(*) FROM {stage.name(table)} d"
            f" LEFT JOIN {stage.name(TENANT.table)} t ON t.slug = d.tenant"
            f"{moved if state == 'd.state' else ''} GROUP BY action, d.tenant, t.id"
        )


def _there(stage: Stage, kind: Kind) -> Iterator[tuple[str, str, int | None, int]]:
    """Yield the file's rows that exist, with the keys of the tenants in the file and as stored."""
    if kind is TENANT:
        return
    stored = join_stored(stage, kind)
    yield from stage.rows(
        f"SELECT s.place, s.tenant, w.id, o.tenant_id FROM {stage.name(temporary('staged', kind))} s"
        f" {stored} LEFT JOIN {stage.name(TENANT.table)} w ON w.slug = s.tenant"
        " WHERE o.id IS NOT NULL ORDER BY s.number"
    )


def _may(access: Access, action: str, kind: Kind, key: int | None) -> bool:
    """Report whether a user may do this to a tenant's rows; `key` is None for a new tenant.

    Only users who may do it to the rows of all tenants may do it to those of a new one.
    """
    keys = access.keys(action, kind.model)
    return keys is None or key in keys


def _check_flag(stage: Stage, access: Access, kind: Kind) -> Iterator[Fault]:
    field, permission = _FLAGS[kind]
    if access.has(permission):
        return
    name = stage.name
    rows = stage.rows(
        f"SELECT d.place, d.tenant FROM {name(temporary('differs', kind))} d"
        f" LEFT JOIN {name(kind.table)} o ON o.id = d.row_id"
        f" WHERE d.{name(field)} OR o.{name(field)} ORDER BY d.number"
    )
    for place, tenant in rows:
        action = f"write a row with {field} (permission {permission})"
        yield fault(place, "not-permitted", action).of(tenant)
