"""Find out before a change whom it locks out: a tenant's last origin, or the page in use.

The code that answers requests decides what the page's origin may do before and after.
"""

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from time import time
from typing import Final, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from corsadmin.engine.origins import parse_origin
from corsadmin.engine.paths import common_patterns, probe_paths
from corsadmin.engine.rules import Rule, admits
from corsadmin.engine.wildcards import candidates
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.proposed_change.change import ProposedChange, stored
from corsadmin.proposed_change.comparison import compare, questions_of
from corsadmin.proposed_change.state import PolicyState
from corsadmin.proposed_change.touched import Touched, is_in_force
from corsadmin.proposed_change.widening import heirs
from corsadmin.tenants import reach

LAST: Final = gettext_lazy("This takes away the tenant's last origin in force.")
OWN: Final = gettext_lazy("This refuses the origin of the page that you are using.")
OPENED: Final = gettext_lazy("This opens an exclusive path to origins that are not scoped to it.")
# Tenants whose decisions on the page are compared; a change that touches more rarely spares these.
MAX_COMPARED: Final = 200


class Loss(NamedTuple):
    """What one tenant loses."""

    tenant: int
    slug: str
    sentence: Promise


def patterns_covering(origin: str) -> list[str]:
    """Return every pattern that covers an origin."""
    parts = parse_origin(origin)
    return [] if parts is None else [origin, *candidates(*parts)]


def emptied_tenants(change: ProposedChange, touched: Touched) -> AbstractSet[int]:
    """Return the active tenants that have an origin in force before a change and none after it."""
    active = {key for key in touched.keys if touched.known[key].is_active}
    if not (change.touches(Origin) or change.touches(Tenant)):
        return set()
    now = timezone.now()
    before: AbstractSet[int] = touched.in_force & active
    come = {row.tenant_id for row in change.upserts_of(Origin) if is_in_force(row, now)}
    after = (touched.keeping & active) | come
    coming = {row.pk: row for row in change.upserts_of(Tenant)}
    after = after - touched.deleted - {key for key, row in coming.items() if not row.is_active}
    if touched.platform in touched.in_force:
        # A tenant that stops inheriting loses what it inherited.
        before = before | {
            key
            for key in active & coming.keys()
            if touched.known[key].inherits_platform and not coming[key].inherits_platform
        }
    return before - after


def listing_tenants(touched: Touched) -> list[int]:
    """Return the touched tenants that may let the page in before a change."""
    # If the platform lists the page, so do all tenants that inherit from it.
    asked = touched.keys if touched.platform in touched.listing else touched.listing & touched.keys
    return sorted(asked)[:MAX_COMPARED]


def listing_heirs(touched: Touched, patterns: Collection[str]) -> QuerySet[Tenant]:
    """Return at most MAX_COMPARED heirs of a changed platform that may let the page in.

    Heirs may complete what the platform lacks, with a rule or an entry of their own.
    """
    found = heirs().exclude(pk__in=touched.keys).order_by("pk")
    if touched.platform not in touched.listing:
        listing = stored(Origin).filter(pattern__in=patterns)
        found = found.filter(pk__in=listing.values("tenant"))
    return found[:MAX_COMPARED]


def guarding_tenants(change: ProposedChange, touched: Touched) -> AbstractSet[int]:
    """Return the touched tenants that have an exclusive rule, their own or the platform's."""
    if not change.touches(PathRule, Tenant):
        return set()
    return (
        touched.keys if touched.platform in touched.exclusive else touched.exclusive & touched.keys
    )


def guarded_heirs(change: ProposedChange, touched: Touched) -> QuerySet[Tenant]:
    """Return at most MAX_COMPARED heirs whose own rules a platform's exclusive rule may close.

    What a wider rule of the platform opens, it also opens for the platform, so other heirs need no
    check.
    """
    is_guarding = touched.touches_platform and touched.platform in touched.exclusive
    if not (is_guarding and change.touches(PathRule, Tenant)):
        return stored(Tenant).none()
    rules = stored(PathRule).filter(enabled=True)
    guarding = rules.filter(tenant=touched.platform, exclusive=True)
    # A rule that a more specific one precedes has a star, or covers everything below its beginning.
    around = {
        path[: end + 1]
        for path in guarding.values_list("path", flat=True)
        for end, sign in enumerate(path)
        if sign == "/"
    }
    wider = rules.filter(Q(path__in=around) | Q(path__contains="*"))
    found = heirs().exclude(pk__in=touched.keys).filter(pk__in=wider.values("tenant"))
    return found.order_by("pk")[:MAX_COMPARED]


def unguarded_tenants(before: PolicyState, after: PolicyState, keys: Iterable[int]) -> set[int]:
    """Return the tenants in which entries that an exclusive rule kept out come in somewhere."""
    return {key for key in keys if _opens(before, after, key)}


def _opens(before: PolicyState, after: PolicyState, key: int) -> bool:
    was, becomes = before.policy(key), after.policy(key)
    if was is None or becomes is None:
        return False
    known = before.known_paths(key) | after.known_paths(key)
    guarded = before.known_exclusive_paths(key)
    patterns = common_patterns(guarded, known, reach(before.tenants[key].slug))
    return any(
        _admits_more(was.rules.find(path), becomes.rules.find(path))
        for path in probe_paths(patterns, known).values()
    )


def _admits_more(was: Rule | None, becomes: Rule | None) -> bool:
    """Report whether a rule admits entries that the exclusive rule before it did not.

    Rules for any origin are a separate matter, with a permission of its own.
    """
    if was is None or not was.exclusive or becomes is None:
        return False
    return not (
        becomes.invalid
        or becomes.any_origin
        or admits(was, becomes.path if becomes.exclusive else "")
    )


def refusing_tenants(
    before: PolicyState, after: PolicyState, keys: Iterable[int], page: str
) -> set[int]:
    """Return the tenants in which an entry lets a page in somewhere before, and none after."""
    own, now = page.partition("://")[2], time()
    return {
        key
        for key in set(keys) & before.tenants.keys()
        if any(
            compare(was, becomes, questions_of(page, path)[:1], now).losses
            for entrance in before.entrances(key)
            if entrance != own  # a page of the same site sends no cross-origin request
            for was, becomes in [(before.policy_at(entrance), after.policy_at(entrance))]
            for path in _probes(before, after, key)
        )
    }


def _probes(before: PolicyState, after: PolicyState, key: int) -> Iterable[str]:
    """Return a path for each part of a site that its rules and scopes tell apart."""
    known = set[str]().union(
        *(state.known_paths(key) | state.known_scopes(key) for state in (before, after))
    )
    # Of two patterns without a star that overlap, one covers the other.
    crossing = ["/", *(path for path in known if "*" in path)]
    return probe_paths(
        common_patterns(crossing, known, reach(before.tenants[key].slug)), known
    ).values()
