"""How a change would alter the decisions on everything that callers did in the last days."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Depends(StrEnum):
    """What decides whether the decision on something seen changes; blank if it is certain."""

    NOTHING = ""
    PATH = "path"  # the path of the calls is not known, and the decisions differ by path
    ORIGIN = "origin"  # below a wildcard, most origins are not known
    NAMES = "names"  # which methods and headers a preflight requested together is not known
    TENANT = "tenant"  # an entry of the platform may have served only other tenants
    HOST = "host"  # the tenant also has other hosts


class AffectedOrigin(NamedTuple):
    """An origin whose decisions change: its calls in a day, and when it called last.

    `origin` is a pattern if no origin below it is known. With `is_day`, `last` is the beginning of
    a day. Unless it depends on `NOTHING`, `calls` is the most that can be affected. With
    `is_shared`, `calls` and `last` include other tenants that share an entry.
    """

    origin: str
    calls: int
    last: datetime
    is_day: bool = False
    depends: Depends = Depends.NOTHING
    is_shared: bool = False


class LostNames(NamedTuple):
    """Methods and header names that preflights of a path rule requested, and that it will refuse.

    `calls` is the most in a day that can be affected; `last` is the beginning of a day. With
    `is_shared`, `calls` includes other tenants that share an entry.
    """

    rule: str
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    calls: int
    last: datetime
    depends: Depends = Depends.NOTHING
    is_shared: bool = False


class Impact(NamedTuple):
    """Everything that a change alters for the callers seen.

    `lost` are let in before the change and refused after it, `opened` the reverse.
    `without_credentials` stay allowed, but no longer with credentials. The busiest come first.
    `is_cut` says that more was seen than was compared.
    """

    lost: tuple[AffectedOrigin, ...] = ()
    opened: tuple[AffectedOrigin, ...] = ()
    without_credentials: tuple[AffectedOrigin, ...] = ()
    names: tuple[LostNames, ...] = ()
    is_cut: bool = False

    @property
    def is_empty(self) -> bool:
        """Report whether the change alters nothing for the callers seen."""
        return not (self.lost or self.opened or self.without_credentials or self.names)


def joined(affected: Iterable[AffectedOrigin]) -> tuple[AffectedOrigin, ...]:
    """Return each origin once, the busiest first; a certain change outweighs one that depends.

    Entries with the same pattern count the same calls; callers under several rules count their own.
    """
    found: dict[str, AffectedOrigin] = {}
    for one in affected:
        other = found.get(one.origin)
        if other is None:
            found[one.origin] = one
            continue
        certain = [each for each in (other, one) if not each.depends] or [other, one]
        latest = max(other, one, key=lambda each: each.last)
        total = max if one.is_day and other.is_day else sum
        found[one.origin] = certain[0]._replace(
            calls=total(each.calls for each in certain),
            last=latest.last,
            is_day=latest.is_day,
            is_shared=other.is_shared or one.is_shared,
        )
    return tuple(sorted(found.values(), key=lambda one: (-one.calls, one.origin)))


def any_of(impacts: Sequence[Impact], depends: Depends) -> Impact:
    """Return the impact if one of `impacts` will happen; what is not in all `depends` on which."""
    return Impact(
        _in_any([impact.lost for impact in impacts], depends),
        _in_any([impact.opened for impact in impacts], depends),
        _in_any([impact.without_credentials for impact in impacts], depends),
        tuple({one.rule: one for impact in impacts for one in impact.names}.values()),
        any(impact.is_cut for impact in impacts),
    )


def _in_any(
    lists: Sequence[tuple[AffectedOrigin, ...]], depends: Depends
) -> tuple[AffectedOrigin, ...]:
    found = defaultdict[str, list[AffectedOrigin]](list)
    for some in lists:
        for one in some:
            found[one.origin].append(one)
    return joined(
        max(same, key=lambda one: (bool(one.depends), one.calls))
        if len(same) == len(lists)
        else max(same, key=lambda one: one.calls)._replace(depends=depends)
        for same in found.values()
    )
