"""The CORS rules as plain Python: text in, decisions out, no Django.

What decides is exported here (`decide`, `CorsRequest`, `Decision`, …), with the modules that callers
use by name, such as `headers.is_token`. The grammar, what a person may write, is imported from its
modules: `from corsadmin.engine.origins import parse_origin`, likewise `entries`, `hosts`, `methods`,
`paths`, `problems`, `rules` and `wildcards`. `emergencies` is the emergency switch, `browser` the
browser's half of CORS, and `packing` the form in which a snapshot keeps a tenant. Everything else is
private to this package.
"""

from corsadmin.engine import browser, headers, packing
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
    "headers",
    "packing",
]
