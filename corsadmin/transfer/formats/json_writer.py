"""Write policies as JSON with one row per line, so that a diff shows rows."""

import json
from collections.abc import Iterable, Iterator

from corsadmin.models.tenant_rows import TenantRows
from corsadmin.transfer.formats.document import VERSION
from corsadmin.transfer.records.coerce import plain
from corsadmin.transfer.records.record_types import HOST, ORIGIN, PATH, TENANT, Kind, Row


def write_json(tenants: Iterable[TenantRows]) -> Iterator[str]:
    """Yield the text of the interchange document, piece by piece."""
    yield f'{{\n  "version": {VERSION},\n  "tenants": ['
    separator = "\n"
    for tenant in tenants:
        yield separator + "".join(_tenant(tenant))
        separator = ",\n"
    yield ("\n  ]" if separator != "\n" else "]") + "\n}\n"


def row_object(kind: Kind, row: Row) -> dict[str, object]:
    """Return a row as an object of the interchange document, with every key."""
    return written_object(kind, row, missing=0)


def written_object(kind: Kind, row: Row, missing: int) -> dict[str, object]:
    """Return a row as an object without the missing keys, given as bits of `Kind.missing`."""
    return {name: plain(value) for name, value in kind.named(row, missing).items()}


def tenant_object(held: TenantRows) -> dict[str, object]:
    """Return a tenant with all its rows as an object of the interchange document."""
    return row_object(TENANT, TENANT.row_of(held.tenant)) | {
        HOST.section: [row.host for row in held.hosts],
        ORIGIN.section: [row_object(ORIGIN, row) for row in held.origins],
        PATH.section: [row_object(PATH, row) for row in held.rules],
    }


def _tenant(held: TenantRows) -> Iterator[str]:
    yield "    {\n"
    lines = []
    for name, value in tenant_object(held).items():
        text = _json(value)
        if isinstance(value, list) and value:
            text = "[\n" + ",\n".join(f"        {_json(row)}" for row in value) + "\n      ]"
        lines.append(f"      {_json(name)}: {text}")
    yield ",\n".join(lines) + "\n    }"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
