"""The proposals as a file for a spreadsheet, which runs none of its cells."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from django.http import HttpResponse

from corsadmin.admin.clean_up.proposals import UnusedEntry
from corsadmin.transfer.formats.tabular import neutral

HEADING: Final = (
    "tenant",
    "pattern",
    "scope",
    "credentials",
    "added",
    "first_seen",
    "last_seen",
    "calls_a_day",
    "samples",
    "note",
)


def file_of_entries(entries: Iterable[UnusedEntry]) -> HttpResponse:
    """Answer with a CSV file of origin entries that nobody used."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADING)
    writer.writerows([neutral(cell) for cell in _cells(one)] for one in entries)
    headers = {"Content-Disposition": 'attachment; filename="clean-up.csv"'}
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _cells(one: UnusedEntry) -> Iterable[str]:
    entry, use = one.entry, one.use
    yield entry.tenant.slug
    yield entry.pattern
    yield entry.scope
    yield "true" if entry.credentials else "false"
    yield entry.created.date().isoformat()
    yield use.first_day.isoformat() if use else ""
    yield use.last_day.isoformat() if use else ""
    yield f"{use.calls_a_day:.0f}" if use else ""
    yield " ".join(one.samples)
    yield entry.note
