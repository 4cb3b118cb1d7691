"""What callers really did: recorded beside requests, examined by a thread, kept in tables."""

from time import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corsadmin.engine import TenantPolicy
    from corsadmin.models import Tenant
    from corsadmin.sightings.impacts import Impact

__all__ = ["flush", "impact"]


def flush() -> None:
    """Drain and write everything that this process holds now, for tests and scripts.

    It uses this thread's connection. As always, rows that cannot be written are forgotten and
    counted.
    """
    from corsadmin.sightings.process import process_sightings  # noqa: PLC0415 (Django must be ready)

    process_sightings.flush()


def impact(
    before: "TenantPolicy | None", after: "TenantPolicy | None", tenant: "Tenant"
) -> "Impact":
    """Return how two policies of a tenant would answer differently what was seen of it.

    Both policies decide, as of now, everything that was seen in the last 7 days. A policy of None
    allows nobody. Both must have every entry that could cover what was seen, as the policies of a
    snapshot do: `corsadmin.engine.Snapshot.policy(slug)`. The impact is empty if nothing was seen,
    or if the sightings cannot be read.
    """
    from corsadmin.sightings.comparing import compare_seen  # noqa: PLC0415 (Django must be ready)
    from corsadmin.sightings.recent_rows import read_one  # noqa: PLC0415 (Django must be ready)
    from corsadmin.tenants import reach  # noqa: PLC0415 (Django must be ready)

    return compare_seen(before, after, read_one(tenant), time(), within=reach(tenant.slug))
