"""Rows of what was seen, as a process leaves them."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from corsadmin.models import EntrySeen, RuleNames, Sighting


def see_entry(entry, *, calls=10, days_ago=0):
    """An origin entry let somebody in."""
    day = (datetime.now(UTC) - timedelta(days=days_ago)).date()
    return EntrySeen.objects.create(entry=entry, first_day=day, last_day=day, calls=calls)


def see_rule(tenant, path="/api/", *, methods=(), headers=(), days_ago=0):
    """A path rule answered callers of a tenant."""
    day = (datetime.now(UTC) - timedelta(days=days_ago)).date()
    return RuleNames.objects.create(
        tenant=tenant,
        rule=path,
        first_day=day,
        last_day=day,
        methods=[*methods],
        request_headers=[*headers],
    )


def see_caller(tenant, origin, *, reason="origin-not-listed", rule="/api/", days_ago=0.0, **fields):
    """An origin was refused, or is a sample of those that were let in."""
    # Half an hour less is the same in words, however slow the machine is.
    last = timezone.now() - timedelta(days=days_ago + 1, hours=12, minutes=30)
    return Sighting.objects.create(
        tenant=tenant,
        origin=origin,
        reason=reason,
        rule=rule,
        **{"calls": 5, "first_seen": last, "last_seen": last, **fields},
    )
