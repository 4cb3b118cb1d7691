"""The paths that a tenant's file must keep closed because the platform does."""

from dataclasses import replace

from django.db.models import Q

from corsadmin.convert.enabled_rows import takes_plain_origins
from corsadmin.engine import PLATFORM
from corsadmin.models import Tenant
from corsadmin.models.database import alias_for_writing
from corsadmin.models.tenant_rows import NONE, TenantRows, read_tenant_rows


def with_inherited_guards(held: TenantRows) -> TenantRows:
    """Return the rows of a tenant with the exclusive rules that it inherits.

    Files for other programs contain nothing else of the platform. Without these rules, a wider rule
    of the tenant would open their paths there.
    """
    if not held.tenant.inherits_platform or held.tenant.is_platform:
        return held
    using = alias_for_writing()
    own = {rule.path for rule in held.rules if rule.enabled}
    exclusive = Q(enabled=True, exclusive=True)
    guards = [
        rule
        for platform in read_tenant_rows(
            Tenant.objects.using(using).filter(slug=PLATFORM, is_active=True),
            using,
            hosts=NONE,
            rules=exclusive,
            origins=NONE,
        )
        for rule in platform.rules
        if rule.path not in own and not takes_plain_origins(rule)
    ]
    return replace(held, rules=[*held.rules, *guards])
