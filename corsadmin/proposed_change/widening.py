"""Find out before a change where it allows more to strangers, whom no entry lists.

A rule for any origin reaches as far as narrower rules let it. So removing a narrower rule widens
it, and so does inheriting the platform's rules or switching a tenant on.

A stored tenant is compared with itself, and a host that changes its owner with its earlier owner. A
new tenant or host has no earlier policy, so its rules are judged on their own.
"""

from collections.abc import Iterable
from time import time
from typing import Final, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.engine.paths import common_patterns, probe_paths
from corsadmin.models import PathRule, Tenant, TenantHost
from corsadmin.proposed_change.change import ProposedChange, stored
from corsadmin.proposed_change.comparison import STRANGER, compare, questions_of
from corsadmin.proposed_change.state import PolicyState
from corsadmin.proposed_change.touched import Pair, Touched, open_rules
from corsadmin.tenants import reach

MAX_PATHS: Final = 3  # paths of one tenant named at once
OTHERS: Final = gettext_lazy("other tenants")


class Widening(NamedTuple):
    """Where one tenant allows strangers more; `patterns` cover the paths."""

    tenant: int
    slug: str
    patterns: tuple[str, ...]

    def sentence_for(self, seen: frozenset[int] | None, own: int | None = None) -> str:
        """Return it in words, for a user who sees the rules of these tenants; None means all.

        The sentence names neither slug nor paths of other tenants, nor the slug of the tenant with
        the key `own`, whose page it is on.
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


def touched_pairs(change: ProposedChange, touched: Touched) -> set[Pair]:
    """Return the pairs to compare, of the tenants that a change touches.

    Only a rule for any origin can allow strangers more: the tenant's own, the platform's, or one
    that the change writes.
    """
    rules = change.upserts_of(PathRule)
    opening = touched.opening | {row.tenant_id for row in rules if row.any_origin and row.enabled}
    if not (opening and change.touches(Tenant, TenantHost, PathRule)):
        return set()
    reaches_all = _touches_platform(change, touched) or touched.platform in opening
    found = touched.keys if reaches_all else opening & touched.keys
    return {(key, key) for key in found} | touched.moved


def opening_heirs(change: ProposedChange, touched: Touched) -> QuerySet[Tenant]:
    """Return the heirs of a changed platform that have a rule for any origin of their own.

    What the platform's own rules open, they also open for the platform, so other heirs need no
    check.
    """
    if not (change.touches(PathRule, Tenant) and _touches_platform(change, touched)):
        return stored(Tenant).none()
    return heirs().filter(pk__in=open_rules().values("tenant"))


def heirs() -> QuerySet[Tenant]:
    """Return the active tenants that inherit from the platform."""
    return stored(Tenant).filter(inherits_platform=True, is_active=True)


class WideningSearch:
    """Compares tenants; those with the same rules cost only one comparison."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[str, ...]] = {}
        self._found: dict[int, Widening] = {}

    @property
    def found(self) -> list[Widening]:
        """The widenings found, at most one for each tenant, sorted by slug."""
        return sorted(self._found.values(), key=lambda widening: widening.slug)

    def compare(self, before: PolicyState, after: PolicyState, pairs: Iterable[Pair]) -> None:
        """Compare tenants in these states."""
        for old, new in sorted(pairs):
            patterns = self._compare(before, after, old, new)
            if patterns:
                self._found.setdefault(new, Widening(new, after.tenants[new].slug, patterns))

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


def _touches_platform(change: ProposedChange, touched: Touched) -> bool:
    return touched.touches_platform or any(row.is_platform for row in change.upserts_of(Tenant))
