"""Find the tenants that no request reaches or that lack a path rule, in one query for any number."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from corsadmin.diagnose.lint.findings import Finding
from corsadmin.diagnose.lint.reading import Holding
from corsadmin.engine import PLATFORM
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.tenants import finds_by_host


def unserved(tenants: QuerySet[Tenant], limit: int) -> dict[Finding, int]:
    """Return the findings of this module in some tenants, each with its tenant's primary key.

    Returns at most `limit`. Unlike in `lint`, rules and entries count even if they do not compile,
    which no query can know.
    """
    active = tenants.filter(is_active=True).order_by()
    others = active.exclude(slug=PLATFORM)
    found = _coded(others.filter(_HAS_ORIGIN, ~_HAS_RULE, _INHERITS_NONE), "tenant-without-rule")
    if finds_by_host():
        platform = active.filter(_HAS_ORIGIN | _HAS_RULE, ~_HOST_OF_HEIRS, slug=PLATFORM)
        found = _coded(platform, "platform-without-host").union(
            _coded(others.filter(~_HAS_HOST), "tenant-without-host"), found, all=True
        )
    return {Finding(slug, "tenant", slug, code): key for key, slug, code in found[:limit]}


def lint_platform(holding: Holding, using: str) -> Iterator[Finding]:
    """Yield a finding if the platform has a policy but no tenant that inherits it has a host."""
    policy = holding.policy
    if not (holding.tenant.is_platform and (policy.rules or policy.entries)):
        return
    if finds_by_host():
        hosts: QuerySet[TenantHost] = QuerySet(TenantHost, using=using)
        if not hosts.filter(_HEIRS).exists():
            yield Finding(PLATFORM, "tenant", PLATFORM, "platform-without-host")


def _own(model: type[TenantHost | PathRule | Origin], **conditions: bool) -> Exists:
    return Exists(model.objects.filter(tenant=OuterRef("pk"), **conditions).order_by())


# The hosts of active tenants that the platform's policy applies to, the platform itself included.
_HEIRS = Q(tenant__is_active=True) & (Q(tenant__slug=PLATFORM) | Q(tenant__inherits_platform=True))
_HOST_OF_HEIRS = Exists(TenantHost.objects.filter(_HEIRS).order_by())
_HAS_HOST = _own(TenantHost)
_HAS_ORIGIN = _own(Origin, enabled=True)
_HAS_RULE = _own(PathRule, enabled=True)
_INHERITS_NONE = Q(inherits_platform=False) | ~Exists(
    PathRule.objects.filter(tenant__slug=PLATFORM, tenant__is_active=True, enabled=True).order_by()
)


def _coded(tenants: QuerySet[Tenant], code: str) -> QuerySet[Tenant, tuple[int, str, str]]:
    return tenants.values_list("pk", "slug", Value(code))
