"""Read the stored policies into a snapshot: all of them, or only the tenants that changed.

The counter is read before the rows, in one transaction that sees one state of the database, so a
snapshot is never older than the number it carries.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connections, transaction
from django.db.models import Model, QuerySet

from corsadmin import gate, generation
from corsadmin.engine import (
    Grant,
    OriginText,
    Packed,
    RuleText,
    Snapshot,
    TenantRecord,
    check_origin,
    pack,
    pack_rules,
)
from corsadmin.models import Origin, PathRule, Tenant, TenantHost

_KEYS_IN_A_QUERY = 500
Origins = tuple[list[str], list[str], list[tuple[str, Grant]]]  # plain, with credentials, others


def load(using: str, known: Snapshot | None = None) -> Snapshot:
    """Return a snapshot of what is stored now.

    With a `known` snapshot only tenants stamped since then are read, unless the counter says that
    everything must be. Returns `known` itself when nothing changed. Raises the database's error.
    """
    with one_state(using):
        value, rebuild = generation.current(using)
        if known is None or rebuild != known.rebuild or value < known.generation:
            return Snapshot(value, rebuild, _read(using, None))
        if value == known.generation:
            return known
        rows = _rows(Tenant, using).filter(generation__gt=known.generation)
        stamped = list(rows.values_list("pk", flat=True))
        records: dict[int, Packed] = {}
        for start in range(0, len(stamped), _KEYS_IN_A_QUERY):
            records.update(_read(using, stamped[start : start + _KEYS_IN_A_QUERY]))
    return known.changed(value, records, [key for key in stamped if key not in records])


@contextmanager
def one_state(using: str) -> Iterator[None]:
    """Open a transaction in which every query sees the same state of the database."""
    connection = connections[using]
    fresh = not connection.in_atomic_block
    with transaction.atomic(using=using):
        if fresh and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _read(using: str, keys: list[int] | None) -> dict[int, Packed]:
    """Pack the active tenants with these primary keys, or all of them."""
    tenants = _rows(Tenant, using).filter(is_active=True)
    if keys is not None:
        tenants = tenants.filter(pk__in=keys)
    rules = _read_rules(using, keys)
    hosts = _read_hosts(using, keys)
    shared: dict[str, str] = {}
    packed: dict[int, Packed] = {}
    origins = _Cursor(_read_origins(using, keys))
    rows = tenants.order_by("pk").values_list("pk", "slug", "inherits_platform")
    for key, slug, inherits in rows.iterator():
        plain, credentials, grants = origins.take(key)
        record = TenantRecord(
            slug, inherits, hosts.pop(key, ()), rules.get(key, ""), plain, credentials, grants
        )
        packed[key] = pack(record, shared)
    return packed


class _Cursor:
    """Walk two sorted streams side by side, so that origins are never all in memory at once."""

    def __init__(self, groups: Iterator[tuple[int, Origins]]) -> None:
        self._groups = groups
        self._next = next(groups, None)

    def take(self, key: int) -> Origins:
        """Return the origins of a tenant; keys must be asked for in ascending order."""
        while self._next is not None and self._next[0] < key:
            self._next = next(self._groups, None)
        if self._next is None or self._next[0] != key:
            return [], [], []
        return self._next[1]


def _read_rules(using: str, keys: list[int] | None) -> dict[int, str]:
    texts: dict[int, list[RuleText]] = defaultdict(list)
    for row in _of(PathRule, using, keys).filter(enabled=True).iterator():
        texts[row.tenant_id].append(gate.rule_text(row))
    return {key: pack_rules(rules) for key, rules in texts.items()}


def _read_hosts(using: str, keys: list[int] | None) -> dict[int, list[str]]:
    hosts: dict[int, list[str]] = defaultdict(list)
    rows = _of(TenantHost, using, keys).order_by("host").values_list("tenant_id", "host")
    for key, host in rows.iterator():
        if host.isprintable():
            hosts[key].append(host)
    return hosts


def _read_origins(using: str, keys: list[int] | None) -> Iterator[tuple[int, Origins]]:
    """Yield each tenant's enabled entries, tenants in ascending order."""
    rows = _of(Origin, using, keys).filter(enabled=True).order_by("tenant_id", "pattern", "scope")
    entries = rows.values_list(
        "tenant_id",
        "pattern",
        "credentials",
        "risk_accepted",
        "scope",
        "valid_from",
        "valid_until",
    ).iterator()
    for key, group in groupby(entries, itemgetter(0)):
        found: Origins = ([], [], [])
        for _key, pattern, credentials, risk_accepted, scope, valid_from, valid_until in group:
            plain = not scope and valid_from is None and valid_until is None
            if plain and "*" not in pattern and not (credentials and pattern.startswith("http:")):
                # No grammar check here: only a well-formed origin is ever looked up, so a row
                # that is none matches nothing. Separators would, once the rows are joined.
                if pattern.isprintable():
                    found[1 if credentials else 0].append(pattern)
                continue
            text = OriginText(
                pattern=pattern,
                credentials=credentials,
                scope=scope,
                valid_from=gate.epoch(valid_from),
                valid_until=gate.epoch(valid_until),
                risk_accepted=risk_accepted,
            )
            if not check_origin(text):
                grant = Grant(credentials, scope, text.valid_from, text.valid_until)
                found[2].append((pattern, grant))
        yield key, found


def _of(model: type[Model], using: str, keys: list[int] | None) -> QuerySet[Any]:
    rows = _rows(model, using)
    return rows if keys is None else rows.filter(tenant_id__in=keys)


def _rows(model: type[Model], using: str) -> QuerySet[Any]:
    # Unordered, and of the database the writes go to, whatever the routers say of reading.
    return QuerySet(model, using=using).order_by()
