"""Every tenant's policies at one generation, packed so that a million origins fit."""

from collections.abc import Mapping
from typing import Final, final

from corsadmin.engine.emergencies import Stop
from corsadmin.engine.index import Index, index
from corsadmin.engine.packing import (
    PLATFORM,
    RULES_BLOB,
    SLUG,
    Packed,
    unpack_rule_table,
    unpack_rules,
)
from corsadmin.engine.policy import TenantPolicy
from corsadmin.engine.rules import Rule

_NO_STOPS: Final[Mapping[str, Stop]] = {}


@final
class Snapshot:
    """Everything a process needs to answer requests. Immutable; each look-up compiles anew.

    Why each process holds all of it: docs/decisions/no-shared-cache.md.

    `index` finds the packed active tenants. `generation`, `rebuild` and `mark` are the counter's,
    read before the rows were. `stops` are the emergencies that are switched on, by the slug of their
    tenant. They are few, so they are not packed with the tenants.
    """

    __slots__ = ("generation", "index", "mark", "rebuild", "stops")

    def __init__(
        self,
        generation: int,
        rebuild: int,
        records: Mapping[int, Packed] | Index,
        mark: int = 0,
        stops: Mapping[str, Stop] = _NO_STOPS,
    ) -> None:
        self.generation = generation
        self.rebuild = rebuild
        self.mark = mark
        self.stops = stops
        self.index = records if isinstance(records, Index) else index(records)

    @property
    def platform(self) -> TenantPolicy | None:
        """The policy of the reserved tenant, or None if there is none."""
        packed = self.index.platform_record
        if packed is None:
            return None
        policy = TenantPolicy(packed, unpack_rule_table(packed[RULES_BLOB]), None)
        return policy.under(self.stops_of(PLATFORM))

    def policy(self, slug: str) -> TenantPolicy | None:
        """Return the policy of the active tenant with this slug, or None if there is none."""
        return self._compile(self.index.slugs.get(slug))

    def policy_of_host(self, host: str) -> TenantPolicy | None:
        """Return the policy of the active tenant that owns a host (lower case, no port)."""
        return self._compile(self.index.hosts.get(host))

    def stops_of(self, slug: str) -> tuple[Stop, ...]:
        """Return a tenant's emergencies: its own, and the platform's, which stop every tenant."""
        if not self.stops:
            return ()
        names = (slug,) if slug == PLATFORM else (slug, PLATFORM)
        return tuple(self.stops[name] for name in names if name in self.stops)

    def inherited_rules(self) -> list[Rule]:
        """Return the platform's path rules as its heirs have them."""
        packed = self.index.platform_record
        return [] if packed is None else unpack_rules(packed[RULES_BLOB], inherited=True)

    def _compile(self, packed: Packed | None) -> TenantPolicy | None:
        if packed is None or packed is self.index.platform_record:
            return packed and self.platform
        rules = unpack_rule_table(packed[RULES_BLOB], self.inherited_rules())
        policy = TenantPolicy(packed, rules, self.platform)
        return policy.under(self.stops_of(packed[SLUG]))
