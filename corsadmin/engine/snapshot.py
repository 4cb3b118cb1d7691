"""Every tenant's policies at one generation: packed to hold a million, compiled on first use."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from corsadmin.engine.index import Index, index
from corsadmin.engine.packing import PLATFORM, Packed, unpack_rules
from corsadmin.engine.paths import PathTable
from corsadmin.engine.policy import Rule
from corsadmin.engine.shards import MASK
from corsadmin.engine.tenant import Policy

COMPILED_LIMIT: Final = 2_000_000  # characters of packed text, about 8 MB once compiled
MEMORY_LIMIT: Final = 1_024  # decisions remembered, about 400 bytes each
MEMORY_LENGTH: Final = 600  # characters of headers: a longer request is not worth remembering
HOST_LIMIT: Final = 10_000  # hosts whose policy is found in one step
TABLE_LIMIT: Final = 2_000  # distinct sets of rules kept compiled


class Snapshot:
    """Everything a process needs to answer requests: immutable but for bounded caches.

    `index` finds the packed active tenants. `generation`, `rebuild` and `mark` are the counter's,
    read before the rows were.
    """

    __slots__ = (
        "_compiled",
        "_of_host",
        "_platform_rules",
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
        self._compiled: dict[int, Policy] = {}
        self._of_host: dict[str, Policy] = {}
        self._weight = 0
        self.memory: dict[tuple[object, ...], Any] = {}
        self._platform_rules: Mapping[str, Rule] = {}
        self.platform: Policy | None = None
        if self.index.platform is not None:
            packed = self.index[self.index.platform]
            own = {rule.path: rule for rule in unpack_rules(packed[1])}
            self.platform = Policy(packed, PathTable(own), None)
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
            changed._compiled = self._compiled.copy()
            changed._weight = self._weight
            for key in touched:
                changed._compiled.pop(key, None)
        return changed

    def pieces(self) -> list[object]:
        """Return all that takes long to be freed, to be let go of one by one."""
        return [*self.index.pieces(), *self._compiled.values()]

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
        if slug == PLATFORM:
            return self.platform
        key = self.index.key_of_slug(slug)
        return None if key is None else self._compiled.get(key) or self._compile(key)

    def policy_of_host(self, host: str) -> Policy | None:
        """Return the policy of the active tenant that owns a host (lower case, no port)."""
        return self._of_host.get(host) or self._find_host(host)

    def _find_host(self, host: str) -> Policy | None:
        key = self.index.hosts[hash(host) & MASK].get(host)
        if key is None:
            return None
        policy = self._compiled.get(key)
        if policy is None:
            return self._compile(key)
        # Asked for again: the next time it is found in one step.
        if len(self._of_host) >= HOST_LIMIT:
            self._of_host = {}
        self._of_host[host] = policy
        return policy

    def _compile(self, key: int) -> Policy:
        packed = self.index[key]
        if packed[0] == PLATFORM and self.platform is not None:
            return self.platform
        inherits = packed[1][0] == "1"
        policy = Policy(packed, self._table(packed[1]), self.platform if inherits else None)
        self._weight += len(packed[3]) + len(packed[4]) + 200
        if self._weight > COMPILED_LIMIT:
            # Another thread may put its policy into the dictionary left behind; it is only a cache.
            self._compiled = {}
            self._of_host = {}
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
