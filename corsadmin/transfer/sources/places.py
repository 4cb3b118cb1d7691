"""Paths with what another program says about them, as rules that open no other path."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from corsadmin.engine import check_path, covers, specificity
from corsadmin.transfer.sources.carried import Carried
from corsadmin.transfer.sources.scoping import Origins, carry_origins


class Terms(NamedTuple):
    """A rule without its path, and its origins."""

    rule: Mapping[str, Any]
    origins: Origins


@dataclass(frozen=True, slots=True)
class Place:
    """Paths that another program treats alike; without terms they are closed.

    `beyond`: it also takes paths that begin so and that no pattern of ours covers. `around` are
    patterns that cover its other paths, and more. A `first` one is asked before those with longer
    paths, unless these are `firm` or among `after`, the patterns that it is asked after. `bounded`
    is how to write it so that nothing is beyond it.
    """

    what: str
    terms: Terms | None
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
        return ((prefix,), "") if check_path(prefix) is None else ((), prefix)
    patterns = (prefix, f"{prefix}/")
    return tuple(one for one in patterns if check_path(one) is None), prefix


def carry_places(carried: Carried, places: Iterable[Place]) -> None:
    """Add the rules and the entries of places. What contradicts another place is closed."""
    every = list(places)
    found: dict[str, Terms | None] = {}
    for place in every:
        for pattern in place.patterns:
            if found.setdefault(pattern, place.terms) != place.terms:
                why = f"{place.what} has the same path and another policy: it is closed here."
                carried.remark(pattern, why)
                found[pattern] = None
    firm = frozenset(pattern for place in every if place.firm for pattern in place.patterns)
    for place in every:
        for pattern, why in (*_beyond(place, found), *_inside(place, found, firm)):
            if _is_more(found[pattern], place.terms):
                carried.remark(pattern, why)
                found[pattern] = None
        for pattern in _opened(place, found, firm):
            why = (
                f"it is closed here, because {place.what} takes some of its paths. Take that out "
                "of the file if there are none."
            )
            carried.remark(pattern, why)
            found[pattern] = None
    _remark_on_prefixes(carried, every, found)
    _carry(carried, found)


def _is_more(terms: Terms | None, other: Terms | None) -> bool:
    """Report whether terms allow anything that others do not."""
    if terms is None or terms == other:
        return False
    if other is None:
        return True
    listed = ("methods", "request_headers", "exposed_headers")
    if any(set(terms.rule[name]) - set(other.rule[name]) for name in listed):
        return True
    if other.rule["any_origin"]:
        return bool(terms.rule["credentials"])
    return bool(terms.rule["any_origin"]) or any(
        origin not in other.origins or (credentials and not other.origins[origin])
        for origin, credentials in terms.origins.items()
    )


def _beyond(place: Place, found: Mapping[str, Terms | None]) -> Iterator[tuple[str, str]]:
    """Yield the pattern that would hold for what is beyond those of a place, and why it may not."""
    wider = [one for one in found if one.endswith("/") and place.beyond.startswith(one)]
    if place.beyond and wider:
        why = (
            f"it is closed here, because paths such as {place.beyond}x are those of "
            f"{place.what}. If there are none, write {place.beyond}/ there."
        )
        yield max(wider, key=len), why


def _inside(
    place: Place, found: Mapping[str, Terms | None], firm: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Yield the patterns below a place that is asked before them, and why they may not hold."""
    for pattern in found if place.first else ():
        if pattern in firm or pattern in place.after or pattern in place.patterns:
            continue
        if any(
            _overlap(one, pattern) and not covers(pattern, one)
            for one in (*place.patterns, *place.around)
        ) or (place.beyond and pattern.startswith(place.beyond)):
            why = (
                f"it is closed here, because {place.what} is asked before it, for some of its "
                "paths. Take that out of the file if there are none."
            )
            yield pattern, why


def _overlap(one: str, other: str) -> bool:
    """Report whether some path may be covered by both patterns."""
    here, there = one.split("/"), other.split("/")
    for mine, theirs in zip(here[:-1], there[:-1], strict=False):
        if mine != theirs and "*" not in (mine, theirs):
            return False
    longer, shorter = sorted((here, there), key=len, reverse=True)
    # What ends in a slash covers all that goes on.
    last, opposite = shorter[-1], longer[len(shorter) - 1]
    if last == "" or (longer[-1] == "" and len(longer) == len(shorter)):
        return True
    return len(longer) == len(shorter) and (last == opposite or "*" in (last, opposite))


def _opened(place: Place, found: Mapping[str, Terms | None], firm: frozenset[str]) -> Iterator[str]:
    """Yield the patterns around a place that would open its paths if they were not closed."""
    for pattern in place.around:
        asked_before = firm | place.after
        wider = [one for one in found if one not in asked_before and covers(one, pattern)]
        closest = min(wider, key=specificity, default=None)
        if closest is not None and _is_more(found[closest], place.terms):
            yield pattern


def _remark_on_prefixes(
    carried: Carried, places: list[Place], found: Mapping[str, Terms | None]
) -> None:
    prefixes = {
        place.beyond: None
        for place in places
        if place.beyond and not place.first and any(found[one] for one in place.patterns)
    }
    if prefixes:
        one = next(iter(prefixes))
        carried.remark(
            ", ".join(prefixes),
            f"what goes on without a slash, such as {one}x, was allowed as well. Here it is "
            f"{one} and everything below {one}/.",
        )


def _carry(carried: Carried, found: Mapping[str, Terms | None]) -> None:
    allowed: dict[str, Origins] = {}
    for path, terms in found.items():
        if terms is not None:
            carried.paths.append({"path": path, **terms.rule})
            allowed[path] = terms.origins
        elif any(
            around is not None and other != path and covers(other, path)
            for other, around in found.items()
        ):
            # Without a rule of its own, the one around it would hold here too.
            carried.paths.append({"path": path, "any_origin": False, "credentials": False})
            allowed[path] = {}
    carry_origins(carried, allowed)
