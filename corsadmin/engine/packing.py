"""How a snapshot keeps a tenant: a few shared strings instead of many objects.

A million origins as objects take hundreds of megabytes and slow every garbage collection; as one
joined string per tenant they take about sixty, and a tenant is unpacked when it is first asked for.
"""

import json
from collections.abc import Iterable
from typing import Final, NamedTuple

from corsadmin.engine.policy import Rule, RuleText, stored_rule

PLATFORM: Final = "platform"
_SECTION: Final = "\x1e"
_FIELD: Final = "\t"
_LINE: Final = "\n"

# Slug; "1" or "0" for inheritance, followed by the rules; hosts; literals; grants. A plain tuple
# of strings: the garbage collector stops tracking it, and equal strings are shared by tenants.
Packed = tuple[str, str, str, str, str]


class Grant(NamedTuple):
    """What one origin entry gives: `scope` is a path pattern or blank, times are epoch seconds."""

    credentials: bool
    scope: str = ""
    valid_from: float | None = None
    valid_until: float | None = None


class TenantRecord(NamedTuple):
    """One active tenant as the loader reads it. `rules` comes from pack_rules.

    `literals` and `literals_credentials` are plain origins without conditions; `grants` pairs
    every other pattern with what it gives.
    """

    slug: str
    inherits_platform: bool
    hosts: Iterable[str]
    rules: str
    literals: Iterable[str]
    literals_credentials: Iterable[str]
    grants: Iterable[tuple[str, Grant]]


def pack(record: TenantRecord, shared: dict[str, str]) -> Packed:
    """Pack a tenant. `shared` keeps one copy of each text that many tenants have in common."""
    head = f"{int(record.inherits_platform)}{record.rules}"
    literals = _LINE.join(record.literals)
    credentials = _LINE.join(record.literals_credentials)
    return (
        record.slug,
        shared.setdefault(head, head),
        _LINE.join(record.hosts),
        f"{literals}{_SECTION}{credentials}" if credentials else literals,
        _LINE.join(_pack_grant(pattern, grant) for pattern, grant in record.grants),
    )


def pack_rules(rules: Iterable[RuleText]) -> str:
    """Return the text in which a snapshot keeps path rules: equal rules give equal text."""
    rows = [
        [
            rule.path,
            list(rule.methods),
            list(rule.request_headers),
            list(rule.exposed_headers),
            int(rule.any_origin),
            int(rule.credentials),
            rule.max_age,
            int(rule.refuse_unlisted),
        ]
        for rule in sorted(rules, key=lambda rule: rule.path)
    ]
    return json.dumps(rows, separators=(",", ":")) if rows else ""


def unpack_rules(head: str, *, inherited: bool = False) -> list[Rule]:
    """Compile the rules of a packed tenant's second string."""
    return [
        stored_rule(
            RuleText(
                path=path,
                methods=methods,
                request_headers=request_headers,
                exposed_headers=exposed_headers,
                any_origin=bool(any_origin),
                credentials=bool(credentials),
                max_age=max_age,
                refuse_unlisted=bool(refuse_unlisted),
            ),
            inherited=inherited,
        )
        for (
            path,
            methods,
            request_headers,
            exposed_headers,
            any_origin,
            credentials,
            max_age,
            refuse_unlisted,
        ) in json.loads(head[1:] or "[]")
    ]


def unpack_literals(text: str) -> dict[str, bool]:
    """Return the origins granted without conditions, each with its credentials flag."""
    plain, _, credentials = text.partition(_SECTION)
    literals = dict.fromkeys(plain.split(_LINE), False) if plain else {}
    if credentials:
        literals.update(dict.fromkeys(credentials.split(_LINE), True))
    return literals


def unpack_grants(text: str) -> dict[str, list[Grant]]:
    """Return the entries with conditions or wildcards by their pattern text."""
    grants: dict[str, list[Grant]] = {}
    for line in text.split(_LINE) if text else ():
        pattern, credentials, scope, valid_from, valid_until = line.split(_FIELD)
        grant = Grant(
            credentials == "1",
            scope,
            float(valid_from) if valid_from else None,
            float(valid_until) if valid_until else None,
        )
        grants.setdefault(pattern, []).append(grant)
    return grants


def _pack_grant(pattern: str, grant: Grant) -> str:
    times = ("" if time is None else repr(time) for time in grant[2:])
    return _FIELD.join((pattern, str(int(grant.credentials)), grant.scope, *times))
