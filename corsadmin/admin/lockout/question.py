"""Find out before a change whom it locks out: a tenant's last origin, or the very page in use.

Whatever makes the change, a form, an action or a file, says it as an Edit. What the page's origin
is answered before and after is decided by the code that answers requests.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import zip_longest
from time import time
from typing import Any, Final, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.admin.lockout.proposed_change import KINDS, Edit, Scene, owner, scenes
from corsadmin.conf import config
from corsadmin.diagnose.lint.rules import overlaps, reach
from corsadmin.engine import PLATFORM, CorsRequest, Snapshot, candidates, decide, parse_origin
from corsadmin.models import Origin, Tenant, TenantHost

CONFIRM: Final = "confirm_lockout"
CODE: Final = "lockout"
LAST: Final = gettext_lazy("This takes away the tenant's last origin in force.")
OWN: Final = gettext_lazy("This refuses the origin of the very page you are using.")
MOST: Final = 20  # losses told at once
# Tenants whose answers to the page are compared; a change that touches more rarely spares these.
COMPARED: Final = 200
_ANY: Final = "-"  # a segment of a path for which a pattern has a star


class Loss(NamedTuple):
    """What one tenant loses."""

    tenant: int
    slug: str
    sentence: Promise


class LockoutError(Exception):
    """A change locks somebody out, and nobody has said that it should."""

    def __init__(self, losses: list[Loss]) -> None:
        super().__init__(losses)
        self.losses = losses


def covering(origin: str) -> list[str]:
    """Return every pattern that covers an origin."""
    parts = parse_origin(origin)
    return [] if parts is None else [origin, *candidates(*parts)]


def is_standing(row: Any, now: datetime) -> bool:
    """Report whether an origin entry is in force."""
    return (
        row.enabled
        and (row.valid_from is None or row.valid_from <= now)
        and (row.valid_until is None or row.valid_until > now)
    )


def standing(now: datetime) -> Q:
    """Return the same as a condition."""
    return (
        Q(enabled=True)
        & (Q(valid_from=None) | Q(valid_from__lte=now))
        & (Q(valid_until=None) | Q(valid_until__gt=now))
    )


def losses(edit: Edit, page: str) -> list[Loss]:
    """Return what tenants lose by an edit that is made on a page of this origin."""
    if not edit.touches(*KINDS):
        return []
    tenants = {row.pk: row for row in Tenant.objects.filter(pk__in=edit.tenants()).order_by()}
    found = [(key, LAST) for key in _emptied(edit, tenants)]
    found += [(key, OWN) for key in _refused(edit, tenants, page)]
    slugs = {key: row.slug for key, row in tenants.items()}
    heirs = {key for key, _loss in found} - slugs.keys()
    if heirs:
        slugs.update(Tenant.objects.filter(pk__in=heirs).values_list("pk", "slug"))
    return sorted(
        (Loss(key, slugs[key], sentence) for key, sentence in found),
        key=lambda loss: (loss.sentence is OWN, loss.slug),
    )


def told(losses: Iterable[Loss], *, of: Any = None) -> list[str]:
    """Return losses in words, each with its tenant but for that of the row `of`; many in short."""
    own = None if of is None else owner(of)
    said = dict.fromkeys(
        str(loss.sentence) if loss.tenant == own else f"{loss.slug}: {loss.sentence}"
        for loss in losses
    )
    more = _("And so with %(count)d more tenants.") % {"count": len(said) - MOST}
    return [*said][:MOST] + [more] * (len(said) > MOST)


def _emptied(edit: Edit, tenants: Mapping[int, Tenant]) -> set[int]:
    """Return the active tenants that have an origin in force before an edit and none after it."""
    active = {key for key, row in tenants.items() if row.is_active}
    if not active or not (edit.touches(Origin) or edit.touches(Tenant)):
        return set()
    now = timezone.now()
    # By their keys: asked in one question, a database looks at the origins of all tenants.
    rows = Origin.objects.filter(standing(now), tenant__in=active)
    before = after = _owners(rows)
    if edit.touches(Origin):
        come = {row.tenant_id for row in edit.coming(Origin) if is_standing(row, now)}
        after = come | (_owners(edit.staying(rows)) if before else before)
    if edit.touches(Tenant):
        coming = {row.pk: row for row in edit.coming(Tenant)}
        off = {key for key, row in coming.items() if not row.is_active}
        if Tenant in edit.gone:
            off |= set(edit.gone[Tenant].order_by().values_list("pk", flat=True))
        after = after - off
        alone = {
            key
            for key in active & coming.keys()
            if tenants[key].inherits_platform and not coming[key].inherits_platform
        }
        above = Origin.objects.filter(standing(now), tenant__slug=PLATFORM)
        if alone - before and above.exists():
            before = before | alone
    return before - after


def _refused(edit: Edit, tenants: Mapping[int, Tenant], page: str) -> set[int]:
    """Return the tenants in which an entry lets a page in somewhere before an edit, not after it."""
    patterns = covering(page)
    listed = Origin.objects.filter(pattern__in=patterns).order_by()
    own = dict(
        listed.filter(Q(tenant__in=[*tenants]) | Q(tenant__slug=PLATFORM))
        .values_list("tenant", "tenant__slug")
        .distinct()
    )
    # Where the platform lists the page, so do all that inherit it.
    for_all = PLATFORM in own.values()
    asked = tenants.keys() if for_all else own.keys() & tenants.keys()
    found = _compared(edit, sorted(asked)[:COMPARED], patterns, page)
    above = {key for key, row in tenants.items() if row.is_platform}
    if above - found:
        # What it has is its heirs' too: they may have what it lacks, a rule or an entry.
        heirs = Tenant.objects.filter(inherits_platform=True, is_active=True)
        if not for_all:
            heirs = heirs.filter(pk__in=listed.values("tenant"))
        some = heirs.exclude(pk__in=[*tenants]).order_by("pk").values_list("pk", flat=True)
        found |= _compared(edit, list(some[:COMPARED]), patterns, page)
    return found


def _owners(rows: QuerySet[Any]) -> set[int]:
    return set(rows.order_by().values_list("tenant", flat=True).distinct())


def _compared(edit: Edit, keys: list[int], patterns: list[str], page: str) -> set[int]:
    if not keys:
        return set()
    # A host may go to another tenant, which may list the page as well.
    takers = {host.tenant_id for host in edit.coming(TenantHost)}
    before, after = scenes(edit, {*keys, *takers}, patterns)
    asking, own = _Asking(page, time()), page.partition("://")[2]
    return {
        key
        for key in set(keys) & before.tenants.keys()
        if any(
            asking.entry(before.snapshot, entrance, path) not in {"", "*"}
            and not asking.entry(after.snapshot, entrance, path)
            for entrance in _entrances(before, key)
            if entrance != own  # from there it is no cross-origin page
            for path in _probes(before, after, key)
        )
    }


class _Asking(NamedTuple):
    """A page that asks with GET."""

    page: str
    now: float

    def entry(self, snapshot: Snapshot, entrance: str, path: str) -> str:
        """Return which entry lets the page in, blank where it is refused."""
        slug = entrance.removeprefix("/")
        policy = snapshot.policy(slug) if slug != entrance else snapshot.policy_of_host(slug)
        asked = CorsRequest(path, "GET", self.page, None, None, "", self.now)
        decision = decide(policy, asked)
        return decision.entry if decision.allowed else ""


def _entrances(scene: Scene, key: int) -> list[str]:
    """Return how requests find a tenant: hosts, or its slug after a slash."""
    tenant = scene.tenants[key]
    if config().tenant_resolver == "corsadmin.tenants.by_host" and not tenant.is_platform:
        return scene.hosts[key]
    return [f"/{tenant.slug}"]


def _probes(before: Scene, after: Scene, key: int) -> list[str]:
    """Return a path for each part of a site that its rules and scopes tell apart."""
    above = before.snapshot.index.platform
    known = [scene.paths.get(one or 0, set()) for scene in (before, after) for one in (key, above)]
    limit = reach(before.tenants[key])
    within = {_both(limit, path) for path in set().union(*known) if overlaps(limit, path)}
    starred = [path for path in within if "*" in path]
    crossed = {_both(one, two) for one in starred for two in within if overlaps(one, two)}
    return [path.replace("*", _ANY) for path in sorted(within | crossed)]


def _both(one: str, two: str) -> str:
    """Return a pattern for paths that both of two patterns cover, which overlap."""
    pairs = zip_longest(one.split("/"), two.split("/"), fillvalue="")
    return "/".join(first if first not in {"", "*"} else second or first for first, second in pairs)
