"""Values as texts of cells that every spreadsheet shows and none runs."""

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

# What no file of text, or no workbook, can hold.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FLAGS: Final = {True: "true", False: "false"}


def audit_cell(value: object) -> str:
    """Return a stored value as the text of a cell; a database may hold any value anywhere."""
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
    """Return what makes an origin dangerous with credentials, as codes of problems."""
    try:
        found = risks(parse_pattern(text_or_blank(row.pattern)))
    except PolicyError:
        return "invalid"
    return " ".join(found)


def rule_risk_cell(row: RuleRow) -> str:
    """Return what a path rule opens to strangers: any-origin, echo, or nothing."""
    if row.any_origin:
        return "any-origin"
    return "echo" if echoing_fields(rule_text(row)) else ""


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
