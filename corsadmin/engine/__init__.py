"""The CORS rules as plain Python: text in, decisions out, no Django.

Ten modules hold the grammar: what a person may write, and how a snapshot keeps it; `emergencies`
holds what is switched over it. The other names are what decides. Everything else in this package is its own.
"""

from corsadmin.engine import (
    browser,
    emergencies,
    entries,
    headers,
    hosts,
    methods,
    origins,
    packing,
    paths,
    problems,
    rules,
    wildcards,
)
from corsadmin.engine.decision import Decision, decide
from corsadmin.engine.index import IndexBuilder
from corsadmin.engine.packing import PLATFORM
from corsadmin.engine.policy import TenantPolicy
from corsadmin.engine.request import CorsRequest, Reason
from corsadmin.engine.snapshot import Snapshot

__all__ = [
    "PLATFORM",
    "CorsRequest",
    "Decision",
    "IndexBuilder",
    "Reason",
    "Snapshot",
    "TenantPolicy",
    "browser",
    "decide",
    "decision",
    "emergencies",
    "entries",
    "headers",
    "hosts",
    "methods",
    "origins",
    "packing",
    "paths",
    "problems",
    "rules",
    "wildcards",
]
