"""The start page: the cards and charts that the user may see, with their contents."""

from datetime import timedelta
from itertools import islice
from typing import Final, NamedTuple

from django.db import connections
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from corsadmin.admin.addresses import address, site_of
from corsadmin.admin.changelist.bounded import MAX_LISTED_ROWS
from corsadmin.admin.changelist.filters import in_state
from corsadmin.admin.dashboard.callers import callers
from corsadmin.admin.dashboard.process import process_state
from corsadmin.admin.dashboard.review import Review, review_all
from corsadmin.admin.permissions import may_set_up_customers
from corsadmin.admin.pictures.changes import changes_of
from corsadmin.admin.pictures.ending import picture_of_ends
from corsadmin.admin.pictures.traffic import DAYS
from corsadmin.engine import PLATFORM
from corsadmin.models import Origin, Tenant
from corsadmin.models.access import (
    CALLERS,
    POLICY,
    PROBE_SERVERS,
    Access,
    access,
)
from corsadmin.tenants import is_single

MAX_SHOWN: Final = 5  # lines of a card
_COUNTED: Final = "(SELECT COUNT(*) FROM ({rows}) counted)"
MAX_CHANGED: Final = 20  # tenants whose changes are shown: those that changed last


class FirstStep(NamedTuple):
    """The tenant to fill in, or None if one must be added first, and the page for it.

    `guided` is the page that adds a tenant with all it needs, blank without permission.
    """

    tenant: Tenant | None
    page: str
    guided: str = ""


def start_page(request: HttpRequest) -> dict[str, object]:
    """Return the start page's context, limited to tenants that the user may see."""
    may = access(request)
    if not may.may("view", Tenant):
        return {"shown": False}
    entries = Origin.objects.select_related("tenant")
    keys = may.seen(Tenant, Origin)  # each is named with its tenant
    if keys is not None:
        entries = entries.filter(tenant__in=keys)
    site = site_of(request)
    review = review_all(request, entries)
    slugs = dict(islice(review.latest.items(), MAX_CHANGED))
    changes = changes_of(may, slugs, timezone.now() - timedelta(days=DAYS))
    sees_callers = may.sees(None, *CALLERS)
    seen = callers(may.seen(*CALLERS), review, changes) if sees_callers else None
    # With recorded calls or many tenants, setup has clearly begun.
    is_begun = review.risky is None or (seen is not None and seen.calls is not None)
    return {
        "shown": True,
        "may_try": may.sees(None, *POLICY),
        "may_see_inbox": sees_callers,
        "may_ask": may.has(PROBE_SERVERS),
        "emergency_page": _emergency_page(may, site, review.platform),
        "names_tenants": True,
        "zone": timezone.get_current_timezone_name(),
        "process": process_state(),
        "review": review,
        "changes": changes[:MAX_SHOWN],
        "callers": seen,
        "first_step": None if is_begun else _first_step(may, site, review),
        **_ends(entries, site, review),
    }


def _first_step(may: Access, site: str, review: Review) -> FirstStep | None:
    """Return how to begin, or None once a tenant has an enabled path rule and origin."""
    if review.is_begun:
        return None
    tenants = may.tenants_for("view", Tenant)
    owners = tenants.filter(slug=PLATFORM) if is_single() else tenants.exclude(slug=PLATFORM)
    first = owners.first()
    if first is not None:
        return FirstStep(first, address(site, "tenant_change", first.pk))
    page = address(site, "tenant_add") if may.may("add", Tenant) else ""
    guided = address(site, "tenant_new_customer") if may_set_up_customers(may) else ""
    return FirstStep(None, page, guided)


def _emergency_page(may: Access, site: str, key: int | None) -> str:
    """Return the page that stops every tenant, blank without permission. `key` is the platform's."""
    platform = None if key is None else Tenant(pk=key, slug=PLATFORM)
    return address(site, "tenant_emergency", key) if may.may_switch(platform) else ""


def _ends(entries: QuerySet[Origin], site: str, review: Review) -> dict[str, object]:
    """Return what ends soon, what has ended and what is risky."""
    picture = picture_of_ends(entries)
    # If all tenants were reviewed, ended entries are among the findings.
    risky, ended = review.risky, 0
    if risky is None:
        accepted = entries.filter(risk_accepted=True, enabled=True)
        risky, ended = _at_most(accepted, entries.filter(in_state("ended")))
    origins = address(site, "origin_changelist")
    return {
        "ends": picture,
        "ending": [
            (end, address(site, "origin_change", end.key)) for end in picture.soon[:MAX_SHOWN]
        ],
        "more_ending": len(picture.soon) > MAX_SHOWN,
        "ending_url": origins and f"{origins}?state=ending",
        "ended": ended,
        "ended_url": origins and f"{origins}?state=ended",
        "risky": risky,
        "risky_url": origins and f"{origins}?risk=accepted",
        "most": MAX_LISTED_ROWS,
    }


def _at_most(*some: QuerySet[Origin]) -> list[int]:
    """Return the numbers of rows with one query, counting no further than MAX_LISTED_ROWS + 1."""
    connection = connections[some[0].db]
    bounded = (rows.order_by().values("pk")[: MAX_LISTED_ROWS + 1].query for rows in some)
    compiled = [query.get_compiler(connection=connection).as_sql() for query in bounded]
    counts = [_COUNTED.format(rows=sql) for sql, _values in compiled]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(counts), [value for _sql, values in compiled for value in values]
        )
        return [*cursor.fetchone()]
