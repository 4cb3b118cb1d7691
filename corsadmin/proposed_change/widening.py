"""Find out before a change where it allows a stranger, whom no entry lists, more than before.

A rule for any origin reaches as far as narrower rules let it. So taking one of them away widens it,
and so does inheriting the platform's rules or switching a tenant on.

Each tenant that is stored is compared with itself, and a host that changes its owner with what it
answered before. A new tenant or a new host answered nobody: its rules are judged by themselves.
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


def touched_pairs(change: ProposedChange, touched: Touched) -> set[Pair]:
    """Return whom to compare of the tenants that a change touches.

    A tenant answers strangers more only by a rule for any origin: its own, the platform's, or one
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
    """Return the tenants that inherit a change of the platform and have an open rule of their own.

    What the platform's own rules open, they open for the platform as well: others need no look.
    """
    if not (change.touches(PathRule, Tenant) and _touches_platform(change, touched)):
        return stored(Tenant).none()
    return heirs().filter(pk__in=open_rules().values("tenant"))


def heirs() -> QuerySet[Tenant]:
    """Return the active tenants that inherit what the platform holds."""
    return stored(Tenant).filter(inherits_platform=True, is_active=True)


class WideningSearch:
    """Compares tenants; those that have the same rules cost one comparison."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[str, ...]] = {}
        self._found: dict[int, Widening] = {}

    @property
    def found(self) -> list[Widening]:
        """The widenings of all that was compared, at most one for each tenant, sorted by slug."""
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
