"""Whether a user may do what a plan does: the same rules as in the admin."""

from collections.abc import Iterator

from corsadmin.engine import PLATFORM
from corsadmin.models.access import ACCEPT_RISK, ALLOW_ANY_ORIGIN, CHANGE_PLATFORM, Access
from corsadmin.transfer.plan.diff import named_tenants
from corsadmin.transfer.plan.staging import Stage, temporary
from corsadmin.transfer.plan.steps import ADD, CHANGE, REMOVE
from corsadmin.transfer.records.diagnostics import Fault, fault
from corsadmin.transfer.records.record_types import ORIGIN, PATH, TENANT, Kind

_ACTIONS = {ADD: "add", CHANGE: "change", REMOVE: "delete"}
# Newly accepted, or with credentials or put in force when it was not: compared with what is stored.
_ACCEPTS = {
    ORIGIN: "d.risk_accepted AND (o.id IS NULL OR NOT o.risk_accepted OR (d.enabled AND"
    " (NOT o.enabled OR (d.credentials AND NOT o.credentials))))",
    PATH: "d.any_origin AND (o.id IS NULL OR NOT o.any_origin OR (d.enabled AND NOT o.enabled))",
}
_FLAGS = {ORIGIN: ("risk_accepted", ACCEPT_RISK), PATH: ("any_origin", ALLOW_ANY_ORIGIN)}


def check_rights(stage: Stage, access: Access) -> list[Fault]:
    """Return what a user may not do of a compared stage.

    A tenant that the user may not change is refused by name, whether or not it exists and whether
    or not anything differs: the answer must not tell what others have.
    """
    named = list(_check_tenants(stage, access))
    if named:
        return named
    faults: list[Fault] = []
    for kind in stage.kinds:
        faults += _check_actions(stage, access, kind)
        if kind in _FLAGS:
            faults += _check_flag(stage, access, kind)
    return faults


def unexplained(stage: Stage) -> list[Fault]:
    """Return a fault for each row of a compared stage that accepts a risk, for want of a reason."""
    name = stage.name
    return [
        fault(place, "reason-missing").of(tenant)
        for kind in stage.kinds
        if kind in _ACCEPTS
        for place, tenant in stage.rows(
            f"SELECT d.place, d.tenant FROM {name(temporary('differs', kind))} d"
            f" LEFT JOIN {name(kind.table)} o ON o.id = d.row_id"
            f" WHERE {_ACCEPTS[kind]} ORDER BY d.number"
        )
    ]


def _check_tenants(stage: Stage, access: Access) -> Iterator[Fault]:
    keys = access.keys("change", ORIGIN.model)
    rows = stage.rows(
        f"SELECT DISTINCT n.tenant, t.id FROM ({named_tenants(stage)}) n"
        f" LEFT JOIN {stage.name(TENANT.table)} t ON t.slug = n.tenant ORDER BY n.tenant"
    )
    for slug, key in rows:
        is_open = slug != PLATFORM or access.has(CHANGE_PLATFORM)
        if not (is_open and (keys is None or key in keys)):
            yield fault("", "not-permitted", f"change the tenant {slug}")


def _check_actions(stage: Stage, access: Access, kind: Kind) -> Iterator[Fault]:
    tables = [(temporary("differs", kind), "d.state")]
    if kind is not TENANT:
        tables.append((temporary("removed", kind), f"'{REMOVE}'"))
    for table, state in tables:
        counted = stage.rows(
            f"SELECT {state} AS action, d.tenant, t.id, COUNT(*) FROM {stage.name(table)} d"
            f" LEFT JOIN {stage.name(TENANT.table)} t ON t.slug = d.tenant"
            " GROUP BY action, d.tenant, t.id ORDER BY d.tenant, action"
        )
        for sign, slug, key, count in counted:
            action = _ACTIONS[sign]
            keys = access.keys(action, kind.model)
            if keys is not None and key not in keys:
                yield fault("", "not-permitted", f"{action} {kind.section} of {slug} ({count})")


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
