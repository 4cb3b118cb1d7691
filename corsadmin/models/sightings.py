"""What callers really did, counted. These rows are not policies: no history, no generation.

docs/sightings.md says what each table holds, for how long, and why it holds nothing more. Processes
write these rows beside requests, so the tables must not block anything: no foreign key is a
constraint of the database, and deletes never look for these rows. Readers join only existing rows;
the upkeep removes the rest.
"""

from datetime import date, datetime, timedelta
from math import ceil
from typing import Any, ClassVar, Final

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from corsadmin.engine.origins import MAX_ORIGIN_LENGTH
from corsadmin.models.fields import DigestField
from corsadmin.models.policies import MAX_PATH_LENGTH, Origin
from corsadmin.models.tenants import Tenant

MAX_REASON_LENGTH: Final = 30
MAX_USERNAME_LENGTH: Final = 254
DISMISSED_FOR: Final = timedelta(days=90)
MAX_DAY_CALLS: Final = 2**31 - 1  # the most that every database stores, of an entry in a day
_KEPT: Final = 7 / 8  # the share of a day's weight that remains the next day


def _to_tenant(related_name: str = "+", **options: Any) -> "models.ForeignKey[Any, Any]":
    """Return a foreign key to a tenant without a constraint in the database.

    Deleting a tenant touches none of these rows.
    """
    return models.ForeignKey(
        Tenant,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name=related_name,
        verbose_name=_("tenant"),
        **options,
    )


class Sighting(models.Model):
    """An origin that called under a path rule of a tenant, and the result.

    `reason` is that of a refusal, or `allowed` for a sample of the origins that a wildcard or a
    rule for any origin lets in. `rule` is a path pattern, blank if no rule covers the request;
    `origin` is blank for `null` and malformed origins. `hours` counts the distinct hours in which
    the origin was seen. `methods` and `request_headers` are what preflights requested.
    """

    digest = DigestField("tenant_id", "rule", "origin", "reason")
    tenant = _to_tenant("sightings")
    rule = models.CharField(_("path rule"), max_length=MAX_PATH_LENGTH, blank=True, default="")
    origin = models.CharField(_("origin"), max_length=MAX_ORIGIN_LENGTH, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=MAX_REASON_LENGTH)
    is_kin = models.BooleanField(
        _("related"),
        default=False,
        help_text=_("On a registrable domain that the tenant already uses."),
    )
    hours = models.PositiveIntegerField(_("hours"), default=1)
    calls = models.PositiveBigIntegerField(_("calls"), default=0)
    preflights = models.PositiveBigIntegerField(_("preflights"), default=0)
    first_seen = models.DateTimeField(_("first seen"), default=timezone.now)
    last_seen = models.DateTimeField(_("last seen"), default=timezone.now)
    methods = models.JSONField(_("methods"), default=list, blank=True)
    request_headers = models.JSONField(_("request headers"), default=list, blank=True)

    class Meta:
        verbose_name = _("sighting")
        verbose_name_plural = _("sightings")
        # Only processes write these rows, so nobody may add or change one.
        default_permissions = ("view", "delete")
        permissions: ClassVar = [("dismiss_sighting", _("Can dismiss a refused origin"))]

    def __str__(self) -> str:
        return f"{self.origin} {self.reason} {self.rule}"


