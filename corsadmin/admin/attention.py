"""What needs attention: of one tenant on its page, of all that one may see on the start page."""

from collections.abc import Iterable
from itertools import islice
from time import time
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from corsadmin import generation
from corsadmin.access import access
from corsadmin.admin.filters import in_state
from corsadmin.admin.lists import is_long
from corsadmin.lint import LEVELS, Finding, lint
from corsadmin.models import Origin, Tenant
from corsadmin.standing import State
from corsadmin.store import process_store

SHOWN: Final = 20
# Reading more than this takes longer than anybody waits for a page; `cors_check` reads all.
MOST_TENANTS: Final = 200
MOST_ORIGINS: Final = 5_000
STATES: Final = {
    State.READY: _("ready"),
    State.STALE: _("stale"),
    State.NOT_READY: _("not ready"),
}


def attention(request: HttpRequest) -> dict[str, Any]:
    """Return what the start page shows, of tenants that the user may see."""
    may = access(request)
    if not may.may("view", Tenant):
        return {"shown": False}
    entries = may.limit(Origin.objects.select_related("tenant"))
    ending = entries.filter(in_state("ending")).order_by("valid_until", "pk")
    origins = reverse("admin:corsadmin_origin_changelist")
    tenants = may.tenants_for("view", Tenant)
    found = None
    if not is_long(tenants, MOST_TENANTS) and not is_long(entries, MOST_ORIGINS):
        using, keys = generation.alias_for_writing(), may.keys("view", Tenant)
        found = _with_pages(lint(using, time(), within=keys), tenants)
    return {
        "shown": True,
        "process": _process(),
        "ending": ending[:SHOWN],
        "ending_url": f"{origins}?state=ending",
        "risky": entries.filter(risk_accepted=True, enabled=True).count(),
        "risky_url": f"{origins}?risk=accepted",
        "checked": found is not None,
        "findings": found or [],
    }


def findings_of(tenant: Tenant, origin_count: int) -> list[Finding]:
    """Return what to look at in one tenant; nothing where reading it would take too long."""
    if origin_count > MOST_ORIGINS or not tenant.is_active:
        return []
    return list(islice(lint(generation.alias_for_writing(), time(), tenant.slug), SHOWN))


def _process() -> dict[str, Any]:
    snapshot = process_store.current().snapshot
    return {
        "state": STATES[process_store.state],
        "generation": None if snapshot is None else snapshot.generation,
        "stored": generation.current(generation.alias_for_writing())[0],
    }


def _with_pages(
    findings: Iterable[Finding], tenants: QuerySet[Tenant]
) -> list[tuple[Finding, str]]:
    """Pair the first findings, the worst of all, with the pages of their tenants."""
    order = list(LEVELS)
    first = sorted(findings, key=lambda finding: order.index(finding.level))[:SHOWN]
    keys = dict(tenants.values_list("slug", "pk"))
    return [
        (
            finding,
            reverse("admin:corsadmin_tenant_change", args=[keys[finding.tenant]])
            if finding.tenant in keys
            else "",
        )
        for finding in first
    ]
