"""Workbooks as spreadsheets write them, and as they never would."""

import io
import zipfile

import openpyxl

SHEET = "xl/worksheets/sheet1.xml"
_ROOT = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def workbook(*rows):
    """Return a workbook with these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def sheet(*rows, size="A1:Z9999"):
    """Return a workbook whose sheet says that it has this size, and holds these rows of XML."""
    heading = row(1, A="tenant", B="pattern")
    text = f'{_ROOT}<dimension ref="{size}"/><sheetData>{heading}{"".join(rows)}</sheetData>'
    return repacked(SHEET, f"{text}</worksheet>".encode())


def row(number, **cells):
    """Return the XML of a row; the cells are named by their columns."""
    found = "".join(
        f'<c r="{column}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for column, text in cells.items()
    )
    return f'<row r="{number}">{found}</row>'


def repacked(name, content):
    """Return a workbook in which one member holds something else."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(["tenant", "pattern"]))) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            new.writestr(member, content if member == name else old.read(member))
    return buffer.getvalue()
