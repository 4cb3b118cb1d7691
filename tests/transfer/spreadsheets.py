"""Spreadsheets as people keep them, and what is read from them."""

import io

import openpyxl

from corsadmin.transfer.formats.bounds import COMMAND
from corsadmin.transfer.formats.table_choices import TableChoices
from corsadmin.transfer.formats.tables import open_table
from corsadmin.transfer.records.check import check_entry
from corsadmin.transfer.records.diagnostics import Fault

NEW = "https://new.acme.example"


def book(**sheets):
    """Return a workbook with these sheets; one whose name ends in _ is hidden."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        sheet.sheet_state = "hidden" if name.endswith("_") else "visible"
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def merged(rows, *areas):
    """Return a workbook with these rows, in which these areas are merged."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for area in areas:
        made.active.merge_cells(area)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def opened(content, access=None, **choices):
    if isinstance(content, list):
        content = book(origins=content)
    name = "xlsx" if content[:2] == b"PK" else "csv"
    return open_table(io.BytesIO(content), name, COMMAND, TableChoices(**choices), access)


def read(content, **choices):
    """Return the (tenant, what was written) of each row, and the (place, code) of each fault."""
    rows, faults = [], []
    for entry in opened(content, **choices).records():
        if isinstance(entry, Fault):
            faults.append((entry.place, entry.code))
            continue
        rows.append((entry.tenant, entry.written))
        faults += [(fault.place, fault.code) for fault in check_entry(entry).faults]
    return rows, faults


def table(*rows, encoding="utf-8"):
    return "\r\n".join(rows).encode(encoding)
