"""Write policies as JSON: one row a line, so that a review shows rows."""

import json
from collections.abc import Iterable, Iterator, Mapping

from corsadmin.transfer.documents import VERSION
from corsadmin.transfer.exporting import StoredTenant
from corsadmin.transfer.kinds import HOST, ORIGIN, PATH, TENANT, Kind, Row
from corsadmin.transfer.report import plain

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


def row_object(kind: Kind, row: Row) -> Mapping[str, object]:
    """Return a row as the object the file holds."""
    return {
        column.name: plain(value)
        for column, value in zip(kind.columns, row, strict=True)
        if kind is not ORIGIN
        or column.name in _ALWAYS_WRITTEN
        or value != column.field.get_default()
    }


def _tenant(tenant: StoredTenant) -> Iterator[str]:
    yield "    {\n"
    for name, value in row_object(TENANT, tenant.row).items():
        yield f"      {_json(name)}: {_json(value)},\n"
    sections = []
    for kind in (HOST, ORIGIN, PATH):
        rows = [
            _json(row[0] if kind is HOST else row_object(kind, row)) for row in tenant.rows[kind]
        ]
        lines = ",\n".join(f"        {row}" for row in rows)
        sections.append(
            f"      {_json(kind.section)}: " + (f"[\n{lines}\n      ]" if rows else "[]")
        )
    yield ",\n".join(sections) + "\n    }"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
