"""Policies and requests for engine tests, without a database."""

from corsadmin import engine
from corsadmin.engine import CorsRequest, IndexBuilder, Snapshot, packing
from corsadmin.engine.packing import Allowance
from corsadmin.engine.rules import RuleText

SITE = "https://t.example.net"
APP = "https://app.example.com"
EVIL = "https://evil.example"
PLAIN, CREDENTIALS = Allowance(credentials=False), Allowance(credentials=True)


def record(slug="acme", *, hosts=None, rules=({},), origins=(), inherits=True):
    """Return a packed tenant; `rules` are RuleText fields, `origins` (pattern, Allowance) pairs."""
    texts = [RuleText(**{"path": "/api/", **fields}) for fields in rules]
    plain: list[str] = []
    credentials: list[str] = []
    allowances = []
    for pattern, allowance in origins:
        if "*" in pattern or allowance[1:] != Allowance(credentials=False)[1:]:
            allowances.append((pattern, allowance))
        else:
            (credentials if allowance.credentials else plain).append(pattern)
    rules_text = packing.join_rules(packing.pack_rule(text) for text in texts)
    return packing.pack(
        slug,
        packing.pack_rules_blob(rules_text, inherits=inherits),
        packing.LINE.join([f"{slug}.example.net"] if hosts is None else hosts),
        packing.join_literals(packing.LINE.join(plain), packing.LINE.join(credentials)),
        packing.pack_allowances(allowances),
    )


def snapshot(*records, generation=1, rebuild=0, stops=None):
    """Return a snapshot of these tenants, their primary keys counted from 1.

    `stops` are the emergencies by slug.
    """
    held = dict(enumerate(records, start=1))
    return Snapshot(generation, rebuild, held, stops=stops or {})


def changed(before, records, gone=(), generation=2, stops=None):
    """Return the snapshot after another one: the keys in `gone` left out, then `records` put in.

    The emergencies are the same, or these `stops`.
    """
    draft = IndexBuilder(before.index)
    draft.drop(gone)
    draft.add(list(records), list(records.values()))
    stops = before.stops if stops is None else stops
    return Snapshot(generation, before.rebuild, draft.index(), stops=stops)


def policy(*, rules=({},), origins=(), platform=None, stops=None):
    """Return the policy of the one tenant acme, inheriting from `platform` (a record) if given."""
    acme = record(rules=rules, origins=origins)
    return snapshot(*([acme, platform] if platform else [acme]), stops=stops).policy("acme")


def ask(origin="", *, path="/api/x", method="GET", asks=None, headers=None, site=SITE):
    """Return a request; `asks` and `headers` are what a preflight asks for."""
    return CorsRequest(path, method, origin, asks, headers, site)


def preflight(origin, asks="GET", headers=None, **fields):
    """Return a preflight."""
    return ask(origin, method="OPTIONS", asks=asks, headers=headers, **fields)


def decide(held, request, now=0.0):
    """Return the decision, at the beginning of time unless told otherwise."""
    return engine.decide(held, request, now)
