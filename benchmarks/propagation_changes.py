"""Changes of every kind: each either lets one origin in or keeps it out."""

import io
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from django.core.management import call_command
from django.db import connection, transaction

import corsadmin
from corsadmin.models import Origin, PathRule, Tenant, TenantHost

HOST: Final = "acme.example.net"
PATH: Final = "/api/"
Change = Callable[[Tenant, str], object]


def prepare() -> None:
    """Fill the tables with a tenant that is changed and a hundred that are not."""
    call_command("migrate", verbosity=0)
    for number in range(100):
        tenant = Tenant.objects.create(slug=f"tenant-{number}")
        TenantHost.objects.create(tenant=tenant, host=f"t{number}.example.net")
        Origin.objects.create(tenant=tenant, pattern=f"https://app{number}.example.com")
    acme = Tenant.objects.create(slug="acme")
    TenantHost.objects.create(tenant=acme, host=HOST)
    PathRule.objects.create(tenant=acme, path=PATH)


def _create(acme: Tenant, origin: str) -> None:
    Origin.objects.create(tenant=acme, pattern=origin)


def _bulk_create(acme: Tenant, origin: str) -> None:
    Origin.objects.bulk_create([Origin(tenant=acme, pattern=origin)])


def _delete(acme: Tenant, origin: str) -> None:
    Origin.objects.get(tenant=acme, pattern=origin).delete()


def _bulk_update(acme: Tenant, origin: str) -> None:
    found = Origin.objects.get(tenant=acme, pattern=origin)
    found.enabled = True
    Origin.objects.bulk_update([found], ["enabled"])


def _rename_host(before: str, after: str) -> Change:
    def rename(acme: Tenant, _origin: str) -> None:
        host = acme.hosts.get(host=before)
        host.host = after
        host.save()

    return rename


def _save_rule(acme: Tenant, _origin: str) -> None:
    rule = acme.paths.get()
    rule.enabled = False
    rule.save()


def _raw_sql(_acme: Tenant, origin: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE corsadmin_origin SET enabled = false WHERE pattern = %s", [origin])
        corsadmin.announce()


def _import(_acme: Tenant, origin: str) -> None:
    # The entry is disabled, and what a file does not say of a stored row stays as it is.
    entry = {"pattern": origin, "enabled": True}
    document = {"version": 1, "tenants": [{"slug": "acme", "origins": [entry]}]}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "policies.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        call_command("cors_import", str(file), stdout=io.StringIO())


# Every second one allows. What it is called, whether it allows, what it does.
CHANGES: Final[list[tuple[str, bool, Change]]] = [
    ("save of a new origin", True, _create),
    ("queryset.update of an origin", False, lambda acme, _: acme.origins.update(enabled=False)),
    ("bulk_update of an origin", True, _bulk_update),
    ("delete of an origin", False, _delete),
    ("bulk_create of an origin", True, _bulk_create),
    ("save of a path rule", False, _save_rule),
    ("queryset.update of a path rule", True, lambda acme, _: acme.paths.update(enabled=True)),
    ("queryset.update of a tenant", False, lambda *_: _activate(active=False)),
    ("queryset.update of a tenant back", True, lambda *_: _activate(active=True)),
    ("rename of a host", False, _rename_host(HOST, "gone.example.net")),
    ("rename of a host back", True, _rename_host("gone.example.net", HOST)),
    ("raw SQL and announce()", False, _raw_sql),
    ("import of a file", True, _import),
    ("queryset.delete of origins", False, lambda acme, _: acme.origins.all().delete()),
]


def _activate(*, active: bool) -> None:
    Tenant.objects.filter(slug="acme").update(is_active=active)


def origin_of(number: int) -> str:
    """Return the origin that a change is about: one for each round of changes."""
    return f"https://n{number // len(CHANGES)}.example.com"


def commit(number: int) -> float:
    """Commit the change of this number; return when the database had it."""
    _name, _allows, change = CHANGES[number % len(CHANGES)]
    acme = Tenant.objects.get(slug="acme")
    line: Any = connection
    commits: list[float] = []
    send = line._commit

    def timed() -> None:
        send()
        commits.append(time.monotonic())

    # Not when the change returns: what follows a commit, such as a hint to Redis, takes time too.
    line._commit = timed
    try:
        change(acme, origin_of(number))
    finally:
        line._commit = send
    return commits[-1]
