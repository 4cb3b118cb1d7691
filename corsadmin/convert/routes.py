"""Turn routes of another program, with their CORS policies, into rules that open no other path."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from corsadmin.convert.conversion import Conversion
from corsadmin.convert.cors_policy import CorsPolicy, Origins
from corsadmin.convert.scopes import add_scoped_origins, decides_before
from corsadmin.engine.paths import ALONE, check_path, lies_within, overlaps, specificity
from corsadmin.transfer.formats.document_source import BrokenTextError

MAX_PATHS: Final = 1_000  # each is compared with all others


@dataclass(frozen=True, slots=True)
class Route:
    """Paths that another program treats alike; without a policy they are closed.

    `what` names the route in remarks. The route also takes paths that begin with `beyond` and that no
    pattern of ours covers. `around` are patterns that cover at least its other paths. The program
    tries a `first` route before routes with longer paths, unless these are `firm` or among `after`,
    the patterns that come before it. `bounded` is how to write the route without paths beyond.
    """

    what: str
    policy: CorsPolicy | None
    patterns: tuple[str, ...] = ()
    beyond: str = ""
    around: tuple[str, ...] = ()
    first: bool = False
    firm: bool = False
    after: frozenset[str] = frozenset()
    bounded: str = ""


def prefix_patterns(prefix: str) -> tuple[tuple[str, ...], str]:
    """Return the patterns for all paths that begin with a prefix, and the `beyond` of the route."""
    if prefix.endswith("/"):
        return ((prefix,), "") if _is_literal(prefix) else ((), prefix)
    patterns = (prefix, f"{prefix}/")
    return tuple(one for one in patterns if _is_literal(one)), prefix


def path_pattern(path: str) -> str:
    """Return the pattern for a single path without those below it, blank if there is none."""
    if not _is_literal(path):
        return ""
    return path + ALONE if path.endswith("/") else path


def enclosing_patterns(path: str) -> tuple[str, ...]:
    """Return the narrowest prefix pattern that covers a path, if there is one."""
    parents = (path[: at + 1] for at in range(len(path) - 1, -1, -1) if path[at] == "/")
    return tuple(islice(filter(_is_literal, parents), 1))


def _is_literal(path: str) -> bool:
    """Report whether a path is also a pattern in which each character means itself."""
    return {"*", "{"}.isdisjoint(path) and check_path(path) is None


def convert_routes(conversion: Conversion, routes: Iterable[Route]) -> None:
    """Add the path rules and origin entries of routes; close paths where routes contradict.

    Raises BrokenTextError for more than MAX_PATHS routes or paths.
    """
    every = list(islice(routes, MAX_PATHS + 1))
    check_count(len(every))
    found = _policies(conversion, every)
    firm = frozenset(pattern for route in every if route.firm for pattern in route.patterns)
    for route in every:
        for pattern, why in (*_beyond(route, found), *_inside(route, found, firm)):
            if _is_more(found[pattern], route.policy):
                conversion.remark(pattern, why)
                found[pattern] = None
        for pattern in _opened(route, found, firm):
            why = (
                f"it is closed here, because {route.what} takes some of its paths. If there are no "
                "such paths, remove that from the file."
            )
            conversion.remark(pattern, why)
            found[pattern] = None
    _remark_on_prefixes(conversion, every, found)
    _carry(conversion, found)


def _policies(conversion: Conversion, routes: Iterable[Route]) -> dict[str, CorsPolicy | None]:
    """Return the policy of each pattern, None for a pattern on which routes disagree."""
    found: dict[str, CorsPolicy | None] = {}
    for route in routes:
        for pattern in route.patterns:
            if found.setdefault(pattern, route.policy) != route.policy:
                why = f"{route.what} has the same path and another policy: it is closed here."
                conversion.remark(pattern, why)
                found[pattern] = None
    check_count(len(found))
    return found


def check_count(paths: int) -> None:
    """Raise BrokenTextError for more than MAX_PATHS paths."""
    if paths > MAX_PATHS:
        raise BrokenTextError("", f"it has more than {MAX_PATHS:,} paths: import it in parts")


def _is_more(policy: CorsPolicy | None, other: CorsPolicy | None) -> bool:
    """Report whether a policy allows anything that another does not."""
    if policy is None or policy == other:
        return False
    if other is None:
        return True
    listed = ("methods", "request_headers", "exposed_headers")
    if any(_names(policy, name) - _names(other, name) for name in listed):
        return True
    if other.rule["any_origin"]:
        return bool(policy.rule["credentials"])
    return bool(policy.rule["any_origin"]) or any(
        origin not in other.origins or (credentials and not other.origins[origin])
        for origin, credentials in policy.origins.items()
    )


def _names(policy: CorsPolicy, field: str) -> set[str]:
    """Return the names that a list of a rule allows; if it echoes, authorization too."""
    names = set(policy.rule[field])
    echoes = field == "request_headers" and policy.rule["credentials"] and "*" in names
    return names | {"authorization"} if echoes else names


def _beyond(route: Route, found: Mapping[str, CorsPolicy | None]) -> Iterator[tuple[str, str]]:
    """Yield the pattern that would cover the paths beyond a route, and why it is closed."""
    wider = [one for one in found if one.endswith("/") and route.beyond.startswith(one)]
    if route.beyond and wider:
        why = (
            f"it is closed here, because paths such as {route.beyond}x belong to "
            f"{route.what}. If there are none, write {route.bounded or route.beyond + '/'} there."
        )
        yield max(wider, key=len), why


def _inside(
    route: Route, found: Mapping[str, CorsPolicy | None], firm: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Yield the patterns below a route that comes before them, and why they are closed."""
    for pattern in found if route.first else ():
        if pattern in firm or pattern in route.after or pattern in route.patterns:
            continue
        if any(
            overlaps(one, pattern) and not lies_within(one, pattern)
            for one in (*route.patterns, *route.around)
        ) or (route.beyond and pattern.startswith(route.beyond)):
            why = (
                f"it is closed here, because {route.what} comes before it for some of its paths. If "
                "there are no such paths, remove that from the file."
            )
            yield pattern, why


