"""The counter and the stamps, as a test compares them."""

from corsadmin.models import Origin, Tenant
from corsadmin.models.counter import current_generation


def new_origin(tenant, pattern="https://new.example"):
    return Origin(tenant=tenant, pattern=pattern)


def state():
    """Return the counter, the rebuild number, and the stamp of each tenant."""
    value, rebuild = current_generation("default")
    return value, rebuild, dict(Tenant.objects.values_list("slug", "generation"))
