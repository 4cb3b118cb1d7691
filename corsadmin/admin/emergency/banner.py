"""The banner that every page shows while an emergency is on that the user may see."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from corsadmin.admin.addresses import address, site_of
from corsadmin.engine import PLATFORM
from corsadmin.engine.emergencies import StopLevel
from corsadmin.engine.rules import DEFAULT_PREFLIGHT_AGE, MAX_PREFLIGHT_AGE
from corsadmin.models import Emergency, PathRule, Tenant
from corsadmin.models.access import access
from corsadmin.models.emergency_switch import shown_end, shown_moment

MAX_LINES: Final = 20  # emergencies that a page names


class BannerLine(NamedTuple):
    """One emergency that is on, in sentences, and the page where this user may lift it."""

    sentences: list[str]
    reason: str
    page: str


def banner(request: HttpRequest) -> dict[str, object]:
    """Return the emergencies that are on for tenants that the user may see and for the platform."""
    rows = Emergency.objects.in_force().seen_by(access(request).seen(Tenant))
    found = list(rows.select_related("tenant", "by").order_by("created")[: MAX_LINES + 1])
    return {"lines": banner_lines(request, found[:MAX_LINES]), "more": len(found) > MAX_LINES}


def banner_lines(request: HttpRequest, rows: Sequence[Emergency]) -> list[BannerLine]:
    """Return the banner's lines for some emergencies that are on."""
    may, site, ages = access(request), site_of(request), _max_ages(rows)
    return [
        BannerLine(
            [*_sentences(row, ages.get(row.pk))],
            row.reason,
            address(site, "tenant_emergency", row.tenant_id) if may.may_switch(row.tenant) else "",
        )
        for row in rows
    ]


def _sentences(row: Emergency, age: int | None) -> list[str]:
    stopped = _STOPPED[row.tenant.is_platform, row.stop.level]()
    facts = {"tenant": row.tenant, "end": shown_end(row)}
    since = _("Switched on at %(time)s by %(user)s.") if row.by else _("Switched on at %(time)s.")
    begun = {"time": shown_moment(row.created), "user": row.by}
    found = [f"{stopped % facts}.", since % begun]
    if not row.is_known:
        text = _("The level “%(level)s” is unknown, so every origin is stopped.")
        found.append(text % {"level": row.level})
    if age is not None:
        text = _(
            "Browsers that still remember a preflight may keep sending requests until %(time)s. "
            "Caches may keep responses longer."
        )
        found.append(text % {"time": shown_moment(row.modified + timedelta(seconds=age))})
    days = (timezone.now() - row.created).days
    if row.until is None and days:
        text = ngettext(
            "The emergency has been on for %(days)d day. Lift it, or set an end.",
            "The emergency has been on for %(days)d days. Lift it, or set an end.",
            days,
        )
        found.append(text % {"days": days})
    return found


_STOPPED: Final = {
    (False, StopLevel.ALL): lambda: _("Emergency: every origin of %(tenant)s is stopped, %(end)s"),
    (False, StopLevel.CREDENTIALS): lambda: _(
        "Emergency: no origin of %(tenant)s gets credentials, %(end)s"
    ),
    (True, StopLevel.ALL): lambda: _("Emergency: every origin of every tenant is stopped, %(end)s"),
    (True, StopLevel.CREDENTIALS): lambda: _(
        "Emergency: no origin of any tenant gets credentials, %(end)s"
    ),
}


def _max_ages(rows: Sequence[Emergency]) -> dict[int, int]:
    """Return for how many seconds browsers may remember answers that each emergency stops.

    Emergencies that began too long ago for any browser to remember an answer are left out.
    """
    now = timezone.now()
    recent = [row for row in rows if now < row.modified + timedelta(seconds=MAX_PREFLIGHT_AGE)]
    if not recent:
        return {}
    rules = PathRule.objects.filter(enabled=True)
    if not any(row.tenant.is_platform for row in recent):
        rules = rules.filter(tenant__in={row.tenant_id for row in recent}) | rules.filter(
            tenant__slug=PLATFORM
        )
    longest = dict(rules.order_by().values_list("tenant__slug").annotate(age=Max("max_age")))
    found = {}
    for row in recent:
        slugs = longest if row.tenant.is_platform else {row.tenant.slug, PLATFORM} & longest.keys()
        age = max(
            (longest[slug] or DEFAULT_PREFLIGHT_AGE for slug in slugs),
            default=DEFAULT_PREFLIGHT_AGE,
        )
        if now < row.modified + timedelta(seconds=age):
            found[row.pk] = age
    return found
