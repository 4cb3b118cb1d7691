"""Values as cell texts that every spreadsheet shows and none runs as a formula."""

import json
import re
from datetime import datetime
from typing import Final

from corsadmin.engine.origins import parse_pattern, risks
from corsadmin.engine.problems import PolicyError
from corsadmin.engine.rules import echoing_fields
from corsadmin.models.policy_rows import (
    OriginRow,
    RuleRow,
    is_list_of_text,
    rule_text,
    text_or_blank,
)
from corsadmin.transfer.formats.tabular import neutral
from corsadmin.transfer.records.coerce import plain

# Characters that a text file or a workbook cannot contain.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FLAGS: Final = {True: "true", False: "false"}


def audit_cell(value: object) -> str:
    """Return a stored value, which may be of any type, as the text of a cell."""
    if isinstance(value, str):
        return neutral(_UNWRITABLE.sub(_escape, value)) if value else ""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _FLAGS[value]
    if isinstance(value, datetime):
        return str(plain(value))
    if is_list_of_text(value):
        return audit_cell(", ".join(value))
    return audit_cell(json.dumps(value) if isinstance(value, list | dict) else str(value))


def origin_risk_cell(row: OriginRow) -> str:
    """Return the codes of what makes an origin dangerous with credentials, or `invalid`."""
    try:
        found = risks(parse_pattern(text_or_blank(row.pattern)))
    except PolicyError:
        return "invalid"
    return " ".join(found)


def rule_risk_cell(row: RuleRow) -> str:
    """Return how a path rule opens its paths: any-origin, echo, or blank."""
    if row.any_origin:
        return "any-origin"
    return "echo" if echoing_fields(rule_text(row)) else ""


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
