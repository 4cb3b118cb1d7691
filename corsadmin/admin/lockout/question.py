"""Find out before a change whom it locks out: a tenant's last origin, or the very page in use.

A form, an action and a file all describe what they would do as a ProposedChange. What the page's
origin is answered before and after is decided by the code that answers requests.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from time import time
from typing import Any, Final, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.conf import config
from corsadmin.engine import PLATFORM, TenantPolicy
from corsadmin.engine.origins import candidates, parse_origin
from corsadmin.models import Origin, Tenant, TenantHost
from corsadmin.models.access import Access
from corsadmin.proposed_change import KINDS, ProposedChange, owner
from corsadmin.proposed_change.comparison import compare, questions_of
from corsadmin.proposed_change.probes import common_patterns, probe_paths
from corsadmin.proposed_change.state import PolicyState, states
from corsadmin.proposed_change.widening import OTHERS
from corsadmin.tenants import reach

CONFIRM: Final = "confirm_lockout"
CODE: Final = "lockout"
LAST: Final = gettext_lazy("This takes away the tenant's last origin in force.")
OWN: Final = gettext_lazy("This refuses the origin of the very page you are using.")
MAX_SHOWN_LOSSES: Final = 20  # losses shown at once
# Tenants whose answers to the page are compared; a change that touches more rarely spares these.
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


def is_in_force(row: Any, now: datetime) -> bool:
    """Report whether an origin entry is in force."""
    return (
        row.enabled
        and (row.valid_from is None or row.valid_from <= now)
        and (row.valid_until is None or row.valid_until > now)
    )


def in_force(now: datetime) -> Q:
    """Return the same as a condition."""
    return (
        Q(enabled=True)
        & (Q(valid_from=None) | Q(valid_from__lte=now))
        & (Q(valid_until=None) | Q(valid_until__gt=now))
    )


def losses(change: ProposedChange, page: str) -> list[Loss]:
    """Return what tenants lose by a change that is made on a page of this origin."""
    if not change.touches(*KINDS):
        return []
    tenants = {row.pk: row for row in Tenant.objects.filter(pk__in=change.tenants()).order_by()}
    found = [(key, LAST) for key in _emptied(change, tenants)]
    found += [(key, OWN) for key in _refused(change, tenants, page)]
    slugs = {key: row.slug for key, row in tenants.items()}
    heirs = {key for key, _loss in found} - slugs.keys()
    if heirs:
        slugs.update(Tenant.objects.filter(pk__in=heirs).values_list("pk", "slug"))
    return sorted(
        (Loss(key, slugs[key], sentence) for key, sentence in found),
        key=lambda loss: (loss.sentence is OWN, loss.slug),
    )


def visible_losses(access: Access, change: ProposedChange, page: str) -> list[Loss]:
    """Return the same for a user, who reads no name of a tenant that they do not see."""
    seen = access.keys("view", Tenant)
    return [
        loss if seen is None or loss.tenant in seen else loss._replace(tenant=0, slug=str(OTHERS))
        for loss in losses(change, page)
    ]


def loss_sentences(losses: Iterable[Loss], *, of: Any = None) -> list[str]:
    """Return losses in words, each with its tenant but for that of the row `of`; many in short."""
    own = None if of is None else owner(of)
    said = dict.fromkeys(
        str(loss.sentence) if loss.tenant == own else f"{loss.slug}: {loss.sentence}"
        for loss in losses
    )
    more = _("And so with %(count)d more tenants.") % {"count": len(said) - MAX_SHOWN_LOSSES}
    return [*said][:MAX_SHOWN_LOSSES] + [more] * (len(said) > MAX_SHOWN_LOSSES)


def _emptied(change: ProposedChange, tenants: Mapping[int, Tenant]) -> set[int]:
    """Return the active tenants that have an origin in force before a change and none after it."""
    active = {key for key, row in tenants.items() if row.is_active}
    if not active or not (change.touches(Origin) or change.touches(Tenant)):
        return set()
    now = timezone.now()
    # By their keys: asked in one question, a database looks at the origins of all tenants.
    rows = Origin.objects.filter(in_force(now), tenant__in=active)
    before = after = _owners(rows)
    if change.touches(Origin):
        come = {row.tenant_id for row in change.upserts_of(Origin) if is_in_force(row, now)}
        after = come | (_owners(change.untouched(rows)) if before else before)
    if change.touches(Tenant):
        coming = {row.pk: row for row in change.upserts_of(Tenant)}
        off = {key for key, row in coming.items() if not row.is_active}
        if Tenant in change.deletes:
            off |= set(change.deletes[Tenant].order_by().values_list("pk", flat=True))
        after = after - off
        alone = {
            key
            for key in active & coming.keys()
            if tenants[key].inherits_platform and not coming[key].inherits_platform
        }
        above = Origin.objects.filter(in_force(now), tenant__slug=PLATFORM)
        if alone - before and above.exists():
            before = before | alone
    return before - after


def _refused(change: ProposedChange, tenants: Mapping[int, Tenant], page: str) -> set[int]:
    """Return the tenants in which an entry lets a page in somewhere before a change, not after it."""
    patterns = patterns_covering(page)
    listed = Origin.objects.filter(pattern__in=patterns).order_by()
    own = dict(
        listed.filter(Q(tenant__in=[*tenants]) | Q(tenant__slug=PLATFORM))
        .values_list("tenant", "tenant__slug")
        .distinct()
    )
    # Where the platform lists the page, so do all that inherit it.
    for_all = PLATFORM in own.values()
    asked = tenants.keys() if for_all else own.keys() & tenants.keys()
    found = _compared(change, sorted(asked)[:MAX_COMPARED], patterns, page)
    above = {key for key, row in tenants.items() if row.is_platform}
    if above - found:
        # What it has is its heirs' too: they may have what it lacks, a rule or an entry.
        heirs = Tenant.objects.filter(inherits_platform=True, is_active=True)
        if not for_all:
            heirs = heirs.filter(pk__in=listed.values("tenant"))
        some = heirs.exclude(pk__in=[*tenants]).order_by("pk").values_list("pk", flat=True)
        found |= _compared(change, list(some[:MAX_COMPARED]), patterns, page)
    return found


def _owners(rows: QuerySet[Any]) -> set[int]:
    return set(rows.order_by().values_list("tenant", flat=True).distinct())


def _compared(change: ProposedChange, keys: list[int], patterns: list[str], page: str) -> set[int]:
    if not keys:
        return set()
    # A host may go to another tenant, which may list the page as well.
    takers = {host.tenant_id for host in change.upserts_of(TenantHost)}
    before, after = states(change, {*keys, *takers}, patterns)
    own, now = page.partition("://")[2], time()
    return {
        key
        for key in set(keys) & before.tenants.keys()
        if any(
            compare(was, becomes, questions_of(page, path)[:1], now).losses
            for entrance in _entrances(before, key)
            if entrance != own  # from there it is no cross-origin page
            for was, becomes in [(_policy_at(before, entrance), _policy_at(after, entrance))]
            for path in _probes(before, after, key)
        )
    }


def _policy_at(state: PolicyState, entrance: str) -> TenantPolicy | None:
    slug = entrance.removeprefix("/")
    if slug != entrance:
        return state.snapshot.policy(slug)
    return state.snapshot.policy_of_host(entrance)


def _entrances(state: PolicyState, key: int) -> list[str]:
    """Return how requests find a tenant: hosts, or its slug after a slash."""
    tenant = state.tenants[key]
    if config().tenant_resolver == "corsadmin.tenants.by_host" and not tenant.is_platform:
        return state.hosts[key]
    return [f"/{tenant.slug}"]


def _probes(before: PolicyState, after: PolicyState, key: int) -> Iterable[str]:
    """Return a path for each part of a site that its rules and scopes tell apart."""
    known = before.known_paths(key) | after.known_paths(key)
    # Of two patterns without a star that overlap, one covers the other.
    crossing = ["/", *(path for path in known if "*" in path)]
    return probe_paths(
        common_patterns(crossing, known, reach(before.tenants[key].slug)), known
    ).values()
