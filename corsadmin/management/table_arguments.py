"""The options that say how to read a table: columns, sheet and dates."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import IO, Final
from zoneinfo import ZoneInfo

from corsadmin.management.arguments import Options
from corsadmin.messages import shown
from corsadmin.transfer.formats.columns import HEADING
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.table import OriginTable
from corsadmin.transfer.formats.table_choices import TableChoices
from corsadmin.transfer.formats.tables import open_table
from corsadmin.transfer.importing import Choices
from corsadmin.transfer.records.diagnostics import TransferError, fault

_ORDERS: Final = {"day-first": True, "month-first": False}


def add_table_choices(parser: ArgumentParser) -> None:
    """Add the options that say how to read a CSV or XLSX file."""
    parser.add_argument(
        "--column",
        action="append",
        type=_column,
        metavar="HEADING=FIELD",
        help="the field of a column whose heading does not name it; nothing after the = ignores the "
        f"column; fields: {', '.join(HEADING)}; may be repeated",
    )
    parser.add_argument("--sheet", default="", metavar="NAME", help="the sheet of a workbook")
    parser.add_argument(
        "--dates",
        choices=_ORDERS,
        help="what comes first in a date such as 01/02/2026 in a table (default: such dates are "
        "refused)",
    )
    parser.add_argument(
        "--time-zone",
        type=_zone,
        metavar="NAME",
        help="the time zone of dates without one in a table, such as Europe/Berlin (default: such "
        "dates are refused)",
    )


def table_choices(options: Options) -> TableChoices:
    """Return the choices that the options make."""
    return TableChoices(
        columns=dict(options["column"] or ()),
        sheet=options["sheet"],
        day_first=_ORDERS.get(options["dates"]),
        zone=options["time_zone"],
        into=options["into"] or "",
    )


def open_named_table(file: IO[bytes], choices: Choices, said: TableChoices) -> OriginTable:
    """Return a table. Raises TransferError if it cannot be read."""
    try:
        return open_table(file, choices.format, choices.bounds, said, choices.access)
    except BrokenTextError as error:
        raise TransferError([fault(error.place, "unreadable", error.reason)]) from None


def _column(text: str) -> tuple[str, str]:
    heading, sign, field = text.rpartition("=")
    if not (sign and heading.isprintable() and field in ("", *HEADING)):
        message = (
            f"{shown(text)}: write HEADING=FIELD, with one of the fields {', '.join(HEADING)}."
        )
        raise ArgumentTypeError(message)
    return " ".join(heading.split()), field


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError) as error:
        message = f"There is no time zone {shown(name)}."
        raise ArgumentTypeError(message) from error
