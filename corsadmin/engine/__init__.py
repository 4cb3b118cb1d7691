"""The CORS rules as plain Python: text in, decisions out, no Django.

The exported modules define the grammar: what a person may write, and how a snapshot packs it. Two
have other jobs: `emergencies` is the emergency switch, `browser` the browser's half of CORS. The
exported classes and `decide` make decisions. Everything else is private to this package.
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
