"""The proposals as a file for spreadsheets, with cells that no spreadsheet runs as formulas."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

from django.http import HttpResponse

from corsadmin.admin.clean_up.proposals import UnusedEntry, UnusedRule
from corsadmin.models import Tenant
from corsadmin.transfer.formats.tabular import neutral

HEADING: Final = (
    "kind",
    "tenant",
    "pattern",
    "scope",
    "credentials",
    "added",
    "first_seen",
    "last_seen",
    "calls_a_day",
    "used_for",
    "unused_origins",
    "why_nothing",
    "note",
)
TenantLine = tuple[Tenant, int, str]  # the number of unused origins, and why nothing is proposed


def file_of(
    tenants: Iterable[TenantLine], entries: Iterable[UnusedEntry], rules: Iterable[UnusedRule]
) -> HttpResponse:
    """Answer with a CSV file that has one row per tenant, origin entry and path rule."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADING, restval="", lineterminator="\r\n")
    writer.writeheader()
    rows = chain(map(_tenant_row, tenants), map(_entry_row, entries), map(_rule_row, rules))
    writer.writerows({name: neutral(cell) for name, cell in row.items()} for row in rows)
    headers = {"Content-Disposition": 'attachment; filename="clean-up.csv"'}
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _tenant_row(line: TenantLine) -> dict[str, str]:
    tenant, number, why = line
    return {
        "kind": "tenant",
        "tenant": tenant.slug,
        "added": tenant.created.date().isoformat(),
        "unused_origins": str(number),
        "why_nothing": why,
        "note": tenant.note,
    }


def _entry_row(one: UnusedEntry) -> dict[str, str]:
    entry = one.entry
    return {
        **dict(_common("origin", entry, one.use)),
        "pattern": entry.pattern,
        "scope": entry.scope,
        "credentials": "true" if entry.credentials else "false",
        "calls_a_day": f"{one.use.calls_a_day:.0f}" if one.use else "",
        "used_for": " ".join(one.samples),
    }


def _rule_row(one: UnusedRule) -> dict[str, str]:
    rule = one.rule
    return {
        **dict(_common("path rule", rule, one.use)),
        "pattern": rule.path,
        "credentials": "true" if rule.credentials else "false",
        "used_for": " ".join(one.names),
    }


def _common(kind: str, row: Any, use: Any) -> Iterator[tuple[str, str]]:
    yield "kind", kind
    yield "tenant", row.tenant.slug
    yield "added", row.created.date().isoformat()
    yield "note", row.note
    if use is not None:
        yield "first_seen", use.first_day.isoformat()
        yield "last_seen", use.last_day.isoformat()
