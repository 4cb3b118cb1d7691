"""How a snapshot keeps a tenant: a few shared strings instead of many objects.

A million origins as objects take hundreds of megabytes and slow every garbage collection; as one
joined string per tenant they take about sixty, and a tenant is unpacked when it is first asked for.
"""

import json
from collections.abc import Iterable
from sys import intern
from typing import Any, Final, NamedTuple

from corsadmin.engine.policy import Rule, RuleText, stored_rule

PLATFORM: Final = "platform"
SECTION: Final = "\x1e"
_FIELD: Final = "\t"
LINE: Final = "\n"

# Slug; "1" or "0" for inheritance, followed by the rules; hosts; literals; grants. A plain tuple
# of strings: the garbage collector stops tracking it, and equal strings are shared by tenants.
Packed = tuple[str, str, str, str, str]


class Grant(NamedTuple):
    """What one origin entry gives: `scope` is a path pattern or blank, times are epoch seconds."""

    credentials: bool
    scope: str = ""
    valid_from: float | None = None
    valid_until: float | None = None

    @property
    def unconditional(self) -> bool:
        """Report whether the entry holds on every path at any time."""
        return not self.scope and self.valid_from is None and self.valid_until is None


def pack(slug: str, head: str, hosts: str, literals: str, grants: str) -> Packed:
    """Pack a tenant. Its parts are texts as the functions below make them, `hosts` one per line."""
    return slug, intern(head), hosts, literals, grants


def pack_head(rules: str, *, inherits: bool) -> str:
    """Return the text of rules from join_rules, and whether the platform's are inherited."""
    return f"{int(inherits)}{rules}"


def join_literals(plain: str, credentials: str) -> str:
    """Return the text of origins without conditions, given one per line in either part."""
    return f"{plain}{SECTION}{credentials}" if credentials else plain


def pack_grants(grants: Iterable[tuple[str, Grant]]) -> str:
    """Return the text of entries with conditions or wildcards."""
    return LINE.join(_pack_grant(pattern, grant) for pattern, grant in grants)


def pack_rule(rule: RuleText) -> str:
    """Return the text of one path rule, for join_rules."""
    return _json(
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
    )


def pack_unreadable_rule(path: str) -> str:
    """Return the text of a path rule of which only the path could be read: it denies there."""
    return _json([path])


def join_rules(texts: Iterable[str]) -> str:
    """Return the text of a tenant's path rules, whatever order they come in."""
    rows = ",".join(sorted(texts))
    return f"[{rows}]" if rows else ""


def unpack_rules(head: str, *, inherited: bool = False) -> list[Rule]:
    """Compile the rules of a packed tenant's second string."""
    return [_unpack_rule(row, inherited) for row in json.loads(head[1:] or "[]")]


def unpack_literals(text: str) -> dict[str, bool]:
    """Return the origins granted without conditions, each with its credentials flag."""
    plain, _, credentials = text.partition(SECTION)
    granted = dict.fromkeys(credentials.split(LINE), True) if credentials else {}
    if not plain:
        return granted
    literals = dict.fromkeys(plain.split(LINE), False)
    literals.update(granted)
    return literals


def literal_in(text: str, origin: str) -> bool | None:
    """Return what unpack_literals(text).get(origin) does, for a text that is short."""
    if origin not in text:
        return None
    plain, _, credentials = text.partition(SECTION)
    line = f"{LINE}{origin}{LINE}"
    if line in f"{LINE}{credentials}{LINE}":
        return True
    return False if line in f"{LINE}{plain}{LINE}" else None


def unpack_grants(text: str) -> dict[str, list[Grant]]:
    """Return the entries with conditions or wildcards by their pattern text."""
    grants: dict[str, list[Grant]] = {}
    for line in text.split(LINE) if text else ():
        pattern, credentials, scope, valid_from, valid_until = line.split(_FIELD)
        grant = Grant(
            credentials == "1",
            scope,
            float(valid_from) if valid_from else None,
            float(valid_until) if valid_until else None,
        )
        grants.setdefault(pattern, []).append(grant)
    return grants


def count_origins(packed: Packed) -> int:
    """Return how many origin entries a packed tenant has."""
    plain, _, credentials = packed[3].partition(SECTION)
    return sum(text.count(LINE) + 1 for text in (plain, credentials, packed[4]) if text)


def _pack_grant(pattern: str, grant: Grant) -> str:
    times = ("" if time is None else repr(time) for time in grant[2:])
    return _FIELD.join((pattern, str(int(grant.credentials)), grant.scope, *times))


def _unpack_rule(row: list[Any], inherited: bool) -> Rule:  # noqa: FBT001 (handed through)
    if len(row) == 1:
        return Rule(path=row[0], inherited=inherited, invalid=True)
    path, methods, request_headers, exposed_headers, any_origin, credentials, max_age, refuse = row
    text = RuleText(
        path=path,
        methods=methods,
        request_headers=request_headers,
        exposed_headers=exposed_headers,
        any_origin=bool(any_origin),
        credentials=bool(credentials),
        max_age=max_age,
        refuse_unlisted=bool(refuse),
    )
    return stored_rule(text, inherited=inherited)


def _json(row: list[Any]) -> str:
    return json.dumps(row, separators=(",", ":"))
