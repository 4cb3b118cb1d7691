"""Policies and requests for engine tests, without a database."""

from corsadmin.engine import CorsRequest, Grant, RuleText, Snapshot, packing
from corsadmin.engine.index import Draft

SITE = "https://t.example.net"
APP = "https://app.example.com"
EVIL = "https://evil.example"
PLAIN, CREDENTIALS = Grant(credentials=False), Grant(credentials=True)


def record(slug="acme", *, hosts=None, rules=({},), origins=(), inherits=True):
    """Return a packed tenant; `rules` are RuleText fields, `origins` (pattern, Grant) pairs."""
    texts = [RuleText(**{"path": "/api/", **fields}) for fields in rules]
    plain: list[str] = []
    credentials: list[str] = []
    grants = []
    for pattern, grant in origins:
        if "*" in pattern or grant[1:] != Grant(credentials=False)[1:]:
            grants.append((pattern, grant))
        else:
            (credentials if grant.credentials else plain).append(pattern)
    rules_text = packing.join_rules(packing.pack_rule(text) for text in texts)
    return packing.pack(
        slug,
        packing.pack_head(rules_text, inherits=inherits),
        packing.LINE.join([f"{slug}.example.net"] if hosts is None else hosts),
        packing.join_literals(packing.LINE.join(plain), packing.LINE.join(credentials)),
        packing.pack_grants(grants),
    )


def snapshot(*records, generation=1, rebuild=0):
    """Return a snapshot of these tenants, their primary keys counted from 1."""
    return Snapshot(generation, rebuild, dict(enumerate(records, start=1)))


def changed(before, records, gone=(), generation=2):
    """Return the snapshot after another one: the keys in `gone` left out, then `records` put in."""
    draft = Draft(before.index)
    draft.drop(gone)
    draft.add(list(records), list(records.values()))
    return before.changed(generation, draft.index(), {*records, *gone})


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