def _opened(
    route: Route, found: Mapping[str, CorsPolicy | None], firm: frozenset[str]
) -> Iterator[str]:
    """Yield the patterns around a route that would open its paths unless they are closed."""
    for pattern in route.around:
        asked_before = firm | route.after
        wider = [one for one in found if one not in asked_before and lies_within(pattern, one)]
        closest = min(wider, key=specificity, default=None)
        if closest is not None and _is_more(found[closest], route.policy):
            yield pattern


def _remark_on_prefixes(
    conversion: Conversion, routes: list[Route], found: Mapping[str, CorsPolicy | None]
) -> None:
    prefixes = {
        route.beyond: None
        for route in routes
        if route.beyond and not route.first and any(found[one] for one in route.patterns)
    }
    if prefixes:
        one = next(iter(prefixes))
        conversion.remark(
            ", ".join(prefixes),
            f"paths that continue without a slash, such as {one}x, were also allowed. Here it is "
            f"{one} and everything below {one}/.",
        )


def _carry(conversion: Conversion, found: Mapping[str, CorsPolicy | None]) -> None:
    allowed: dict[str, Origins] = {}
    for path, policy in found.items():
        if policy is not None:
            conversion.paths.append({"path": path, "exclusive": False, **policy.rule})
            allowed[path] = policy.origins
        elif any(
            around is not None and decides_before(path, other) for other, around in found.items()
        ):
            # Without a rule of its own, the rule around it would apply here too.
            closed = {"exclusive": True, "any_origin": False, "credentials": False}
            conversion.paths.append({"path": path, **closed})
            allowed[path] = {}
    add_scoped_origins(conversion, allowed)
