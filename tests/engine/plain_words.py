"""The rules of a decision as the documents say them, slow and plain: what `decide` must answer.

It shares nothing with the engine but the grammar of a website's origin. Paths are judged by regular
expressions, and whether a scope lies within a path by asking both about many paths.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from corsadmin.engine import CorsRequest, Reason
from corsadmin.engine.hosts import is_ip
from corsadmin.engine.origins import parse_origin
from corsadmin.engine.packing import Allowance

# Every name that patterns of the tests hold, one that none does, and what stands between two slashes.
NAMES = ("a", "b", "api", "other", "")
PATHS = [f"/{'/'.join(names)}" for length in range(5) for names in product(NAMES, repeat=length)]
WEBSITES = frozenset({"http", "https", "ws", "wss", "ftp", "file"})
NOBODYS = WEBSITES | {"about", "blob", "data", "filesystem", "javascript"}
APPLICATION = re.compile(r"([a-z][a-z0-9+.-]*)://[A-Za-z0-9._~-]{1,253}(:[1-9][0-9]{0,4})?")
# The nearest last.
NEARNESS = [
    Reason.ORIGIN_NOT_LISTED,
    Reason.ORIGIN_OUT_OF_SCOPE,
    Reason.ORIGIN_NOT_YET_VALID,
    Reason.ORIGIN_EXPIRED,
]

Entry = tuple[str, Allowance]


class Level(NamedTuple):
    """What a tenant or the platform holds; rules are fields of RuleText."""

    rules: list[dict[str, Any]]
    entries: list[Entry]


class Answer(NamedTuple):
    """What matters of a decision."""

    reason: Reason
    rule: str = ""
    origin: str = ""
    credentials: bool = False
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


@cache
def path_regex(pattern: str) -> re.Pattern[str]:
    ends = "" if pattern.endswith("/{$}") or not pattern.endswith("/") else ".*"
    names = pattern.removesuffix("{$}").split("/")
    return re.compile("/".join("[^/]+" if one == "*" else re.escape(one) for one in names) + ends)


def covers(pattern: str, path: str) -> bool:
    has_dots = not {".", ".."}.isdisjoint(path.split("/"))
    return not has_dots and path_regex(pattern).fullmatch(path) is not None


@cache
def lies_within(scope: str, path: str) -> bool:
    return all(covers(path, one) for one in PATHS if covers(scope, one))


def rank(pattern: str) -> list[tuple[int, int]]:
    """Return what sorts patterns that cover one path: name by name, then how they end."""
    ending = 1 if pattern.endswith("{$}") else 2 if pattern.endswith("/") else 0
    names = (
        pattern.removesuffix("{$}").rstrip("/").split("/")[1:] if ending else pattern.split("/")[1:]
    )
    # What goes on comes before what ends: its next name sorts before an ending.
    return [*((0, int(name == "*")) for name in names), (1, ending)]


def is_origin(text: str) -> bool:
    found = APPLICATION.fullmatch(text)
    if found and found[1] not in NOBODYS:
        return int((found[2] or ":0")[1:]) <= 65_535
    return text.partition("://")[0] in WEBSITES and parse_origin(text) is not None


def matches(pattern: str, origin: str) -> bool:
    scheme, _, authority = pattern.partition("://")
    if scheme not in WEBSITES:
        hosts = "[A-Za-z0-9._~-]+" if authority == "*" else re.escape(authority)
        return re.fullmatch(f"{re.escape(scheme)}://{hosts}", origin) is not None
    host = authority.removesuffix(":*")
    port = "(:[0-9]+)?" if host != authority else ""
    labels = r"([a-z0-9_-]+\.)+" if host.startswith("*.") else ""
    rest = re.escape(host.removeprefix("*.")).replace(r"\*", "[a-z0-9_-]+")
    fits = re.fullmatch(f"{scheme}://{labels}{rest}{port}", origin) is not None
    _scheme, name, _port = parse_origin(origin) or ("", "", "")
    return fits and not ("*" in host and is_ip(name))


def verdicts(
    levels: list[Level], rule: dict[str, Any], request: CorsRequest, now: float
) -> Iterator[tuple[Reason, bool]]:
    """Yield what each entry that counts says, and whether it has credentials."""
    for level in levels:
        for pattern, one in level.entries:
            if not matches(pattern, request.origin):
                continue
            if rule["exclusive"] and not lies_within(one.scope or "/", rule["path"]):
                continue
            reasons = {
                Reason.ORIGIN_OUT_OF_SCOPE: bool(one.scope) and not covers(one.scope, request.path),
                Reason.ORIGIN_NOT_YET_VALID: one.valid_from is not None and now < one.valid_from,
                Reason.ORIGIN_EXPIRED: one.valid_until is not None and now >= one.valid_until,
            }
            yield (
                next((one for one, holds in reasons.items() if holds), Reason.ALLOWED),
                one.credentials,
            )


def refusal(rule: dict[str, Any], request: CorsRequest, names: list[str]) -> Reason | None:
    """Return what the rule refuses of a preflight."""
    method = request.requested_method
    if method not in {"GET", "HEAD", "POST", *rule["methods"]} and "*" not in rule["methods"]:
        return Reason.METHOD_NOT_ALLOWED
    starred = {*names} if "*" in rule["request_headers"] else set[str]()
    if not rule["credentials"]:
        starred -= {"authorization"}
    return Reason.HEADER_NOT_ALLOWED if {*names} - starred - {*rule["request_headers"]} else None


def listed(values: tuple[str, ...], asked: list[str], *, credentials: bool) -> tuple[str, ...]:
    """Return a list as a preflight's answer names it."""
    if not credentials or "*" not in values:
        return values
    return tuple(dict.fromkeys([*(one for one in values if one != "*"), *asked]))


def answer(levels: list[Level], request: CorsRequest, now: float) -> Answer:
    """Return what a tenant answers; its own level comes first."""
    found = [rule for level in levels for rule in level.rules if covers(rule["path"], request.path)]
    if not found:
        return Answer(Reason.NO_RULE)
    rule = min(found, key=lambda one: rank(one["path"]))  # of two alike the first: the tenant's
    path = rule["path"]
    if rule["any_origin"]:
        reason, granted, origin = Reason.ALLOWED, False, "*"
    elif not is_origin(request.origin):
        return Answer(Reason.ORIGIN_MALFORMED, path)
    else:
        said = [*verdicts(levels, rule, request, now)]
        allowed = [credentials for one, credentials in said if one is Reason.ALLOWED]
        nearest = max(
            (one for one, _ in said if one in NEARNESS), key=NEARNESS.index, default=NEARNESS[0]
        )
        if not allowed:
            return Answer(nearest, path)
        reason, granted, origin = (
            Reason.ALLOWED,
            rule["credentials"] and any(allowed),
            request.origin,
        )
    if request.requested_method is None:
        return Answer(reason, path, origin, granted)
    names = list(filter(None, (request.requested_headers or "").split(",")))
    refused = refusal(rule, request, names)
    if refused:
        return Answer(refused, path)
    asks = {"credentials": rule["credentials"]}
    methods = listed(rule["methods"], [request.requested_method], **asks)
    return Answer(
        reason, path, origin, granted, methods, listed(rule["request_headers"], names, **asks)
    )
