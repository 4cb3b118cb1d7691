"""Compare the rows of a file with the database, inside the database.

Keys that a file leaves out keep their stored values: `differs` contains the rows as they will be.
"""

from collections.abc import Iterator
from typing import Any, Final

from corsadmin.transfer.plan.staging import Stage, temporary
from corsadmin.transfer.records.record_types import HOST, ORIGIN, TENANT, Kind

# Equality in which two NULLs are equal. SQLite has the standard's name for it only since 3.39.
_SAME: Final = {"sqlite": "IS", "postgresql": "IS NOT DISTINCT FROM"}


def compare_rows(stage: Stage) -> None:
    """Fill the tables `differs`: rows of the file that are new (+) or differ from the stored row (~)."""
    for kind in stage.kinds:
        differs = stage.name(temporary("differs", kind))
        stage.run(f"DROP TABLE IF EXISTS {differs}")
        stage.run(
            f"CREATE TEMPORARY TABLE {differs} AS SELECT s.number, s.place, s.tenant, s.missing,"
            f" s.in_doubt, {_merged(stage, kind)}, o.id AS row_id,"
            f" CASE WHEN o.id IS NULL THEN '+' ELSE '~' END AS state"
            f" FROM {stage.name(temporary('staged', kind))} s {join_stored(stage, kind)}"
            f" WHERE o.id IS NULL OR NOT ({_unchanged(stage, kind)})"
        )
        stage.analyze(temporary("differs", kind), "number, tenant, row_id, state")


def find_removed(stage: Stage, *, prune: bool) -> None:
    """Fill the tables `removed`: stored rows that the file lacks, from lists that the file has.

    Without `prune` the tables stay empty.
    """
    for kind in stage.kinds:
        if kind is TENANT:
            continue
        removed = stage.name(temporary("removed", kind))
        same = " AND ".join(f"s.{stage.name(name)} = o.{stage.name(name)}" for name in kind.key)
        if kind is not HOST:
            same += " AND s.tenant = t.slug"
        stage.run(f"DROP TABLE IF EXISTS {removed}")
        stage.run(
            f"CREATE TEMPORARY TABLE {removed} AS SELECT o.id AS row_id, t.slug AS tenant,"
            f" {', '.join(f'o.{stage.name(name)}' for name in kind.names)}"
            f" FROM {stage.name(kind.table)} o"
            f" JOIN {stage.name(TENANT.table)} t ON t.id = o.tenant_id"
            f" WHERE t.slug IN ({named_lists(stage, kind)})"
            f" AND NOT EXISTS (SELECT 1 FROM {stage.name(temporary('staged', kind))} s WHERE {same})"
            + ("" if prune else " AND 1 = 0")
        )


def changed_rows(
    stage: Stage, kind: Kind, row_type: Any, where: str
) -> Iterator[tuple[str, str, Any, Any]]:
    """Yield (place, tenant, before, after) of the rows to write; `before` is None for a new row.

    `where` selects them, by the columns of the row as it will be (d) and as it is stored (o).
    `row_type` is a NamedTuple with the kind's columns in their order.
    """
    name, count = stage.name, len(kind.names)
    new = ", ".join(f"d.{name(column)}" for column in kind.names)
    old = ", ".join(f"o.{name(column)}" for column in kind.names)
    rows = stage.rows(
        f"SELECT d.place, d.tenant, o.id, {new}, {old} FROM {name(temporary('differs', kind))} d"
        f" LEFT JOIN {name(kind.table)} o ON o.id = d.row_id WHERE {where} ORDER BY d.number"
    )
    for place, tenant, key, *values in rows:
        after = row_type._make(stage.row(kind, values[:count]))
        before = None if key is None else row_type._make(stage.row(kind, values[count:]))
        yield place, tenant, before, after


def named_tenants(stage: Stage) -> str:
    """Return the query for the slugs of the tenants that the file names."""
    kind = TENANT if TENANT in stage.kinds else ORIGIN
    return f"SELECT tenant FROM {stage.name(temporary('staged', kind))}"


def named_lists(stage: Stage, kind: Kind) -> str:
    """Return the query for the slugs of the tenants for which the file has a list of this kind."""
    if TENANT not in stage.kinds:
        return named_tenants(stage)
    return f"{named_tenants(stage)} WHERE missing & {TENANT.bits[kind.section]} = 0"


def join_stored(stage: Stage, kind: Kind) -> str:
    """Return the join that finds the stored row (o) of a staged one (s), and its tenant (t)."""
    table, tenants = stage.name(kind.table), stage.name(TENANT.table)
    if kind is TENANT:
        return f"LEFT JOIN {table} o ON o.slug = s.tenant"
    if kind is HOST:
        # Each host has one row, no matter which tenant owns it, so a host can change its tenant.
        return f"LEFT JOIN {table} o ON o.host = s.host LEFT JOIN {tenants} t ON t.id = o.tenant_id"
    key = " AND ".join(f"o.{stage.name(name)} = s.{stage.name(name)}" for name in kind.key)
    return (
        f"LEFT JOIN {tenants} t ON t.slug = s.tenant"
        f" LEFT JOIN {table} o ON o.tenant_id = t.id AND {key}"
    )


def _unchanged(stage: Stage, kind: Kind) -> str:
    if kind is HOST:
        return "t.slug = s.tenant"
    same = _SAME[stage.connection.vendor]
    return " AND ".join(
        f"(o.{stage.name(name)} {same} s.{stage.name(name)} OR s.missing & {kind.bits[name]} <> 0)"
        for name in kind.names
        if name not in kind.key
    )


def _merged(stage: Stage, kind: Kind) -> str:
    """Return the columns of a row as it will be: keys that the file leaves out stay as stored."""
    return ", ".join(
        f"CASE WHEN o.id IS NULL OR s.missing & {kind.bits[name]} = 0"
        f" THEN s.{stage.name(name)} ELSE o.{stage.name(name)} END AS {stage.name(name)}"
        if name in kind.bits
        else f"s.{stage.name(name)}"
        for name in kind.names
    )
