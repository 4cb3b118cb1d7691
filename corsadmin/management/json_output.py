"""Write the report of a command as JSON that people can read on a terminal too."""

import json
import re
from typing import Final

_ODD: Final = re.compile(r"[^\n -~]")


def to_json(report: object) -> str:
    """Return a report as JSON: letters unchanged, invisible characters as escapes."""
    return _ODD.sub(_escape, json.dumps(report, ensure_ascii=False, indent=2))


def _escape(found: re.Match[str]) -> str:
    # JSON has already escaped what it must; any other match is inside a string.
    return found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1]
