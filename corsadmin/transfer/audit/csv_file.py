"""An audit file as CSV, piece by piece. A file that ends too early says so."""

import csv
import io
import logging
from collections.abc import Iterable, Iterator
from typing import Final

MAX_PIECE: Final = 1 << 16  # characters that wait to be sent
INCOMPLETE: Final = "INCOMPLETE: reading failed here, and rows are missing. Export again."
_log = logging.getLogger(__name__)


def write_audit_csv(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the text of a table.

    If reading the rows fails, the last line says so, because the reader may keep what has arrived.
    The error is logged and raised.
    """
    buffer = io.StringIO()
    # With both characters in the line end, the writer also quotes a bare \r or \n inside a cell.
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(heading)
    written = 0
    try:
        for row in rows:
            writer.writerow(row)
            written += 1
            if buffer.tell() > MAX_PIECE:
                yield _taken(buffer)
    except Exception:
        _log.exception("An audit file is incomplete: reading failed after %d rows.", written)
        writer.writerow([INCOMPLETE])
        yield _taken(buffer)
        raise
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
