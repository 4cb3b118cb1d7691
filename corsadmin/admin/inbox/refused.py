"""The refused origins of tenants: read, judged by the current policies, grouped and ranked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import time
from typing import Final, NamedTuple

from django.db.models import QuerySet
from django.utils.functional import Promise

from corsadmin.admin.stored_policies import stored_snapshot
from corsadmin.admin.words import path_text
from corsadmin.engine import Reason, Snapshot, TenantPolicy, decide
from corsadmin.engine.origins import parse_origin
from corsadmin.engine.paths import probe_paths
from corsadmin.messages import REASONS, printable
from corsadmin.models import Sighting, Tenant
from corsadmin.models.policy_rows import is_list_of_text
from corsadmin.serving.decision_cache import DecisionCache
from corsadmin.sightings.answers import plain_call
from corsadmin.sightings.claims import LOCAL_ORIGIN

MAX_READ: Final = 5_000  # the highest-ranking sightings of a tenant, which its page judges
MAX_READ_OF_ALL: Final = 1_000  # of many tenants, because each has policies to compile
ANY_LOCAL_PORT: Final = "http://localhost:*"
_SOME_PORT: Final = 49_152  # an ephemeral port, which nobody lists by itself
RANKING: Final = ("-is_kin", "-hours", "-calls", "-last_seen", "pk")


class RefusedAt(NamedTuple):
    """Where an origin was refused, why, and what its preflights asked for.

    `is_exclusive` says that the path rule allows only entries whose scope lies within its path.
    """

    rule: str
    reason: str
    methods: Sequence[str]
    request_headers: Sequence[str]
    is_exclusive: bool = False

    @property
    def path(self) -> str:
        """Return the path as pages show it."""
        return printable(path_text(self.rule))

    @property
    def sentence(self) -> str | Promise:
        """Return the reason in words."""
        return REASONS[Reason(self.reason)] if self.reason in set(Reason) else self.reason


@dataclass(slots=True)
class RefusedOrigin:
    """An origin that a tenant refused, on any of its paths.

    `origin` is blank for `null` and for values that no browser sends. `hours` are those of the
    busiest path.
    """

    tenant: Tenant
    origin: str
    is_kin: bool
    hours: int
    calls: int
    preflights: int
    first_seen: datetime
    last_seen: datetime
    refusals: list[RefusedAt] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Return the text by which a form names the origin."""
        return f"{self.tenant.pk} {self.origin}"

    @property
    def is_local(self) -> bool:
        """Report whether it stands for developers' machines, with any private address and port."""
        return self.origin == LOCAL_ORIGIN

    @property
    def pattern(self) -> str:
        """Return the pattern of an entry that would allow the origin."""
        return ANY_LOCAL_PORT if self.is_local else self.origin

    @property
    def scopes(self) -> list[str]:
        """Return the scopes with which an entry would allow the origin. Blank means every path."""
        return sorted({one.rule if one.is_exclusive else "" for one in self.refusals})

    def add(self, sighting: Sighting, refusal: RefusedAt) -> None:
        """Add another sighting of the origin."""
        self.is_kin |= sighting.is_kin
        self.hours = max(self.hours, sighting.hours)
        self.calls += sighting.calls
        self.preflights += sighting.preflights
        self.first_seen = min(self.first_seen, sighting.first_seen)
        self.last_seen = max(self.last_seen, sighting.last_seen)
        self.refusals.append(refusal)


class RefusedOrigins(NamedTuple):
    """The highest-ranking refused origins. `is_cut` says that there are more, which nobody judged."""

    ranked: list[RefusedOrigin]
    is_cut: bool


def rank_refused(
    sightings: QuerySet[Sighting], most: int, snapshot: Snapshot | None = None
) -> RefusedOrigins:
    """Return, ranked, the origins of some sightings that would still be refused now.

    At most `most` sightings are read. The snapshot judges them, or else the policies stored now.
    """
    rows = list(sightings.select_related("tenant").order_by(*RANKING)[: most + 1])
    found: dict[tuple[int, str], RefusedOrigin] = {}
    for row, refusal in _still_refused(rows[:most], snapshot):
        known = found.get((row.tenant_id, row.origin))
        if known is None:
            found[row.tenant_id, row.origin] = RefusedOrigin(
                row.tenant,
                row.origin,
                row.is_kin,
                row.hours,
                row.calls,
                row.preflights,
                row.first_seen,
                row.last_seen,
                [refusal],
            )
        else:
            known.add(row, refusal)
    ranked = sorted(
        found.values(), key=lambda one: (one.is_kin, one.hours, one.calls), reverse=True
    )
    return RefusedOrigins(ranked, len(rows) > most)


def _still_refused(
    rows: Iterable[Sighting], snapshot: Snapshot | None
) -> Iterator[tuple[Sighting, RefusedAt]]:
    """Yield the sightings whose callers would still be refused now."""
    rows = list(rows)
    tenants = {row.tenant_id: row.tenant for row in rows}
    snapshot = snapshot or stored_snapshot(tenants)
    compiled = DecisionCache(snapshot)  # compiles rules that many tenants share only once
    found = {key: compiled.policy(tenant.slug) for key, tenant in tenants.items()}
    # An origin that only an emergency refuses is already allowed, so the inbox does not list it.
    policies = {key: policy and policy.calm for key, policy in found.items()}
    now = time()
    for row in rows:
        if row.origin and parse_origin(row.origin) is None:
            continue  # a row that corsadmin did not write, and that could break the page
        policy = policies[row.tenant_id]
        path = probe_paths([row.rule], [row.rule])[row.rule]
        asked = (plain_call(origin, path) for origin in _asking(row.origin))
        if not any(decide(policy, question, now).allowed for question in asked):
            yield row, _refusal(row, policy, path)


def _asking(origin: str) -> tuple[str, ...]:
    """Return the origins to judge in place of a recorded one."""
    if origin == LOCAL_ORIGIN:
        return (origin, f"{ANY_LOCAL_PORT.removesuffix('*')}{_SOME_PORT}")
    return (origin or "null",)


def _refusal(row: Sighting, policy: TenantPolicy | None, path: str) -> RefusedAt:
    rule = None if policy is None else policy.rules.find(path)
    is_exclusive = rule is not None and rule.exclusive and rule.path == row.rule
    methods, names = map(_shown_names, (row.methods, row.request_headers))
    return RefusedAt(row.rule, row.reason, methods, names, is_exclusive)


def _shown_names(stored: object) -> list[str]:
    """Return the names of a stored list, ready for display."""
    return [printable(name) for name in stored] if is_list_of_text(stored) else []