class Traffic(models.Model):
    """The requests of an hour with one outcome: `allowed`, or the reason of a refusal.

    After a week, hours are merged into days: then `hour` is the first hour of the day. `tenant` is
    null for `no-tenant`. `calls` does not include preflights.
    """

    digest = DigestField("tenant_id", "outcome", "hour")
    tenant = _to_tenant("traffic", null=True, blank=True, db_index=False)
    outcome = models.CharField(_("outcome"), max_length=MAX_REASON_LENGTH)
    hour = models.DateTimeField(_("hour"))
    calls = models.PositiveBigIntegerField(_("calls"), default=0)
    preflights = models.PositiveBigIntegerField(_("preflights"), default=0)

    class Meta:
        verbose_name = _("traffic of an hour")
        verbose_name_plural = _("traffic")
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["tenant", "hour"], name="corsadmin_traffic_of_tenant"),
            models.Index(fields=["hour"], name="corsadmin_traffic_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.hour:%Y-%m-%d %H:%M}"


class EntrySeen(models.Model):
    """The days on which an origin entry let callers in, and about how often.

    `calls` is an estimate for the last day so far; `earlier` is the weighted sum of the days before
    it, each of which weighs an eighth less than the day after it.
    """

    entry = models.OneToOneField(
        Origin,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="seen",
        verbose_name=_("origin"),
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    calls = models.PositiveIntegerField(_("calls"), default=0)
    earlier = models.PositiveIntegerField(_("calls of earlier days"), default=0)

    class Meta:
        verbose_name = _("use of an origin")
        verbose_name_plural = _("uses of origins")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.last_day}"

    @property
    def calls_a_day(self) -> float:
        """About how many calls a day the entry lets in: a moving average, or the last day's."""
        days = (self.last_day - self.first_day).days
        if days <= 0:
            return float(self.calls)
        weights = _KEPT * (1 - _KEPT**days) / (1 - _KEPT)
        # The last day may have hardly begun, or be the first of many busy days.
        return max(float(self.calls), self.earlier / weights)

    def earlier_on(self, day: date) -> int:
        """Return the value of `earlier` once `day` becomes the last day."""
        weighed = (self.earlier + self.calls) * _KEPT ** (day - self.last_day).days
        return min(ceil(weighed), MAX_DAY_CALLS)


class RuleNames(models.Model):
    """The days on which a path rule was used for a tenant, and what preflights requested.

    The platform has a row of its own for each of its rules, beside those of the tenants that
    inherit them. Only allowed preflights leave names; the sightings have those of refused ones.
    """

    digest = DigestField("tenant_id", "rule")
    tenant = _to_tenant()
    rule = models.CharField(_("path rule"), max_length=MAX_PATH_LENGTH)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    methods = models.JSONField(_("methods"), default=list, blank=True)
    request_headers = models.JSONField(_("request headers"), default=list, blank=True)

    class Meta:
        verbose_name = _("use of a path rule")
        verbose_name_plural = _("uses of path rules")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.rule}: {self.last_day}"


class Unseen(models.Model):
    """What left no sighting in an hour, and why, so that a page can say how much it does not show.

    `ring_full` counts how often a process found its ring full; it belongs to no tenant.
    """

    digest = DigestField("tenant_id", "hour")
    tenant = _to_tenant(null=True, blank=True)
    hour = models.DateTimeField(_("hour"), db_index=True)
    not_looked_at = models.PositiveBigIntegerField(_("not examined"), default=0)
    turned_away = models.PositiveBigIntegerField(_("lists full"), default=0)
    ring_full = models.PositiveBigIntegerField(_("ring full"), default=0)

    class Meta:
        verbose_name = _("unseen calls of an hour")
        verbose_name_plural = _("unseen calls")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:%M}"


def dismissed_until() -> datetime:
    """Return when a dismissal that begins now ends."""
    return timezone.now() + DISMISSED_FOR


class Dismissal(models.Model):
    """A refused origin that somebody removed from a tenant's inbox for 90 days.

    `by` is the name that the person had then, because an account may be deleted before the
    dismissal.
    """

    digest = DigestField("tenant_id", "origin")
    tenant = _to_tenant("dismissals")
    origin = models.CharField(_("origin"), max_length=MAX_ORIGIN_LENGTH)
    by = models.CharField(_("by"), max_length=MAX_USERNAME_LENGTH, blank=True, default="")
    created = models.DateTimeField(_("created"), default=timezone.now)
    until = models.DateTimeField(_("until"), default=dismissed_until)

    class Meta:
        verbose_name = _("dismissal")
        verbose_name_plural = _("dismissals")
        default_permissions = ()

    def __str__(self) -> str:
        return self.origin


class UnknownHost(models.Model):
    """A valid host name that requests were sent to and that belongs to no tenant."""

    host = models.CharField(_("host"), max_length=253, primary_key=True)
    hours = models.PositiveIntegerField(_("hours"), default=1)
    calls = models.PositiveBigIntegerField(_("calls"), default=0)
    first_seen = models.DateTimeField(_("first seen"), default=timezone.now)
    last_seen = models.DateTimeField(_("last seen"), default=timezone.now)

    class Meta:
        verbose_name = _("unknown host")
        verbose_name_plural = _("unknown hosts")
        default_permissions = ("view", "delete")

    def __str__(self) -> str:
        return self.host


class UpkeepTurn(models.Model):
    """The turn to clean up the sightings: one row, which a process claims for an hour."""

    begun = models.DateTimeField(_("begun"))

    class Meta:
        verbose_name = _("maintenance run")
        verbose_name_plural = _("maintenance runs")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.begun:%Y-%m-%d %H:%M}"
