"""A sample table: the headings, two examples, and the meaning of each column."""

import csv
import io
from typing import Final

from django.utils.translation import gettext as _

from corsadmin.transfer.formats.columns import COLUMNS, HEADING
from corsadmin.transfer.formats.xlsx_format import open_workbook

ROWS: Final = (0, 1)


def sample_csv() -> bytes:
    """Return the sample as CSV, with the byte order mark by which spreadsheets detect UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADING)
    writer.writerows([column.examples[row] for column in COLUMNS] for row in ROWS)
    return text.getvalue().encode("utf-8-sig")


def sample_xlsx() -> bytes:
    """Return the sample as a workbook with a second sheet of explanations.

    Raises BrokenTextError if the libraries for workbooks are missing.
    """
    book = open_workbook()
    sheet = book.create_sheet("origins")
    sheet.append(HEADING)
    for row in ROWS:
        sheet.append([column.examples[row] for column in COLUMNS])
    told = book.create_sheet(_("Explanations")[:31])
    told.append([_("Column"), _("Meaning"), _("Headings that mean the same")])
    for column in COLUMNS:
        told.append([column.name, str(column.meaning), column.synonyms])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
