"""Every tenant's policies at one generation, packed so that a million origins fit."""

from collections.abc import Mapping
from typing import final

from corsadmin.engine.index import Index, index
from corsadmin.engine.packing import RULES_BLOB, Packed, unpack_rule_table, unpack_rules
from corsadmin.engine.policy import TenantPolicy
from corsadmin.engine.rules import Rule


@final
class Snapshot:
    """Everything a process needs to answer requests. Immutable; compiles anew at each call.

    Why each process holds all of it: docs/decisions/no-shared-cache.md.

    `index` finds the packed active tenants. `generation`, `rebuild` and `mark` are the counter's,
    read before the rows were.
    """

    __slots__ = ("generation", "index", "mark", "rebuild")

    def __init__(
        self, generation: int, rebuild: int, records: Mapping[int, Packed] | Index, mark: int = 0
    ) -> None:
        self.generation = generation
        self.rebuild = rebuild
        self.mark = mark
        self.index = records if isinstance(records, Index) else index(records)

    @property
    def platform(self) -> TenantPolicy | None:
        """The policy of the reserved tenant, None where there is none."""
        packed = self.index.platform_record
        return packed and TenantPolicy(packed, unpack_rule_table(packed[RULES_BLOB]), None)

    def policy(self, slug: str) -> TenantPolicy | None:
        """Return the policy of the active tenant with this slug, None where there is none."""
        return self._compile(self.index.slugs.get(slug))

    def policy_of_host(self, host: str) -> TenantPolicy | None:
        """Return the policy of the active tenant that owns a host (lower case, no port)."""
        return self._compile(self.index.hosts.get(host))

    def inherited_rules(self) -> list[Rule]:
        """Return the platform's path rules as its heirs have them."""
        packed = self.index.platform_record
        return [] if packed is None else unpack_rules(packed[RULES_BLOB], inherited=True)

    def _compile(self, packed: Packed | None) -> TenantPolicy | None:
        if packed is None or packed is self.index.platform_record:
            return packed and self.platform
        rules = unpack_rule_table(packed[RULES_BLOB], self.inherited_rules())
        return TenantPolicy(packed, rules, self.platform)
