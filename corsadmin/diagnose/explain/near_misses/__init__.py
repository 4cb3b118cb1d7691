"""Near misses: what a refused call almost matched, and where the two differ."""

from collections.abc import Callable, Iterable
from typing import Final

from corsadmin.diagnose.explain.context import Case
from corsadmin.diagnose.explain.near_misses.hosts import near_hosts
from corsadmin.diagnose.explain.near_misses.names import near_headers, near_methods
from corsadmin.diagnose.explain.near_misses.origins import near_origins, sendable_form
from corsadmin.diagnose.explain.near_misses.paths import near_paths
from corsadmin.diagnose.explain.near_misses.sentences import NearMiss
from corsadmin.engine import Reason

__all__ = ["MAX_NEAR_MISSES", "NearMiss", "near_misses", "sendable_form"]

MAX_NEAR_MISSES: Final = 5
_FINDERS: Final[dict[Reason, Callable[[Case], Iterable[NearMiss]]]] = {
    Reason.NO_TENANT: near_hosts,
    Reason.NO_RULE: near_paths,
    Reason.ORIGIN_NOT_LISTED: near_origins,
    Reason.ORIGIN_MALFORMED: near_origins,
    Reason.ORIGIN_EXPIRED: near_origins,
    Reason.ORIGIN_NOT_YET_VALID: near_origins,
    Reason.ORIGIN_OUT_OF_SCOPE: near_origins,
    Reason.METHOD_NOT_ALLOWED: near_methods,
    Reason.HEADER_NOT_ALLOWED: near_headers,
}


def near_misses(case: Case) -> list[NearMiss]:
    """Return what a refused case almost matched, the nearest first, at most MAX_NEAR_MISSES."""
    find = _FINDERS.get(case.decision.reason)
    if find is None:
        return []
    return sorted(find(case), key=lambda near: near.place)[:MAX_NEAR_MISSES]
