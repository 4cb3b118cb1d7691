"""What callers did, as the tables hold it, without anybody who calls."""

from datetime import timedelta

from django.utils import timezone

from corsadmin.models import Sighting


def ago(**parts):
    return timezone.now() - timedelta(**parts)


def sighted(tenant, origin="https://new.example", reason="origin-not-listed", **fields):
    """Store that an origin was refused at /api/ a moment ago."""
    usual = {"rule": "/api/", "calls": 3, "first_seen": ago(days=2), "last_seen": ago(minutes=1)}
    return Sighting.objects.create(
        tenant=tenant, origin=origin, reason=reason, **{**usual, **fields}
    )


def sighted_names(tenant, origin="https://app.acme.example", **fields):
    """Store that a path rule refused what preflights of an origin asked for."""
    reason = "method-not-allowed" if fields.get("methods") else "header-not-allowed"
    return sighted(tenant, origin, reason, **{"calls": 0, "preflights": 4, **fields})
