"""Everything that a process remembers between requests: compiled policies and decisions.

What each part saves, and why no other module remembers: docs/decisions/decision-cache.md.
"""

from time import time
from typing import Final

from django.http import HttpRequest

from corsadmin.engine import Decision, Snapshot, TenantPolicy, decide, packing
from corsadmin.engine.decision import decide_by_rule
from corsadmin.engine.emergencies import level_at
from corsadmin.engine.packing import ALLOWANCES, LITERALS, RULES_BLOB, SLUG, Packed, RuleTable
from corsadmin.serving.request import cors_request, may_be_own

MAX_DECISIONS: Final = 1_024  # about 400 bytes each
MAX_KEY_LENGTH: Final = 600  # characters of headers; longer requests are not worth remembering
MAX_COMPILED: Final = 2_000_000  # characters of packed text, about 8 MB once compiled
POLICY_WEIGHT: Final = 200  # characters that a policy counts besides its text,
DECISION_WEIGHT: Final = 100  # and each of its decisions that depends on the path rule alone
MAX_TABLES: Final = 2_000  # distinct sets of path rules
MAX_RECENT_NAMES: Final = 4_096  # names that were looked up lately

# For a request with an Origin: the policy, the path of its rule, and the headers that count: the
# origin, and what a preflight requests. Last, the names of the headers that named the tenant, if
# any.
Key = tuple[TenantPolicy | str | tuple[str, ...] | None, ...]
# For any other request: the path of its rule, None if no rule covers it, and those names, if any.
RuleKey = str | tuple[str | None, tuple[str, ...]] | None


class Kept:
    """What is remembered about a policy that is kept.

    `is_timeless` says whether its decisions depend on the path rule and the headers alone.
    `by_rule` has those that depend on the path rule alone.
    """

    __slots__ = ("by_rule", "is_timeless")

    def __init__(self, policy: TenantPolicy) -> None:
        """Begin without decisions."""
        self.is_timeless: Final = _is_timeless(policy)
        self.by_rule: Final[dict[RuleKey, Decision]] = {}


