"""What the tests of freshness ask of a snapshot."""

from typing import Any

from django.db import connection

from corsadmin.engine import CorsRequest, Snapshot, decide
from corsadmin.engine.packing import Packed
from corsadmin.models import Tenant
from corsadmin.models.counter import current_generation
from corsadmin.serving.store import Store
from tests.databases import wait_until

SITE = "https://acme.example.net"


def allowed(snapshot: Snapshot, origin: str, tenant: str = "acme", path: str = "/api/x") -> bool:
    found: bool = decision(snapshot, origin, tenant, path).allowed
    return found


def decision(snapshot: Snapshot, origin: str, tenant: str = "acme", path: str = "/api/x") -> Any:
    asked = CorsRequest(path, "GET", origin, None, None, SITE)
    return decide(snapshot.policy_of_host(f"{tenant}.example.net"), asked, 0.0)


def contents(snapshot: Snapshot) -> tuple[Any, ...]:
    """Everything a snapshot holds, comparable."""
    index = snapshot.index
    slugs = {slug: _sorted(packed) for slug, packed in index.slugs.items()}
    return (
        {key: _sorted(packed) for key, packed in index.records.items()},
        {host: _sorted(packed) for host, packed in index.hosts.items()},
        slugs,
        index.platform,
        snapshot.generation,
        snapshot.rebuild,
        snapshot.mark,
        dict(snapshot.stops),
    )


def _sorted(packed: Packed) -> tuple[Any, ...]:
    """A packed tenant whose lines are in order: databases join them in any."""
    slug, rules_blob, hosts, literals, allowances = packed
    sections = [sorted(section.split("\n")) for section in literals.split("\x1e")]
    return slug, rules_blob, sorted(hosts.split("\n")), sections, sorted(allowances.split("\n"))


def packed(snapshot: Snapshot, tenant: Tenant) -> Packed:
    found = snapshot.index.records.get(tenant.pk)
    assert found is not None
    return found


def execute(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def sees(held: Store, origin: str) -> bool:
    view = held.current()
    return view.snapshot is not None and allowed(view.snapshot, origin)


def counter() -> int:
    return current_generation("default")[0]


def polls(held: Store, count: int = 3) -> None:
    """Wait until the refresher has looked again, a few times."""
    for _ in range(count):
        before = confirmed(held)
        wait_until(lambda before=before: confirmed(held) > before, 10)  # type: ignore[misc]


def confirmed(held: Store) -> float:
    """Return when a store last knew that it is up to date, by its own clock."""
    return held._freshness.confirmed or 0.0
