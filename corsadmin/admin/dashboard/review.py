"""What the lint finds: in one tenant for its page, in all that one may see for the start page."""

from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate, islice
from time import time
from typing import Any, Final, NamedTuple

from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest

from corsadmin.admin.addresses import address, site_of
from corsadmin.diagnose.lint import LEVELS, Finding, lint, unserved
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.models.access import CALLERS, Access, access
from corsadmin.models.database import alias_for_writing

MAX_SHOWN_FINDINGS: Final = 20
# Reading more than this takes longer than anybody waits for a page; `cors_check` reads all.
MAX_TENANTS: Final = 200
MAX_ORIGINS: Final = 5_000
MAX_UNSERVED: Final = 1_000  # tenants without a host or a rule that are counted
# The kinds of rows that findings are about.
MODELS: Final[dict[str, type[Model]]] = {
    "tenant": Tenant,
    "host": TenantHost,
    "rule": PathRule,
    "origin": Origin,
}


class Review(NamedTuple):
    """What a look through policies has found; no bound of it is silent."""

    findings: list[Any]  # the worst of all first
    more: int  # findings that are not among them
    looked: int | None  # tenants looked through, None where it was all of them
    is_cut: bool = False  # there are more than that, which nobody counted
    latest: Mapping[int, str] = {}  # slugs of the tenants that changed last, by their keys
    risky: int | None = None  # origins in force whose risk was accepted, where all were read


def findings_of(may: Access, tenant: Tenant, origin_count: int) -> Review:
    """Return what to look at in one tenant; of a very large one nothing, which takes too long."""
    if not tenant.is_active:
        return Review([], 0, None)
    kinds = {kind for kind, model in MODELS.items() if may.sees(tenant, model)}
    if origin_count > MAX_ORIGINS:
        return Review([], 0, 0 if "origin" in kinds else None)
    found = lint(alias_for_writing(), time(), tenant.slug, callers=may.seen(*CALLERS))
    return _first(_of_kinds(kinds, found))


def review_all(request: HttpRequest, entries: QuerySet[Origin]) -> Review:
    """Look through all tenants that the user may see, or through those that changed last."""
    may = access(request)
    tenants, keys, looked = may.tenants_for("view", Tenant), may.keys("view", Tenant), None
    kinds = {kind for kind, model in MODELS.items() if may.sees_beside(model, Tenant)}
    # A change of any of its rows stamps a tenant with the generation.
    slugs = dict(tenants.order_by("-generation", "pk").values_list("pk", "slug")[: MAX_TENANTS + 1])
    latest = dict(islice(slugs.items(), MAX_TENANTS))
    risks = None if len(slugs) > len(latest) else _risks(entries)
    if risks is None:
        keys = _within_bounds(latest)
        looked = len(keys)
    found: Iterable[Finding] = ()
    if looked != 0:
        found = lint(alias_for_writing(), time(), within=keys, callers=may.seen(*CALLERS))
    lacking: list[Finding] = []
    if looked is not None:
        lacking = unserved(tenants, MAX_UNSERVED + 1)
        # What both have found is one finding.
        found = dict.fromkeys([*found, *lacking[:MAX_UNSERVED]])
    review = _first(_of_kinds(kinds, found))
    pages = {slug: key for key, slug in latest.items()}
    missing = {one.tenant for one in review.findings} - pages.keys()
    if missing:
        pages.update(tenants.filter(slug__in=missing).values_list("slug", "pk"))
    site = site_of(request)
    shown = [(finding, _page(site, pages.get(finding.tenant))) for finding in review.findings]
    return Review(shown, review.more, looked, len(lacking) > MAX_UNSERVED, latest, risks)


def _risks(entries: QuerySet[Origin]) -> int | None:
    """Return how many entries in force have an accepted risk, None where there are too many."""
    flags = entries.order_by().values_list("enabled", "risk_accepted")[: MAX_ORIGINS + 1]
    found = [enabled and accepted for enabled, accepted in flags]
    return None if len(found) > MAX_ORIGINS else sum(found)


def _within_bounds(keys: Collection[int]) -> frozenset[int]:
    """Return those of some tenants, from the first on, that a page has the time to look through."""
    rows = Origin.objects.filter(tenant__in=keys).order_by().values_list("tenant")
    counts = dict(rows.annotate(count=Count("pk")))
    sums = accumulate(counts.get(key, 0) for key in keys)
    return frozenset(key for key, total in zip(keys, sums, strict=True) if total <= MAX_ORIGINS)


def _of_kinds(kinds: Collection[str], findings: Iterable[Finding]) -> Iterable[Finding]:
    """Return the findings that tell of rows of these kinds alone."""
    return (finding for finding in findings if finding.kinds <= set(kinds))


def _first(findings: Iterable[Finding]) -> Review:
    order = list(LEVELS)
    found = sorted(findings, key=lambda finding: order.index(finding.level))
    return Review(found[:MAX_SHOWN_FINDINGS], max(0, len(found) - MAX_SHOWN_FINDINGS), None)


def _page(site: str, key: int | None) -> str:
    return "" if key is None else address(site, "tenant_change", key)
