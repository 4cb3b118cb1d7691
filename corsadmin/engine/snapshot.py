"""Every tenant's policies at one generation: packed to hold a million, compiled on first use."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from corsadmin.engine.index import Index, hosts_of, index
from corsadmin.engine.packing import Packed, unpack_rules
from corsadmin.engine.paths import PathTable
from corsadmin.engine.policy import Rule
from corsadmin.engine.shards import MASK, Shards
from corsadmin.engine.tenant import SEARCH_LIMIT, Policy

COMPILED_LIMIT: Final = 2_000_000  # characters of packed text, about 8 MB once compiled
MEMORY_LIMIT: Final = 1_024  # decisions remembered, about 400 bytes each
MEMORY_LENGTH: Final = 600  # characters of headers: a longer request is not worth remembering
ASKED_SIZE: Final = 4_096  # names of late, a byte each
TABLE_LIMIT: Final = 2_000  # distinct sets of rules kept compiled


class Snapshot:
    """Everything a process needs to answer requests: immutable but for bounded caches.

    `index` finds the packed active tenants. `generation`, `rebuild` and `mark` are the counter's,
    read before the rows were.
    """

    __slots__ = (
        "_asked",
        "_of_host",
        "_of_slug",
        "_platform_rules",
        "_reserved",
        "_tables",
        "_weight",
        "generation",
        "index",
        "mark",
        "memory",
        "platform",
        "rebuild",
    )

    def __init__(
        self, generation: int, rebuild: int, records: Mapping[int, Packed] | Index, mark: int = 0
    ) -> None:
        self.generation = generation
        self.rebuild = rebuild
        self.mark = mark
        self.index = records if isinstance(records, Index) else index(records)
        self._tables: dict[str, PathTable[Rule]] = {}
        self._of_host: dict[str, Policy] = {}
        self._of_slug: dict[str, Policy] = {}
        self._asked = bytearray(ASKED_SIZE)
        self._weight = 0
        self.memory: dict[tuple[object, ...], Any] = {}
        self._platform_rules: Mapping[str, Rule] = {}
        self.platform: Policy | None = None
        self._reserved: Packed | None = None
        if self.index.platform is not None:
            packed = self._reserved = self.index[self.index.platform]
            own = {rule.path: rule for rule in unpack_rules(packed[1])}
            self.platform = Policy(packed, PathTable(own), None)
            self.platform.kept = True
            inherited = unpack_rules(packed[1], inherited=True)
            self._platform_rules = {rule.path: rule for rule in inherited}

    def changed(
        self, generation: int, index: Index, touched: Collection[int], mark: int = 0
    ) -> "Snapshot":
        """Return the snapshot of `generation`; in `index` only the keys in `touched` differ.

        This snapshot stays as it is, for the requests that still hold it.
        """
        changed = Snapshot(generation, self.rebuild, index, mark)
        platform = self.index.platform
        if platform == index.platform and platform not in touched:
            # Every other tenant is what it was, so what is compiled of it still holds.
            changed.platform = self.platform
            changed._platform_rules = self._platform_rules
            changed._tables = self._tables
            changed._of_host = self._of_host.copy()
            changed._of_slug = self._of_slug.copy()
            changed._weight = self._weight
            for key in touched:
                for packed in filter(None, (self.index.get(key), index.get(key))):
                    changed._of_slug.pop(packed[0], None)
                    for host in hosts_of(packed):
                        changed._of_host.pop(host, None)
        return changed

    def pieces(self) -> list[object]:
        """Return all that takes long to be freed, to be let go of one by one."""
        return [*self.index.pieces(), *self._of_host.values(), *self._of_slug.values()]

    def remember(self, key: tuple[object, ...], length: int, answer: object) -> None:
        """Keep in `memory` an answer that depends on its key alone, which holds `length` characters.

        A client chooses keys, so their number and length are bounded: when the memory is full it
        is emptied.
        """
        if length <= MEMORY_LENGTH:
            if len(self.memory) >= MEMORY_LIMIT:
                self.memory = {}
            self.memory[key] = answer

    def policy(self, slug: str) -> Policy | None:
        """Return the policy of the active tenant with this slug, None where there is none."""
        return self._of_slug.get(slug) or self._find(slug, self.index.slugs, self._of_slug)

    def policy_of_host(self, host: str) -> Policy | None:
        """Return the policy of the active tenant that owns a host (lower case, no port)."""
        return self._of_host.get(host) or self._find(host, self.index.hosts, self._of_host)

    def _find(
        self, name: str, shards: Shards[str, Packed], found: dict[str, Policy]
    ) -> Policy | None:
        number = hash(name)
        packed = shards[number & MASK].get(name)
        if packed is None:
            return None
        if packed is self._reserved:
            return self.platform
        head = packed[1]
        table = self._tables.get(head) or self._table(head)
        policy = Policy(packed, table, self.platform if head[0] == "1" else None)
        # Among many tenants most are asked for rarely: one is kept when it is asked for again, or
        # when it took long to compile. A byte of the hash tells whom a place was last asked for.
        asked, place, tag = self._asked, number % ASKED_SIZE, number >> 20 & 0xFF | 1
        if asked[place] == tag or packed[4] or len(packed[3]) > SEARCH_LIMIT:
            self._keep(name, policy, found, len(packed[3]) + len(packed[4]))
        asked[place] = tag
        return policy

    def _keep(self, name: str, policy: Policy, found: dict[str, Policy], length: int) -> None:
        self._weight += length + 200
        if self._weight > COMPILED_LIMIT:
            self._of_host.clear()
            self._of_slug.clear()
            self._weight = length + 200
        policy.kept = True
        found[name] = policy

    def _table(self, head: str) -> PathTable[Rule]:
        rules = dict(self._platform_rules) if head[0] == "1" else {}
        rules.update((rule.path, rule) for rule in unpack_rules(head))
        if len(self._tables) >= TABLE_LIMIT:
            self._tables = {}
        table = self._tables[head] = PathTable(rules)
        return table
