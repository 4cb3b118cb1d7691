"""Routes of another program with their CORS policies, as path rules that open no other path."""

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

    `beyond`: it also takes paths that begin so and that no pattern of ours covers. `around` are
    patterns that cover its other paths, and more. A `first` one is asked before those with longer
    paths, unless these are `firm` or among `after`, the patterns that it is asked after. `bounded`
    is how to write it so that nothing is beyond it.
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
    """Return the patterns of all paths that begin with a prefix, and what is beyond them."""
    if prefix.endswith("/"):
        return ((prefix,), "") if _is_literal(prefix) else ((), prefix)
    patterns = (prefix, f"{prefix}/")
    return tuple(one for one in patterns if _is_literal(one)), prefix


def path_pattern(path: str) -> str:
    """Return the pattern of one path and nothing below it, blank where there is none."""
    if not _is_literal(path):
        return ""
    return path + ALONE if path.endswith("/") else path


def enclosing_patterns(path: str) -> tuple[str, ...]:
    """Return the narrowest prefix pattern that covers a path, none where no path is like it."""
    parents = (path[: at + 1] for at in range(len(path) - 1, -1, -1) if path[at] == "/")
    return tuple(islice(filter(_is_literal, parents), 1))


def _is_literal(path: str) -> bool:
    """Report whether a path is a pattern too, in which each character stands for itself."""
    return {"*", "{"}.isdisjoint(path) and check_path(path) is None


def convert_routes(conversion: Conversion, routes: Iterable[Route]) -> None:
    """Add the path rules and origin entries of routes; close what contradicts another route.

    Takes no more than MAX_PATHS routes, and raises BrokenTextError for more routes or paths.
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
                f"it is closed here, because {route.what} takes some of its paths. Take that out "
                "of the file if there are none."
            )
            conversion.remark(pattern, why)
            found[pattern] = None
    _remark_on_prefixes(conversion, every, found)
    _carry(conversion, found)


def _policies(conversion: Conversion, routes: Iterable[Route]) -> dict[str, CorsPolicy | None]:
    """Return the policy of each pattern, None for those of which routes say different things."""
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
    """Return what a list of a rule allows: where it echoes, authorization too."""
    names = set(policy.rule[field])
    echoes = field == "request_headers" and policy.rule["credentials"] and "*" in names
    return names | {"authorization"} if echoes else names


def _beyond(route: Route, found: Mapping[str, CorsPolicy | None]) -> Iterator[tuple[str, str]]:
    """Yield the pattern that would hold for what is beyond those of a route, and why it may not."""
    wider = [one for one in found if one.endswith("/") and route.beyond.startswith(one)]
    if route.beyond and wider:
        why = (
            f"it is closed here, because paths such as {route.beyond}x are those of "
            f"{route.what}. If there are none, write {route.bounded or route.beyond + '/'} there."
        )
        yield max(wider, key=len), why


def _inside(
    route: Route, found: Mapping[str, CorsPolicy | None], firm: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Yield the patterns below a route that is asked before them, and why they may not hold."""
    for pattern in found if route.first else ():
        if pattern in firm or pattern in route.after or pattern in route.patterns:
            continue
        if any(
            overlaps(one, pattern) and not lies_within(one, pattern)
            for one in (*route.patterns, *route.around)
        ) or (route.beyond and pattern.startswith(route.beyond)):
            why = (
                f"it is closed here, because {route.what} is asked before it, for some of its "
                "paths. Take that out of the file if there are none."
            )
            yield pattern, why


def _opened(
    route: Route, found: Mapping[str, CorsPolicy | None], firm: frozenset[str]
) -> Iterator[str]:
    """Yield the patterns around a route that would open its paths if they were not closed."""
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
            f"what goes on without a slash, such as {one}x, was allowed as well. Here it is "
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
            # Without a rule of its own, the one around it would hold here too.
            closed = {"exclusive": True, "any_origin": False, "credentials": False}
            conversion.paths.append({"path": path, **closed})
            allowed[path] = {}
    add_scoped_origins(conversion, allowed)
