"""Lint replaced origin entries: when their overlap ends, and how many calls they still get."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from corsadmin.diagnose.lint.findings import Finding, utc_text
from corsadmin.engine import Reason
from corsadmin.models import EntrySeen, Origin, Sighting, Tenant

Replaced: TypeAlias = dict[tuple[str, str], Finding]  # by the slug and the name of the entry
SOON: Final = timedelta(days=7)
DAYS: Final = 7  # over which calls are counted


def replaced_entries(
    using: str, tenants: QuerySet[Tenant], now: float, callers: Collection[int] | None
) -> Replaced:
    """Return a finding for each replaced entry of some tenants whose end is near or past.

    `now` is in epoch seconds. `callers` holds the keys of the tenants whose calls may be counted;
    None allows all.
    """
    moment = datetime.fromtimestamp(now, UTC if settings.USE_TZ else None)
    rows: QuerySet[Origin] = QuerySet(Origin, using=using).filter(
        replaces__isnull=False,
        tenant=F("replaces__tenant"),
        tenant__in=tenants.order_by().values("pk"),
        replaces__enabled=True,
        replaces__valid_until__lte=moment + SOON,
    )
    new_ones = list(rows.select_related("tenant", "replaces").order_by("tenant__slug", "pk"))
    old_ones = {new.replaces.pk: new.replaces for new in new_ones}
    told = {key for key, old in old_ones.items() if callers is None or old.tenant_id in callers}
    calls = _calls([old_ones[key] for key in told], using, moment) if told else {}
    found = {}
    for new in new_ones:
        old, slug = new.replaces, new.tenant.slug
        is_over = old.valid_until <= moment
        sentences = _sentences(
            str(new), old.valid_until.timestamp(), calls.get(old.pk), is_over=is_over
        )
        code = "overlap-ended" if is_over else "overlap-ends"
        found[slug, str(old)] = Finding(slug, "origin", str(old), code, " ".join(sentences))
    return found


def _sentences(new: str, end: float, calls: int | None, *, is_over: bool) -> Iterator[str]:
    text = _("This origin ended at %(end)s: %(new)s replaced it.")
    if not is_over:
        text = _("This origin ends at %(end)s: %(new)s replaces it.")
    yield text % {"new": new, "end": utc_text(end)}
    if calls:
        said = ngettext(
            "About %(count)s call came from it in the last 7 days.",
            "About %(count)s calls came from it in the last 7 days.",
            calls,
        )
        yield said % {"count": number_format(calls, force_grouping=True)}


def _calls(entries: Collection[Origin], using: str, now: datetime) -> dict[int, int]:
    """Return about how many calls of the last DAYS came from each entry, by primary key.

    Counts calls that were allowed, and calls that were refused because the entry had ended.
    """
    found = dict.fromkeys((entry.pk for entry in entries), 0)
    first = (now - timedelta(days=DAYS - 1)).date()
    uses = EntrySeen.objects.using(using).filter(entry__in=[*found], last_day__gte=first)
    for use in uses:
        days = (use.last_day - max(use.first_day, first)).days + 1
        found[use.entry_id] += round(use.calls_a_day * days)
    keys = {(entry.tenant_id, entry.pattern): entry.pk for entry in entries}
    refused = Sighting.objects.using(using).filter(
        tenant__in={tenant for tenant, _pattern in keys},
        origin__in={pattern for _tenant, pattern in keys},
        reason=Reason.ORIGIN_EXPIRED,
        last_seen__gte=now - timedelta(days=DAYS),
    )
    for seen in refused:
        key = keys.get((seen.tenant_id, seen.origin))
        if key is not None:
            # The count began when the origin was first seen, which may be long ago: take a share.
            span = max(seen.last_seen - seen.first_seen, timedelta(days=DAYS))
            found[key] += round(seen.calls * (timedelta(days=DAYS) / span))
    return found
