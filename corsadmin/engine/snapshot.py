"""Every tenant's policies at one generation: packed to hold a million, compiled on first use."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from corsadmin.engine.origins import wildcard_base
from corsadmin.engine.packing import (
    PLATFORM,
    Grant,
    Packed,
    unpack_grants,
    unpack_literals,
    unpack_rules,
)
from corsadmin.engine.paths import PathTable
from corsadmin.engine.policy import Rule

COMPILED_LIMIT: Final = 2_000_000  # characters of packed text, about 8 MB once compiled
MEMORY_LIMIT: Final = 1_024  # decisions remembered, about 400 bytes each
MEMORY_LENGTH: Final = 600  # characters of headers: a longer request is not worth remembering
TABLE_LIMIT: Final = 2_000  # distinct sets of rules kept compiled


class Policy:
    """One tenant's policy, ready to answer. Immutable but for what it remembers.

    `literals` maps an origin that is granted without conditions to its credentials flag; `grants`
    maps a pattern text to the entries with conditions, and holds every wildcard. `platform` is
    the policy this one inherits from. `bases` are the hosts its wildcards speak of. `levels` are
    this policy and the inherited one, without those that list no origin. A `timeless` policy has
    no entry with a scope or a window: its decisions depend on the rule and the headers alone.
    `without_origin` is room for one decision a rule.
    """

    __slots__ = (
        "bases",
        "grants",
        "levels",
        "literals",
        "platform",
        "rules",
        "slug",
        "timeless",
        "without_origin",
    )

    def __init__(self, packed: Packed, rules: PathTable[Rule], platform: "Policy | None") -> None:
        self.slug: str = packed[0]
        self.rules = rules
        self.platform = platform
        self.literals: Mapping[str, bool] = unpack_literals(packed[3])
        self.grants: Mapping[str, list[Grant]] = unpack_grants(packed[4])
        self.bases = frozenset(wildcard_base(text) for text in self.grants if "*" in text)
        self.levels: tuple[Policy, ...] = tuple(
            level for level in (self, platform) if level and (level.literals or level.grants)
        )
        self.timeless = all(
            grant.unconditional
            for level in self.levels
            for grants in level.grants.values()
            for grant in grants
        )
        self.without_origin: dict[str, Any] = {}


class Snapshot:
    """Everything a process needs to answer requests: immutable but for bounded caches.

    `records` holds the packed active tenants by primary key. `generation` and `rebuild` are the
    counter's values, read before the rows were.
    """

    __slots__ = (
        "_compiled",
        "_memory",
        "_platform_rules",
        "_slugs",
        "_tables",
        "_weight",
        "generation",
        "hosts",
        "platform",
        "rebuild",
        "records",
    )

    def __init__(
        self,
        generation: int,
        rebuild: int,
        records: Mapping[int, Packed],
        hosts: Mapping[str, int] | None = None,
    ) -> None:
        self.generation = generation
        self.rebuild = rebuild
        self.records = records
        self.hosts = _index_hosts(records) if hosts is None else hosts
        self._slugs: Mapping[str, int] | None = None
        self._tables: dict[str, PathTable[Rule]] = {}
        self._compiled: dict[int, Policy] = {}
        self._weight = 0
        self._memory: dict[tuple[object, ...], Any] = {}
        self._platform_rules: Mapping[str, Rule] = {}
        self.platform: Policy | None = None
        platform = next((row for row in records.values() if row[0] == PLATFORM), None)
        if platform is not None:
            own = {rule.path: rule for rule in unpack_rules(platform[1])}
            self.platform = Policy(platform, PathTable(own), None)
            inherited = unpack_rules(platform[1], inherited=True)
            self._platform_rules = {rule.path: rule for rule in inherited}

    def changed(
        self, generation: int, records: Mapping[int, Packed], gone: Iterable[int] = ()
    ) -> "Snapshot":
        """Return the snapshot of `generation`: `records` put in, the keys in `gone` left out.

        This snapshot stays as it is, for the requests that still hold it.
        """
        merged = dict(self.records)
        hosts = dict(self.hosts)
        for key in (*records, *gone):
            old = merged.pop(key, None)
            for host in old[2].split("\n") if old else ():
                if hosts.get(host) == key:
                    del hosts[host]
        merged.update(records)
        hosts.update(_index_hosts(records))
        return Snapshot(generation, self.rebuild, merged, hosts)

    def recall(self, key: tuple[object, ...]) -> Any:
        """Return what was remembered under a key, None for nothing."""
        return self._memory.get(key)

    def remember(self, key: tuple[object, ...], length: int, answer: object) -> None:
        """Remember an answer that depends on its key alone, which holds `length` characters.

        A client chooses keys, so their number and length are bounded: when the memory is full it
        is emptied.
        """
        if length <= MEMORY_LENGTH:
            if len(self._memory) >= MEMORY_LIMIT:
                self._memory = {}
            self._memory[key] = answer

    def policy(self, slug: str) -> Policy | None:
        """Return the policy of the active tenant with this slug, None where there is none."""
        if slug == PLATFORM:
            return self.platform
        if self._slugs is None:
            self._slugs = {packed[0]: key for key, packed in self.records.items()}
        key = self._slugs.get(slug)
        return None if key is None else self._compiled.get(key) or self._compile(key)

    def policy_of_host(self, host: str) -> Policy | None:
        """Return the policy of the active tenant that owns a host (lower case, no port)."""
        key = self.hosts.get(host)
        return None if key is None else self._compiled.get(key) or self._compile(key)

    def _compile(self, key: int) -> Policy:
        packed = self.records[key]
        if packed[0] == PLATFORM and self.platform is not None:
            return self.platform
        inherits = packed[1][0] == "1"
        policy = Policy(packed, self._table(packed[1]), self.platform if inherits else None)
        self._weight += len(packed[3]) + len(packed[4]) + 200
        if self._weight > COMPILED_LIMIT:
            # Another thread may put its policy into the dictionary left behind; it is only a cache.
            self._compiled = {}
            self._weight = 0
        self._compiled[key] = policy
        return policy

    def _table(self, head: str) -> PathTable[Rule]:
        table = self._tables.get(head)
        if table is None:
            rules = dict(self._platform_rules) if head[0] == "1" else {}
            rules.update((rule.path, rule) for rule in unpack_rules(head))
            table = PathTable(rules)
            if len(self._tables) >= TABLE_LIMIT:
                self._tables = {}
            self._tables[head] = table
        return table


def _index_hosts(records: Mapping[int, Packed]) -> dict[str, int]:
    return {
        host: key for key, packed in records.items() if packed[2] for host in packed[2].split("\n")
    }