class DecisionCache:
    """The policies of one snapshot, as resolvers see them, and the decisions they led to.

    It answers as the snapshot and `decide` do, only faster. Clients choose hosts and headers, so
    every part is bounded: a full part is emptied.
    """

    __slots__ = (
        "_by_host",
        "_by_slug",
        "_decisions",
        "_inherited",
        "_kept",
        "_lately",
        "_max_compiled",
        "_max_decisions",
        "_max_tables",
        "_tables",
        "_weight",
        "platform",
        "snapshot",
    )

    def __init__(
        self,
        snapshot: Snapshot,
        platform: TenantPolicy | None = None,
        *,
        max_decisions: int = MAX_DECISIONS,
        max_compiled: int = MAX_COMPILED,
        max_tables: int = MAX_TABLES,
    ) -> None:
        """Begin empty; `platform` is the snapshot's, if it is compiled already."""
        self.snapshot: Final = snapshot
        self.platform: Final = platform or snapshot.platform
        self._max_decisions: Final = max_decisions
        self._max_compiled: Final = max_compiled
        self._max_tables: Final = max_tables
        self._decisions: dict[Key, Decision] = {}
        self._inherited: Final = snapshot.inherited_rules()
        self._tables: dict[str, RuleTable] = {}
        self._by_host: dict[str, TenantPolicy] = {}
        self._by_slug: dict[str, TenantPolicy] = {}
        self._kept: dict[TenantPolicy, Kept] = {}
        if self.platform is not None and platform is None:
            self._kept[self.platform.calm] = Kept(self.platform)
        self._lately: set[str] = set()
        self._weight = 0

    def successor(self, snapshot: Snapshot) -> "DecisionCache":
        """Return the cache of another snapshot, with what is compiled of unchanged tenants.

        This cache stays unchanged, for the requests that still hold it.
        """
        index, before = snapshot.index, self.snapshot.index
        if index.platform_record is not before.platform_record:
            # The compiled policies of the heirs contain the platform's rules and entries.
            return DecisionCache(snapshot)
        if snapshot.stops != self.snapshot.stops:
            return DecisionCache(snapshot)  # rare, and compiled policies contain their emergencies
        cache = DecisionCache(snapshot, self.platform)
        cache._tables = self._tables
        cache._by_host = self._by_host.copy()
        cache._by_slug = self._by_slug.copy()
        cache._kept = self._kept.copy()
        cache._weight = self._weight
        for packed in index.records.differences(before.records):
            cache._forget(packed)
        return cache

    def policy(self, slug: str) -> TenantPolicy | None:
        """Return the policy of the active tenant with this slug, or None if there is none."""
        found = self._by_slug.get(slug)
        if found is not None:
            return found
        return self._compile(slug, self.snapshot.index.slugs.get(slug), self._by_slug)

    def policy_of_host(self, host: str) -> TenantPolicy | None:
        """Return the policy of the active tenant that owns a host (lower case, no port)."""
        found = self._by_host.get(host)
        if found is not None:
            return found
        return self._compile(host, self.snapshot.index.hosts.get(host), self._by_host)

    def decide(
        self, policy: TenantPolicy, request: HttpRequest, vary: tuple[str, ...] = ()
    ) -> Decision:
        """Return the decision for a request to a tenant, now.

        `vary` names the request headers that named the tenant: they are added to the decision's
        Vary.
        """
        kept = self._kept.get(policy)
        if kept is None:
            return self._decide_anew(policy, request, vary)
        rule = policy.rules.find(request.path_info)
        meta = request.META
        origin = meta.get("HTTP_ORIGIN")
        if rule is None or not origin:
            path = None if rule is None else rule.path
            rule_key: RuleKey = (path, vary) if vary else path
            found = kept.by_rule.get(rule_key)
            if found is None:
                found = add_vary(decide_by_rule(policy.slug, rule), vary)
                self._make_room(DECISION_WEIGHT)
                kept.by_rule[rule_key] = found
            return found
        if not kept.is_timeless and rule.only_answer is None:
            return self._decide_anew(policy, request, vary)
        if request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in meta:
            names = meta.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS")
            method = meta["HTTP_ACCESS_CONTROL_REQUEST_METHOD"]
            key: Key = (policy, rule.path, origin, method, names)
        else:
            key = (policy, rule.path, origin)
        if vary:
            key += (vary,)
        found = self._decisions.get(key)
        # A refused origin may be the site's own, if this request went to another host.
        if found is not None and (found.allow_origin or not may_be_own(origin, meta)):
            return found
        return self._decide(key, policy, request, vary)

    def pieces(self) -> list[object]:
        """Return the parts that take long to free, so that a caller can free them gradually."""
        return [*self.snapshot.index.pieces(), *self._by_host.values(), *self._by_slug.values()]

    def _decide_anew(
        self, policy: TenantPolicy, request: HttpRequest, vary: tuple[str, ...]
    ) -> Decision:
        """Decide without remembering the decision."""
        if policy.stops:
            now = time()
            if level_at(policy.stops, now) is None:
                # Only the clock ends an emergency. After its end the policy decides as it did
                # before.
                return self.decide(policy.calm, request, vary)
            decision = decide(policy, cors_request(request), now)
        elif request.META.get("HTTP_ORIGIN"):
            decision = decide(policy, cors_request(request), time())
        else:
            decision = decide_by_rule(policy.slug, policy.rules.find(request.path_info))
        return add_vary(decision, vary) if vary else decision

    def _decide(
        self, key: Key, policy: TenantPolicy, request: HttpRequest, vary: tuple[str, ...]
    ) -> Decision:
        """Decide, and remember the decision if it depends on the key alone and the key is short."""
        asked = cors_request(request)
        decision = add_vary(decide(policy, asked, time()), vary)
        length = len(asked.origin)
        length += len(asked.requested_method or "") + len(asked.requested_headers or "")
        if length <= MAX_KEY_LENGTH and not asked.site:
            if len(self._decisions) >= self._max_decisions:
                self._decisions = {}
            self._decisions[key] = decision
        return decision

    def _compile(
        self, name: str, packed: Packed | None, found: dict[str, TenantPolicy]
    ) -> TenantPolicy | None:
        if packed is None or packed is self.snapshot.index.platform_record:
            return packed and self.platform
        blob = packed[RULES_BLOB]
        policy = TenantPolicy(packed, self._tables.get(blob) or self._table(blob), self.platform)
        if self.snapshot.stops:
            policy = policy.under(self.snapshot.stops_of(packed[SLUG]))
        # Most of many tenants are rarely looked up. A policy is kept at the second look-up, or at
        # once if it takes long to compile.
        if name in self._lately or not policy.is_cheap:
            self._keep(name, policy, found, len(packed[LITERALS]) + len(packed[ALLOWANCES]))
        elif len(self._lately) < MAX_RECENT_NAMES:
            self._lately.add(name)
        else:
            self._lately = {name}
        return policy

    def _keep(
        self, name: str, policy: TenantPolicy, found: dict[str, TenantPolicy], length: int
    ) -> None:
        self._make_room(length + POLICY_WEIGHT)
        self._kept[policy.calm] = Kept(policy)
        found[name] = policy

    def _make_room(self, weight: int) -> None:
        """Forget all kept policies and their decisions if they would weigh too much."""
        self._weight += weight
        if self._weight > self._max_compiled:
            self._by_host.clear()
            self._by_slug.clear()
            platform = self.platform and self.platform.calm
            self._kept = {} if platform is None else {platform: Kept(platform)}
            self._weight = weight

    def _table(self, blob: str) -> RuleTable:
        if len(self._tables) >= self._max_tables:
            self._tables = {}
        table = self._tables[blob] = packing.unpack_rule_table(blob, self._inherited)
        return table

    def _forget(self, packed: Packed) -> None:
        gone = [self._by_slug.pop(packed[SLUG], None)]
        gone += [self._by_host.pop(host, None) for host in packing.hosts_of(packed)]
        for policy in filter(None, gone):
            self._kept.pop(policy.calm, None)


def cache_of(snapshot: Snapshot, base: DecisionCache | None) -> DecisionCache:
    """Return the cache of a snapshot: `base` itself, its successor, or the first one."""
    if base is None:
        return DecisionCache(snapshot)
    return base if base.snapshot is snapshot else base.successor(snapshot)


def add_vary(decision: Decision, names: tuple[str, ...]) -> Decision:
    """Return a decision whose Vary has these names too.

    A cache in front must keep the tenants apart, even if any origin is allowed.
    """
    if not (names and decision.managed):
        return decision
    return decision._replace(vary=", ".join(filter(None, (decision.vary, *names))))


def _is_timeless(policy: TenantPolicy) -> bool:
    """Report whether a policy's decisions depend on the path rule and the headers alone.

    They do unless an entry of the tenant or the platform has a scope or a window.
    """
    if policy.platform is not None and not _is_timeless(policy.platform):
        return False
    entries = policy.allowances.values()
    return all(allowance.unconditional for found in entries for allowance in found)
