"""Find out before a change where it allows a stranger, whom no entry lists, more than before.

A rule for any origin reaches as far as narrower rules let it. So taking one of them away widens it,
and so does inheriting the platform's rules or switching a tenant on.

Each tenant that is stored is compared with itself, and a host that changes its owner with what it
answered before. A new tenant or a new host answered nobody: its rules are judged by themselves.
"""

from collections.abc import Collection, Iterable, Iterator
from time import time
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.engine import PLATFORM
from corsadmin.models import PathRule, Tenant, TenantHost
from corsadmin.proposed_change.change import ProposedChange, stored
from corsadmin.proposed_change.comparison import STRANGER, compare, questions_of
from corsadmin.proposed_change.probes import common_patterns, probe_paths
from corsadmin.proposed_change.state import PolicyState, states
from corsadmin.tenants import finds_by_host, reach

MAX_PATHS: Final = 3  # paths of one tenant named at once
OTHERS: Final = gettext_lazy("other tenants")
_BATCH: Final = 500

Pair = tuple[int, int]  # which tenants answer, before a change and after it


class Widening(NamedTuple):
    """Where one tenant allows strangers more; the patterns cover the paths."""

    tenant: int
    slug: str
    patterns: tuple[str, ...]

    def sentence_for(self, seen: frozenset[int] | None, own: int | None = None) -> str:
        """Return it in words, for a user who sees the rules of tenants with these keys; None: all.

        Of other tenants neither slug nor path is named, and not the slug of the one with the key
        `own`, whose page it is.
        """
        is_seen = seen is None or self.tenant in seen
        named = ", ".join(self.patterns[:MAX_PATHS])
        paths = f"{named}, …" if len(self.patterns) > MAX_PATHS else named
        text = (
            _("This gives every website more access to %(paths)s.") % {"paths": paths}
            if is_seen
            else _("This gives every website more access.")
        )
        return text if self.tenant == own else f"{self.slug if is_seen else OTHERS}: {text}"


def find_widenings(change: ProposedChange) -> list[Widening]:
    """Return what a change widens in the tenants that it touches and in those that inherit."""
    if not may_widen(change):
        return []
    touched = change.tenants()
    pairs = [*touched_pairs(change, touched), *heir_pairs(change, touched)]
    return WideningSearch().run(change, pairs)


def may_widen(change: ProposedChange) -> bool:
    """Report whether a change touches what strangers are answered by, and some rule allows them."""
    if not change.touches(Tenant, TenantHost, PathRule):
        return False
    return bool(_written_openings(change)) or open_rules().exists()


def touched_pairs(change: ProposedChange, touched: Collection[int]) -> Iterator[Pair]:
    """Yield whom to compare of the tenants that a change touches."""
    for key in _openable(change, set(touched)):
        yield key, key
    if finds_by_host():
        hosts = {row.pk: row.tenant_id for row in change.upserts_of(TenantHost) if row.pk}
        rows = stored(TenantHost).filter(pk__in=hosts)
        for key, old in rows.values_list("pk", "tenant"):
            if hosts[key] != old:
                yield old, hosts[key]


def heir_pairs(change: ProposedChange, touched: Collection[int]) -> Iterator[Pair]:
    """Yield whom to compare of the tenants that inherit a change of the platform.

    What the platform's own rules open, they open for the platform as well. So only those tenants
    are left that have an open rule of their own.
    """
    if _touches_platform(change):
        heirs = stored(Tenant).filter(inherits_platform=True, is_active=True)
        own = heirs.filter(pk__in=open_rules().values("tenant"))
        for key in own.values_list("pk", flat=True):
            if key not in touched:
                yield key, key


def open_rules() -> QuerySet[PathRule]:
    """Return the stored rules in force that allow any origin."""
    return stored(PathRule).filter(any_origin=True, enabled=True)


class WideningSearch:
    """Compares tenants; those that have the same rules cost one comparison."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], tuple[str, ...]] = {}

    def run(self, change: ProposedChange, pairs: Iterable[Pair]) -> list[Widening]:
        """Return what a change widens, at most one widening for each tenant, sorted by slug."""
        found: dict[int, Widening] = {}
        waiting = sorted(set(pairs))
        for start in range(0, len(waiting), _BATCH):
            batch = waiting[start : start + _BATCH]
            before, after = states(change, {key for pair in batch for key in pair})
            for old, new in batch:
                patterns = self._compare(before, after, old, new)
                if patterns:
                    found.setdefault(new, Widening(new, after.tenants[new].slug, patterns))
        return sorted(found.values(), key=lambda widening: widening.slug)

    def _compare(
        self, before: PolicyState, after: PolicyState, old: int, new: int
    ) -> tuple[str, ...]:
        if new not in after.tenants:
            return ()
        tenant = after.tenants[new]
        rules = (before.packed_rules(old), after.packed_rules(new))
        key = (reach(tenant.slug), tenant.is_platform, *rules)
        if key not in self._known:
            self._known[key] = widened_patterns(before, after, old, new)
        return self._known[key]


def widened_patterns(
    before: PolicyState, after: PolicyState, old: int, new: int
) -> tuple[str, ...]:
    """Return the patterns of the paths on which a stranger is allowed more by `new` than by `old`.

    `new` is the key of an active tenant in the later state, `old` of one in the earlier state.
    """
    tenant = after.tenants[new]
    was = before.snapshot.platform if tenant.is_platform else before.policy(old)
    known = before.known_paths(old) | after.known_paths(new)
    shared = common_patterns(after.known_open_paths(new), known, reach(tenant.slug))
    becomes, now = after.policy(new), time()
    return tuple(
        pattern
        for pattern, path in probe_paths(shared, known).items()
        if compare(was, becomes, questions_of(STRANGER, path), now).widened
    )


def _openable(change: ProposedChange, keys: set[int]) -> list[int]:
    """Return those of some tenants that a change may leave with a rule open to any origin."""
    written = _written_openings(change)
    platform = stored(Tenant).filter(slug=PLATFORM, pk__in=open_rules().values("tenant"))
    if _touches_platform(change) or platform.exists():
        return [key for batch in _batches(keys) for key in _stored_keys(batch)]
    found = set(written)
    for batch in _batches(keys):
        found |= set(open_rules().filter(tenant__in=batch).values_list("tenant", flat=True))
    return [key for batch in _batches(found & keys) for key in _stored_keys(batch)]


def _written_openings(change: ProposedChange) -> set[int]:
    rules = change.upserts_of(PathRule)
    return {row.tenant_id for row in rules if row.any_origin and row.enabled}


def _touches_platform(change: ProposedChange) -> bool:
    if any(row.is_platform for row in change.upserts_of(Tenant)):
        return True
    platform = stored(Tenant).filter(slug=PLATFORM).values_list("pk", flat=True)
    return bool(change.tenants().intersection(platform))


def _stored_keys(keys: Iterable[int]) -> Iterator[int]:
    yield from stored(Tenant).filter(pk__in=keys).values_list("pk", flat=True)


def _batches(keys: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(keys)
    return (ordered[start : start + _BATCH] for start in range(0, len(ordered), _BATCH))
