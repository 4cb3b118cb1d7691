"""Write what a command has found as JSON that a person can read on a terminal, too."""

import json
import re
from typing import Final

_ODD: Final = re.compile(r"[^\n -~]")


def to_json(report: object) -> str:
    """Return a report as JSON: letters as they are, and what cannot be seen as escapes."""
    return _ODD.sub(_escape, json.dumps(report, ensure_ascii=False, indent=2))


def _escape(found: re.Match[str]) -> str:
    # What JSON must not hold as it is was escaped before; all else stands in a text.
    return found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1]
