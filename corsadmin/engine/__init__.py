"""The CORS rules as plain Python: text in, decisions out, no Django."""

from corsadmin.engine.decision import (
    NOT_READY,
    NOT_READY_PREFLIGHT,
    Decision,
    check_preflight,
    decide,
    decide_by_origin,
    decide_by_path,
    too_stale,
)
from corsadmin.engine.entries import check_grant, find_entry
from corsadmin.engine.headers import check_exposed_header, check_request_header
from corsadmin.engine.hosts import check_host, check_slug
from corsadmin.engine.methods import check_method
from corsadmin.engine.origins import (
    MAX_ORIGIN_LENGTH,
    OriginPattern,
    candidates,
    parse_origin,
    parse_pattern,
    risks,
)
from corsadmin.engine.packing import (
    PLATFORM,
    Grant,
    Packed,
    pack,
)
from corsadmin.engine.paths import PathTable, check_path, covers, specificity
from corsadmin.engine.policy import (
    MAX_AGE_LIMIT,
    OriginText,
    Rule,
    RuleText,
    check_origin,
    check_rule,
    compile_rule,
    examine_origin,
)
from corsadmin.engine.problems import CODES, PolicyError, Problem
from corsadmin.engine.request import CorsRequest, Reason
from corsadmin.engine.snapshot import Snapshot
from corsadmin.engine.tenant import Policy

__all__ = [
    "CODES",
    "MAX_AGE_LIMIT",
    "MAX_ORIGIN_LENGTH",
    "NOT_READY",
    "NOT_READY_PREFLIGHT",
    "PLATFORM",
    "CorsRequest",
    "Decision",
    "Grant",
    "OriginPattern",
    "OriginText",
    "Packed",
    "PathTable",
    "Policy",
    "PolicyError",
    "Problem",
    "Reason",
    "Rule",
    "RuleText",
    "Snapshot",
    "candidates",
    "check_exposed_header",
    "check_grant",
    "check_host",
    "check_method",
    "check_origin",
    "check_path",
    "check_preflight",
    "check_request_header",
    "check_rule",
    "check_slug",
    "compile_rule",
    "covers",
    "decide",
    "decide_by_origin",
    "decide_by_path",
    "examine_origin",
    "find_entry",
    "pack",
    "parse_origin",
    "parse_pattern",
    "risks",
    "specificity",
    "too_stale",
]
