"""What a process saw between two flushes: the drain fills it, the writer stores it.

It names tenants by slug, rules by path and entries by pattern, as decisions do. The code that
writes the batch looks up the rows, which may be gone by then.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, NamedTuple

MAX_NAMES: Final = 20  # methods, and as many header names, of one path rule or origin
HOUR: Final = 3_600  # seconds


class Caller(NamedTuple):
    """An origin that called under a path rule, and the result.

    `reason` is a value of `corsadmin.engine.Reason`: that of a refusal, or `allowed` for a sample
    of the origins that a wildcard or a rule for any origin lets in. `rule` is blank if no rule
    covers the request. `origin` is one that `parse_origin` accepts, with private addresses and
    `localhost` of http and https folded into one; blank for `null` and malformed origins.
    """

    tenant: str
    rule: str
    origin: str
    reason: str


class AllowedBy(NamedTuple):
    """What let a caller in: the tenant that was called, the path rule and the entry's pattern.

    `rule_inherited` says that the rule is the platform's. `entry` is blank if the rule allows any
    origin; it may be the platform's entry.
    """

    tenant: str
    rule: str
    rule_inherited: bool
    entry: str


class HourlyOutcome(NamedTuple):
    """An outcome of requests in one hour: `allowed`, or the reason of a refusal.

    `hour` is the number of whole hours since the epoch. `tenant` is blank for `no-tenant`.
    """

    tenant: str
    outcome: str
    hour: int


@dataclass(slots=True)
class Calls:
    """How often something was seen. `calls` does not include preflights."""

    calls: int = 0
    preflights: int = 0

    def add(self, count: int, *, is_preflight: bool) -> None:
        """Add `count` calls or preflights."""
        if is_preflight:
            self.preflights += count
        else:
            self.calls += count


@dataclass(slots=True)
class CallerSeen:
    """How often a caller was seen, when (epoch seconds), and what its preflights requested.

    `is_kin` says that the origin shares its registrable domain with something that the tenant has.
    At most MAX_NAMES methods, in the case they were sent in, and MAX_NAMES header names, in lower
    case.
    """

    first: float
    last: float
    is_kin: bool = False
    calls: int = 0
    preflights: int = 0
    methods: Collection[str] = ()
    headers: Collection[str] = ()


@dataclass(slots=True)
class Names:
    """What allowed preflights of a path rule requested, at most MAX_NAMES of each kind."""

    methods: set[str] = field(default_factory=set)
    headers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Missed:
    """Calls to a tenant in an hour that left no origin, so that no `Caller` has them.

    `not_looked_at` exceeded what the process examines in a second; `turned_away` found the tenant's
    lists full.
    """

    not_looked_at: int = 0
    turned_away: int = 0


@dataclass(slots=True)
class SightingBatch:
    """What one process saw since its last flush. The code that fills it keeps it bounded.

    `ring_full` counts, by hour, how often the drain found the ring full: then an unknown number of
    calls was lost. `hosts` are valid host names that no tenant has, each with its number of
    requests.
    """

    callers: dict[Caller, CallerSeen] = field(default_factory=dict)
    allowed: dict[AllowedBy, Calls] = field(default_factory=dict)
    names: dict[tuple[str, str], Names] = field(default_factory=dict)  # by tenant and rule
    traffic: dict[HourlyOutcome, Calls] = field(default_factory=dict)
    missed: dict[tuple[str, int], Missed] = field(default_factory=dict)  # by tenant and hour
    ring_full: dict[int, int] = field(default_factory=dict)
    hosts: dict[str, int] = field(default_factory=dict)
