"""What a process saw between two flushes: the drain fills it, the tables take it.

Tenants stand here by slug, rules by path and entries by pattern, as decisions name them. The
code that writes the batch looks up the rows: they may have gone meanwhile.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, NamedTuple

MAX_NAMES: Final = 20  # methods, and as many header names, of one path rule or origin
HOUR: Final = 3_600  # seconds


class Caller(NamedTuple):
    """An origin that called a path rule, and how it was answered.

    `reason` is a value of `corsadmin.engine.Reason`: a refusal's, or `allowed` where the origin is a
    sample of those that a wildcard or a rule for any origin lets in. `rule` is blank where no rule
    covers the request. `origin` is one that `parse_origin` accepts, with private addresses and
    `localhost` of http and https folded; blank for `null` and for what is malformed.
    """

    tenant: str
    rule: str
    origin: str
    reason: str


class AllowedBy(NamedTuple):
    """What let a caller in: the tenant that was asked, the path rule and the entry's pattern.

    `rule_inherited` says that the rule is the platform's. `entry` is blank where the rule is open
    to any origin; it may be the platform's entry.
    """

    tenant: str
    rule: str
    rule_inherited: bool
    entry: str


class HourlyOutcome(NamedTuple):
    """How requests of an hour were answered: `allowed`, or a refusal's reason.

    `hour` is the number of whole hours since the epoch. `tenant` is blank for `no-tenant`.
    """

    tenant: str
    outcome: str
    hour: int


@dataclass(slots=True)
class Calls:
    """How often something was seen. A preflight is not one of the calls."""

    calls: int = 0
    preflights: int = 0

    def add(self, count: int, *, is_preflight: bool) -> None:
        """Count so many more."""
        if is_preflight:
            self.preflights += count
        else:
            self.calls += count


@dataclass(slots=True)
class CallerSeen:
    """How often a caller was seen, when (epoch seconds), and which names its preflights asked for.

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
    """What allowed preflights of a path rule asked for, at most MAX_NAMES of each."""

    methods: set[str] = field(default_factory=set)
    headers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Missed:
    """Calls of a tenant in an hour that left no origin: they are in no `Caller`.

    `not_looked_at` were over the number that is looked at in a second, `turned_away` found the
    tenant's lists full.
    """

    not_looked_at: int = 0
    turned_away: int = 0


@dataclass(slots=True)
class SightingBatch:
    """What one process saw since its last flush. The code that fills it keeps it bounded.

    `ring_full` counts, by hour, how often the drain found the ring full: then more was lost than
    anybody can count. `hosts` are valid host names that no tenant has, with their requests.
    """

    callers: dict[Caller, CallerSeen] = field(default_factory=dict)
    allowed: dict[AllowedBy, Calls] = field(default_factory=dict)
    names: dict[tuple[str, str], Names] = field(default_factory=dict)  # by tenant and rule
    traffic: dict[HourlyOutcome, Calls] = field(default_factory=dict)
    missed: dict[tuple[str, int], Missed] = field(default_factory=dict)  # by tenant and hour
    ring_full: dict[int, int] = field(default_factory=dict)
    hosts: dict[str, int] = field(default_factory=dict)
