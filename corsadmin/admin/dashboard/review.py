"""The lint's findings: in one tenant for its page, in all visible tenants for the start page."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate, islice
from time import time
from typing import Final, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from corsadmin.admin.addresses import site_of
from corsadmin.admin.dashboard.finding_groups import MODELS, FindingGroup, group_findings
from corsadmin.admin.row_counts import counted
from corsadmin.diagnose.lint import Finding, lint, lint_read, unserved
from corsadmin.engine import PLATFORM
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.models.access import CALLERS, Access, access
from corsadmin.models.database import alias_for_writing
from corsadmin.models.tenant_rows import TenantRows

# Reading more would take longer than a page may; `cors_check` reads everything.
MAX_TENANTS: Final = 200
MAX_ORIGINS: Final = 5_000
MAX_UNSERVED: Final = 1_000  # tenants without a host or a rule that the page counts


def _enabled(model: type[PathRule | Origin]) -> Subquery:
    # Not Exists, for which PostgreSQL would read the rows of all tenants first.
    rows = model.objects.filter(tenant=OuterRef("pk"), enabled=True)
    return Subquery(rows.order_by().values("enabled")[:1])


# What the query for tenants reads along with them for the start page.
_READ_WITH_TENANTS: Final[dict[str, object]] = {
    "origin_count": counted(Origin),
    "has_rule": _enabled(PathRule),
    "has_origin": _enabled(Origin),
    "platform_key": Subquery(Tenant.objects.filter(slug=PLATFORM).order_by().values("pk")),
}


class Review(NamedTuple):
    """What a review of policies has found, and where a bound cut it short."""

    groups: list[FindingGroup]  # errors first
    looked: int | None  # tenants reviewed, None for all of them
    is_cut: bool = False  # more tenants lack a host or a rule than the page counts
    latest: Mapping[int, str] = {}  # slugs of the tenants that changed last, by key
    risky: int | None = None  # enabled origins with an accepted risk, None if not all were read
    is_begun: bool = False  # one of the tenants that changed last has an enabled rule and origin
    platform: int | None = None  # the key of the platform

    @property
    def findings(self) -> list[Finding]:
        """Return the findings that the page shows, from all groups."""
        return [finding for group in self.groups for finding, _page in group.rows]

    @property
    def more(self) -> int:
        """Return how many findings the page does not show."""
        return sum(group.more for group in self.groups)


def findings_of(
    may: Access, held: Sequence[TenantRows], origin_count: int, site: str = ""
) -> Review:
    """Return the findings in one tenant, or none for a very large one, which would take too long.

    `held` has the rows of the platform, if any, and last those of the tenant. Without a site, the
    tenant's rows are not stored yet, so findings have no links.
    """
    tenant = held[-1].tenant
    if not tenant.is_active:
        return Review([], None)
    kinds = {kind for kind, model in MODELS.items() if may.sees(tenant, model)}
    if origin_count > MAX_ORIGINS:
        return Review([], 0 if "origin" in kinds else None)
    found = lint_read(held, tenant, alias_for_writing(), time(), callers=may.seen(*CALLERS))
    stored = {tenant.slug: tenant.pk} if site else {}
    return Review(group_findings(_of_kinds(kinds, found), site, stored), None)


def review_all(request: HttpRequest, entries: QuerySet[Origin]) -> Review:
    """Review all tenants that the user may see, or only the last changed if there are too many."""
    may = access(request)
    tenants, keys, looked = may.tenants_for("view", Tenant), may.keys("view", Tenant), None
    kinds = {kind for kind, model in MODELS.items() if may.sees_beside(model, Tenant)}
    # A change to any row of a tenant stamps the tenant with the generation.
    rows = tenants.order_by("-generation", "pk").annotate(**_READ_WITH_TENANTS)
    read = list(rows.values_list("pk", "slug", *_READ_WITH_TENANTS)[: MAX_TENANTS + 1])
    latest = {key: slug for key, slug, *_rest in read[:MAX_TENANTS]}
    risks = None if len(read) > MAX_TENANTS else _risks(entries)
    if risks is None:
        keys = _within_bounds({key: number for key, _slug, number, *_rest in read[:MAX_TENANTS]})
        looked = len(keys)
    found: Iterable[Finding] = ()
    if looked != 0:
        found = lint(alias_for_writing(), time(), within=keys, callers=may.seen(*CALLERS))
    lacking: dict[Finding, int] = {}
    if looked is not None:
        lacking = unserved(tenants, MAX_UNSERVED + 1)
        # A finding that both have found counts once.
        found = dict.fromkeys([*found, *islice(lacking, MAX_UNSERVED)])
    tenant_keys = {one.tenant: key for one, key in lacking.items()}
    tenant_keys |= {slug: key for key, slug in latest.items()}
    return Review(
        group_findings(_of_kinds(kinds, found), site_of(request), tenant_keys),
        looked,
        len(lacking) > MAX_UNSERVED,
        latest,
        risks,
        any(has_rule and has_origin for *_rest, has_rule, has_origin, _platform in read),
        next((platform for *_rest, platform in read), None),
    )


def _risks(entries: QuerySet[Origin]) -> int | None:
    """Return how many enabled entries have an accepted risk, None if there are too many entries."""
    flags = entries.order_by().values_list("enabled", "risk_accepted")[: MAX_ORIGINS + 1]
    found = [enabled and accepted for enabled, accepted in flags]
    return None if len(found) > MAX_ORIGINS else sum(found)


def _within_bounds(counts: Mapping[int, int]) -> frozenset[int]:
    """Return the first of some tenants, as many as a page has the time to review.

    `counts` has the number of origins of each tenant.
    """
    sums = accumulate(counts.values())
    return frozenset(key for key, total in zip(counts, sums, strict=True) if total <= MAX_ORIGINS)


def _of_kinds(kinds: Collection[str], findings: Iterable[Finding]) -> Iterable[Finding]:
    """Return the findings that reveal only rows of these kinds."""
    return (finding for finding in findings if finding.kinds <= set(kinds))
