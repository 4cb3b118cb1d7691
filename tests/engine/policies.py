"""Policies and requests for engine tests, without a database."""

from corsadmin.engine import (
    CorsRequest,
    Grant,
    RuleText,
    Snapshot,
    TenantRecord,
    pack,
    pack_rules,
)

SITE = "https://t.example.net"


def record(slug="acme", *, hosts=None, rules=({},), origins=(), inherits=True):
    """Return a tenant record; `rules` are RuleText fields, `origins` (pattern, Grant) pairs."""
    texts = [RuleText(**{"path": "/api/", **fields}) for fields in rules]
    plain: list[str] = []
    credentials: list[str] = []
    grants = []
    for pattern, grant in origins:
        if "*" in pattern or grant[1:] != Grant(credentials=False)[1:]:
            grants.append((pattern, grant))
        else:
            (credentials if grant.credentials else plain).append(pattern)
    return TenantRecord(
        slug,
        inherits,
        [f"{slug}.example.net"] if hosts is None else hosts,
        pack_rules(texts),
        plain,
        credentials,
        grants,
    )


def snapshot(*records, generation=1, rebuild=0):
    """Return a snapshot of these tenants, their primary keys counted from 1."""
    shared: dict[str, str] = {}
    packed = {key: pack(row, shared) for key, row in enumerate(records, start=1)}
    return Snapshot(generation, rebuild, packed)


def policy(*, rules=({},), origins=(), platform=None):
    """Return the policy of the one tenant acme, inheriting from `platform` (a record) if given."""
    acme = record(rules=rules, origins=origins)
    return snapshot(*([acme, platform] if platform else [acme])).policy("acme")


def ask(origin="", *, path="/api/x", method="GET", asks=None, headers=None, site=SITE, now=0.0):
    """Return a request; `asks` and `headers` are what a preflight asks for."""
    return CorsRequest(path, method, origin, asks, headers, site, now)


def preflight(origin, asks="GET", headers=None, **fields):
    """Return a preflight."""
    return ask(origin, method="OPTIONS", asks=asks, headers=headers, **fields)
