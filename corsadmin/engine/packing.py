"""How a snapshot keeps a tenant: a few shared strings (docs/decisions/packed-tenants.md)."""

import json
from collections.abc import Iterable, Sequence
from sys import intern
from typing import Any, Final, NamedTuple

from corsadmin.engine.path_table import PathTable
from corsadmin.engine.rules import Rule, RuleText, stored_rule

PLATFORM: Final = "platform"
SECTION: Final = "\x1e"
_FIELD: Final = "\t"
LINE: Final = "\n"
_EDGES: Final = LINE + SECTION

RuleTable = PathTable[Rule]
# A plain tuple: the garbage collector would track a named one. The rules blob is "1" or "0" for
# inheritance and the path rules; literals are origins without conditions; allowances the others.
Packed = tuple[str, str, str, str, str]
SLUG: Final = 0
RULES_BLOB: Final = 1
HOSTS: Final = 2
LITERALS: Final = 3
ALLOWANCES: Final = 4


class Allowance(NamedTuple):
    """What one origin entry allows: `scope` is a path pattern or blank, times are epoch seconds."""

    credentials: bool
    scope: str = ""
    valid_from: float | None = None
    valid_until: float | None = None

    @property
    def unconditional(self) -> bool:
        """Report whether the entry holds on every path at any time."""
        return not self.scope and self.valid_from is None and self.valid_until is None


def pack(slug: str, rules_blob: str, hosts: str, literals: str, allowances: str) -> Packed:
    """Pack a tenant. Its parts are texts as the functions below make them, `hosts` one per line."""
    return slug, intern(rules_blob), hosts, literals, allowances


def pack_rules_blob(rules: str, *, inherits: bool) -> str:
    """Return the text of rules from join_rules, and whether the platform's are inherited."""
    return f"{int(inherits)}{rules}"


def inherits(rules_blob: str) -> bool:
    """Report whether a tenant with this rules blob inherits the platform's rules and entries."""
    return rules_blob[0] == "1"


def join_literals(plain: str, credentials: str) -> str:
    """Return the text of origins without conditions, given one per line in either part."""
    return f"{plain}{SECTION}{credentials}" if credentials else plain


def pack_allowances(allowances: Iterable[tuple[str, Allowance]]) -> str:
    """Return the text of entries with conditions or wildcards."""
    return LINE.join(_pack_allowance(pattern, allowance) for pattern, allowance in allowances)


def pack_rule(rule: RuleText) -> str:
    """Return the text of one path rule, for join_rules."""
    return _json(
        [
            rule.path,
            list(rule.methods),
            list(rule.request_headers),
            list(rule.exposed_headers),
            int(rule.exclusive),
            int(rule.any_origin),
            int(rule.credentials),
            rule.max_age,
            int(rule.refuse_unlisted),
        ]
    )


def pack_unreadable_rule(path: str) -> str:
    """Return the text of a path rule that is unreadable but for its path: it denies there."""
    return _json([path])


def join_rules(texts: Iterable[str]) -> str:
    """Return the text of a tenant's path rules, the same for any order of them."""
    rows = ",".join(sorted(texts))
    return f"[{rows}]" if rows else ""


def unpack_rules(rules_blob: str, *, inherited: bool = False) -> list[Rule]:
    """Compile the rules in a rules blob."""
    return [_unpack_rule(row, inherited) for row in json.loads(rules_blob[1:] or "[]")]


def unpack_rule_table(rules_blob: str, inherited: Iterable[Rule] = ()) -> RuleTable:
    """Compile a rules blob into a table; `inherited` are the platform's rules, for its heirs."""
    rules = {rule.path: rule for rule in inherited} if inherits(rules_blob) else {}
    rules.update((rule.path, rule) for rule in unpack_rules(rules_blob))
    return RuleTable(rules)


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
    """Return unpack_literals(text).get(origin), faster for a short text."""
    # From the end: if an origin is in both parts, the one with credentials counts.
    place, end = text.rfind(origin), len(text)
    while place != -1:
        after = place + len(origin)
        if (place == 0 or text[place - 1] in _EDGES) and (after == end or text[after] in _EDGES):
            return text.find(SECTION, 0, place) != -1
        place = text.rfind(origin, 0, after - 1)
    return None


def unpack_allowances(text: str) -> dict[str, list[Allowance]]:
    """Return the entries with conditions or wildcards by their pattern text."""
    allowances: dict[str, list[Allowance]] = {}
    for line in text.split(LINE) if text else ():
        pattern, credentials, scope, valid_from, valid_until = line.split(_FIELD)
        allowance = Allowance(
            credentials == "1",
            scope,
            float(valid_from) if valid_from else None,
            float(valid_until) if valid_until else None,
        )
        allowances.setdefault(pattern, []).append(allowance)
    return allowances


def hosts_of(packed: Packed) -> Sequence[str]:
    """Return the hosts of a packed tenant."""
    hosts = packed[HOSTS]
    if LINE in hosts:
        return hosts.split(LINE)
    return (hosts,) if hosts else ()  # the record's own text: no second copy


def count_origins(packed: Packed) -> int:
    """Return how many origin entries a packed tenant has."""
    plain, _, credentials = packed[LITERALS].partition(SECTION)
    return sum(text.count(LINE) + 1 for text in (plain, credentials, packed[ALLOWANCES]) if text)


def _pack_allowance(pattern: str, allowance: Allowance) -> str:
    times = ("" if time is None else repr(time) for time in allowance[2:])
    return _FIELD.join((pattern, str(int(allowance.credentials)), allowance.scope, *times))


def _unpack_rule(row: list[Any], inherited: bool) -> Rule:  # noqa: FBT001 (handed through)
    if len(row) == 1:
        return Rule(path=row[0], inherited=inherited, invalid=True)
    path, *lists, exclusive, any_origin, credentials, max_age, refuse = row
    methods, request_headers, exposed_headers = lists
    text = RuleText(
        path=path,
        methods=methods,
        request_headers=request_headers,
        exposed_headers=exposed_headers,
        exclusive=bool(exclusive),
        any_origin=bool(any_origin),
        credentials=bool(credentials),
        max_age=max_age,
        refuse_unlisted=bool(refuse),
    )
    return stored_rule(text, inherited=inherited)


def _json(row: Sequence[object]) -> str:
    return json.dumps(row, separators=(",", ":"))
