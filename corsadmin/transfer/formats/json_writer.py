"""Write policies as JSON: one row a line, so that a review shows rows."""

import json
from collections.abc import Iterable, Iterator

from corsadmin.transfer.exporting import StoredTenant
from corsadmin.transfer.formats.document import VERSION
from corsadmin.transfer.records.coerce import plain
from corsadmin.transfer.records.record_types import HOST, ORIGIN, PATH, TENANT, Kind, Row

# An origin's other keys are written only where they say something: there are many origins.
_ALWAYS_WRITTEN = frozenset({"pattern", "credentials"})


def write_json(tenants: Iterable[StoredTenant]) -> Iterator[str]:
    """Yield the text of the interchange file, piece by piece."""
    yield f'{{\n  "version": {VERSION},\n  "tenants": ['
    separator = "\n"
    for tenant in tenants:
        yield separator + "".join(_tenant(tenant))
        separator = ",\n"
    yield ("\n  ]" if separator != "\n" else "]") + "\n}\n"


def row_object(kind: Kind, row: Row) -> dict[str, object]:
    """Return a row as the object the file holds."""
    return {
        column.name: plain(value)
        for column, value in zip(kind.columns, row, strict=True)
        if kind is not ORIGIN
        or column.name in _ALWAYS_WRITTEN
        or value != column.field.get_default()
    }


def tenant_object(tenant: StoredTenant) -> dict[str, object]:
    """Return a tenant with all its rows as the object the document holds."""
    found = dict(row_object(TENANT, tenant.row))
    for kind in (HOST, ORIGIN, PATH):
        rows = tenant.rows[kind]
        found[kind.section] = [row[0] if kind is HOST else row_object(kind, row) for row in rows]
    return found


def _tenant(tenant: StoredTenant) -> Iterator[str]:
    yield "    {\n"
    lines = []
    for name, value in tenant_object(tenant).items():
        text = _json(value)
        if isinstance(value, list) and value:
            text = "[\n" + ",\n".join(f"        {_json(row)}" for row in value) + "\n      ]"
        lines.append(f"      {_json(name)}: {text}")
    yield ",\n".join(lines) + "\n    }"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
