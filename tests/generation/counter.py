"""The counter and the stamps, as a test compares them."""

from corsadmin import generation
from corsadmin.models import Origin, Tenant


def new_origin(tenant, pattern="https://new.example"):
    return Origin(tenant=tenant, pattern=pattern)


def state():
    """Return the counter, the rebuild number, and the stamp of each tenant."""
    value, rebuild = generation.current("default")
    return value, rebuild, dict(Tenant.objects.values_list("slug", "generation"))
