"""What callers really did: recorded beside requests, looked at by a thread, kept in tables."""

from time import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corsadmin.engine import TenantPolicy
    from corsadmin.models import Tenant
    from corsadmin.sightings.impacts import Impact

__all__ = ["flush", "impact"]


def flush() -> None:
    """Drain and write all that this process holds, now: for tests and scripts.

    It uses this thread's connection. What cannot be written is forgotten and counted, as ever.
    """
    from corsadmin.sightings.process import process_sightings  # noqa: PLC0415 (Django must be ready)

    process_sightings.flush()


def impact(
    before: "TenantPolicy | None", after: "TenantPolicy | None", tenant: "Tenant"
) -> "Impact":
    """Return what one policy answers differently from another of what was seen of a tenant.

    Everything that was seen in the last 7 days is put to both, as it would be answered now. A policy
    of None answers nobody. Both must hold every entry that could cover what was seen, as those of a
    process's snapshot do: `corsadmin.engine.Snapshot.policy(slug)`. It is empty where nothing was
    seen, and where nobody can say what was.
    """
    from corsadmin.sightings.comparing import compare_seen  # noqa: PLC0415 (Django must be ready)
    from corsadmin.sightings.recent_rows import read_one  # noqa: PLC0415 (Django must be ready)
    from corsadmin.tenants import reach  # noqa: PLC0415 (Django must be ready)

    return compare_seen(before, after, read_one(tenant), time(), within=reach(tenant.slug))
