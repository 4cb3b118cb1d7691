"""What needs attention: of one tenant on its page, of all that one may see on the start page."""

from collections.abc import Collection, Iterable
from itertools import accumulate
from time import time
from typing import Any, Final, NamedTuple

from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.addresses import address, site_of
from corsadmin.admin.changelist.bounded import MAX_LISTED_ROWS, is_long
from corsadmin.admin.changelist.filters import in_state
from corsadmin.diagnose.lint import LEVELS, Finding, lint, unserved
from corsadmin.engine import PLATFORM
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.models.access import (
    CALLERS,
    POLICY,
    PROBE_SERVERS,
    SWITCH_EMERGENCY,
    Access,
    access,
)
from corsadmin.models.counter import current_generation
from corsadmin.models.database import alias_for_writing
from corsadmin.serving.store import State, process_store

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
STATES: Final = {
    State.READY: _("ready"),
    State.STALE: _("stale"),
    State.NOT_READY: _("not ready"),
}


class Review(NamedTuple):
    """What a look through policies has found; no bound of it is silent."""

    findings: list[Any]  # the worst of all first
    more: int  # findings that are not among them
    looked: int | None  # tenants looked through, None where it was all of them
    is_cut: bool = False  # there are more than that, which nobody counted


def attention(request: HttpRequest) -> dict[str, object]:
    """Return what the start page shows, of tenants that the user may see."""
    may = access(request)
    if not may.may("view", Tenant):
        return {"shown": False}
    entries = Origin.objects.select_related("tenant")
    keys = may.seen(Tenant, Origin)  # each is named with its tenant
    if keys is not None:
        entries = entries.filter(tenant__in=keys)
    ending = entries.filter(in_state("ending")).order_by("valid_until", "pk")
    soon = list(ending[: MAX_SHOWN_FINDINGS + 1])
    review = _review(request, entries)
    # Where all tenants are looked through, what has ended is among the findings.
    ended = entries.filter(in_state("ended")) if review.looked is not None else entries.none()
    site = site_of(request)
    origins = address(site, "origin_changelist")
    return {
        "shown": True,
        "may_try": may.sees(None, *POLICY),
        "may_see_inbox": may.sees(None, *CALLERS),
        "may_ask": may.has(PROBE_SERVERS),
        "emergency_page": _emergency_page(may, site),
        "process": _process(),
        "ending": [
            (entry, address(site, "origin_change", entry.pk)) for entry in soon[:MAX_SHOWN_FINDINGS]
        ],
        "more_ending": len(soon) > MAX_SHOWN_FINDINGS,
        "ending_url": origins and f"{origins}?state=ending",
        "ended": _at_most(ended),
        "ended_url": origins and f"{origins}?state=ended",
        "risky": _at_most(entries.filter(risk_accepted=True, enabled=True)),
        "risky_url": origins and f"{origins}?risk=accepted",
        "most": MAX_LISTED_ROWS,
        "review": review,
    }


def findings_of(may: Access, tenant: Tenant, origin_count: int) -> Review:
    """Return what to look at in one tenant; of a very large one nothing, which takes too long."""
    if not tenant.is_active:
        return Review([], 0, None)
    kinds = {kind for kind, model in MODELS.items() if may.sees(tenant, model)}
    if origin_count > MAX_ORIGINS:
        return Review([], 0, 0 if "origin" in kinds else None)
    found = lint(alias_for_writing(), time(), tenant.slug, callers=may.seen(*CALLERS))
    return _first(_of_kinds(kinds, found))


def _review(request: HttpRequest, entries: QuerySet[Origin]) -> Review:
    """Look through all tenants that the user may see, or through those that changed last."""
    may = access(request)
    tenants, keys, looked = may.tenants_for("view", Tenant), may.keys("view", Tenant), None
    kinds = {kind for kind, model in MODELS.items() if may.sees_beside(model, Tenant)}
    if is_long(tenants, MAX_TENANTS) or is_long(entries, MAX_ORIGINS):
        keys = _changed_last(tenants)
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
    pages = dict(
        tenants.filter(slug__in=[one.tenant for one in review.findings]).values_list("slug", "pk")
    )
    site = site_of(request)
    shown = [(finding, _page(site, pages.get(finding.tenant))) for finding in review.findings]
    return Review(shown, review.more, looked, len(lacking) > MAX_UNSERVED)


def _changed_last(tenants: QuerySet[Tenant]) -> frozenset[int]:
    """Return the tenants whose policies changed last, as many as a page has the time for."""
    # A change of any of its rows stamps a tenant with the generation.
    keys = list(tenants.order_by("-generation").values_list("pk", flat=True)[:MAX_TENANTS])
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


def _emergency_page(may: Access, site: str) -> str:
    """Return where every tenant is stopped, blank for who may not."""
    platform = Tenant.objects.filter(slug=PLATFORM).first() if may.has(SWITCH_EMERGENCY) else None
    return (
        address(site, "tenant_emergency", platform.pk)
        if may.may_switch(platform) and platform
        else ""
    )


def _at_most(rows: QuerySet[Model]) -> int:
    """Return the number of rows, and of very many that there are more than MAX_LISTED_ROWS."""
    return rows.order_by()[: MAX_LISTED_ROWS + 1].count()


def _process() -> dict[str, object]:
    snapshot = process_store.current().snapshot
    return {
        "state": STATES[process_store.state],
        "known": None if snapshot is None else snapshot.generation,
        "stored": current_generation(alias_for_writing())[0],
    }


def _page(site: str, key: int | None) -> str:
    return "" if key is None else address(site, "tenant_change", key)
