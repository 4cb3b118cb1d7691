"""The details of a pasted text that the form has no fields for, as one short value in the URL.

The text itself stays out of URLs: servers log them, and refuse long ones.
"""

from typing import Final
from urllib.parse import parse_qsl, urlencode

from corsadmin.diagnose.console import BlockDetail, BlockKind, Reading
from corsadmin.diagnose.verdict import NOTHING_READ

MAX_SAID: Final = 1024
_STATUSES: Final[dict[str | None, int]] = {str(status): status for status in range(100, 600)}


def write_said(reading: Reading) -> str:
    """Return the details of a reading, without the longest if they exceed MAX_SAID."""
    given = {
        "kind": str(reading.kind),
        "detail": None if reading.detail is None else str(reading.detail),
        "subject": reading.subject,
        "engine": reading.engine,
        "from": reading.redirected_from,
        "header": reading.header,
        "headers": None if reading.headers is None else ",".join(reading.headers),
        "status": reading.status,
        "preflight": "yes" if reading.proves_preflight else None,
    }
    found = {name: value for name, value in given.items() if value is not None}
    while len(text := urlencode(found)) > MAX_SAID:
        found.pop(max(found, key=lambda name: len(str(found[name]))))
    return text


def read_said(text: str) -> Reading:
    """Return the reading that `write_said` wrote, NOTHING_READ for anything else."""
    said = dict(parse_qsl(text[:MAX_SAID], keep_blank_values=True))
    if said.get("kind") not in set(BlockKind):
        return NOTHING_READ
    names, status, detail = said.get("headers"), said.get("status"), said.get("detail")
    return Reading(
        kind=BlockKind(said["kind"]),
        detail=BlockDetail(detail) if detail in set(BlockDetail) else None,
        subject=said.get("subject"),
        engine=said.get("engine"),
        redirected_from=said.get("from"),
        header=said.get("header"),
        headers=None if names is None else tuple(filter(None, names.split(","))),
        status=_STATUSES.get(status),
        proves_preflight="preflight" in said or None,
    )
