"""A world of tenants whose texts say of what they are, so that a page that shows one can be found."""

import json
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from corsadmin.models import (
    Dismissal,
    EntrySeen,
    Origin,
    PathRule,
    Sighting,
    Tenant,
    TenantHost,
    TenantMember,
    Traffic,
    UnknownHost,
)
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
    TenantHostFactory,
    TenantMemberFactory,
)

MODELS = (Tenant, TenantHost, PathRule, Origin, TenantMember, Sighting, UnknownHost)
# Every text of a row holds the mark of its model.
MARKS = dict(
    zip(
        MODELS,
        ("zzowner", "zzhost", "zzpath", "zzorigin", "zzmember", "zzsighting", "zzunknown"),
        strict=True,
    )
)


class World:
    """Tenants all of whose texts are marked, but for the slug `acme`, which everybody may know."""

    def __init__(self):
        self.acme = self._tenant("acme", "one")
        self.other = self._tenant("zzowner-two", "two")
        gone = self._tenant("zzowner-gone", "gone")
        self.gone = Tenant(pk=gone.pk)
        gone._change_reason = "zzowner reason of the end"
        gone.delete()
        UnknownHost.objects.create(host="zzunknown.example")
        # Unused: nobody has called for years.
        Traffic.objects.create(outcome="allowed", hour=timezone.now() - timedelta(days=999))
        Origin.objects.update(created=timezone.now() - timedelta(days=999))
        platform = Tenant.objects.platform()
        PathRuleFactory(tenant=platform, path="/zzpath/platform/", note="zzpath")
        OriginFactory(tenant=platform, pattern="https://zzorigin-platform.example")
        # Somebody has moved a host, which a history tells with the names of both tenants.
        moved = self.other.hosts.get()
        for tenant in (self.acme, self.other):
            moved.tenant = tenant
            moved.save()
        # The rows whose pages are opened; lists show all. Acme is like the other one, for those who
        # belong to neither.
        self.rows: dict[Any, list[Any]] = {
            Tenant: [self.other],
            TenantHost: [moved],
            PathRule: list(self.other.paths.all()),
            Origin: [self.other.origins.get(scope="/zzorigin-two/")],
            TenantMember: list(self.other.members.all()),
        }

    def _tenant(self, slug, part):
        tenant = TenantFactory(slug=slug, name=f"zzowner name {part}", note="zzowner note")
        rows: list[Any] = [
            tenant,
            TenantHostFactory(tenant=tenant, host=f"zzhost-{part}.example"),
            PathRuleFactory(
                tenant=tenant,
                path=f"/zzpath-{part}/",
                credentials=True,
                methods=["GET", "ZZPATH"],
                request_headers=["x-zzpath-asked"],
                exposed_headers=["x-zzpath-read"],
                note="zzpath note",
            ),
            # What is found of these names rows of all kinds: twice the same, a scope without a rule.
            OriginFactory(
                tenant=tenant,
                pattern=f"https://*.zzorigin-{part}.example",
                valid_until=timezone.now() + timedelta(days=3),
                note="zzorigin note",
            ),
            OriginFactory(tenant=tenant, pattern=f"https://app.zzorigin-{part}.example"),
            OriginFactory(
                tenant=tenant,
                pattern=f"https://scoped.zzorigin-{part}.test",
                scope=f"/zzorigin-{part}/",
                credentials=True,
            ),
            TenantMemberFactory(tenant=tenant, user__username=f"zzmember-{part}"),
        ]
        for row in rows:
            row._change_reason = f"{MARKS[type(row)]} reason {part}"
            row.save()
        self._sight(tenant, part)
        return tenant

    def _sight(self, tenant, part):
        """Store what callers did at a tenant: its own path, then what a path rule refused."""
        for name, reason in (
            (f"caller-{part}", "origin-not-listed"),
            (f"dismissed-{part}", "origin-not-listed"),
            (f"asked-{part}", "header-not-allowed"),
        ):
            Sighting.objects.create(
                tenant=tenant,
                rule=f"/zzpath-{part}/",
                origin=f"https://zzsighting-{name}.example",
                reason=reason,
                request_headers=["x-zzsighting"],
            )
        EntrySeen.objects.bulk_create(
            EntrySeen(entry=entry, first_day=date(2020, 1, 2), last_day=date(2020, 1, 2))
            for entry in tenant.origins.all()
        )
        Dismissal.objects.create(
            tenant=tenant,
            origin=f"https://zzsighting-dismissed-{part}.example",
            by="zzsighting-by",
        )

    @property
    def document(self):
        """A file about acme that only those can write out who know no more than its slug."""
        tenant = {
            "slug": "acme",
            "hosts": ["new.example"],
            "origins": [{"pattern": "https://new.example"}],
            "paths": [{"path": "/new/"}],
        }
        return json.dumps({"version": 1, "tenants": [tenant]})
