"""The currently stored policies, for pages that call the evaluator."""

from collections.abc import Collection

from corsadmin.engine import Snapshot
from corsadmin.models.database import alias_for_writing
from corsadmin.serving import loader
from corsadmin.serving.store import process_store


def stored_snapshot(keys: Collection[int] | None) -> Snapshot:
    """Return a snapshot of the stored policies of these tenants, or of all for None.

    The snapshot includes the platform, and does not know any other tenant.
    """
    stored = loader.load(alias_for_writing(), process_store.current().snapshot)
    if keys is None:
        return stored
    wanted = set(keys)
    if stored.index.platform is not None:
        wanted.add(stored.index.platform)
    active = ((key, stored.index.records.get(key)) for key in wanted)
    records = {key: packed for key, packed in active if packed is not None}
    return Snapshot(stored.generation, stored.rebuild, records, stops=stored.stops)
