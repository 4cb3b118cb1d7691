"""What was seen of a tenant's callers in the last days, as plain values: a change is held against it."""

from datetime import datetime
from typing import Final, NamedTuple

DAYS: Final = 7  # what was last seen before is not held against a change


class SeenCaller(NamedTuple):
    """An origin that called a path rule, and what its preflights asked for.

    Where it `is_allowed`, it is a sample of those that a wildcard or a rule for any origin lets in.
    `calls` are those of a day, refused preflights among them. One that `calls_plainly` was also seen
    without a preflight.
    """

    rule: str
    origin: str
    is_allowed: bool
    calls: int
    last: datetime
    calls_plainly: bool = True
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


class SeenEntry(NamedTuple):
    """An origin entry that let somebody in; `last` is the beginning of a day.

    Where it `is_shared`, it is the platform's, and the callers may have called other tenants.
    """

    pattern: str
    calls: int
    last: datetime
    is_shared: bool = False


class SeenRule(NamedTuple):
    """A path rule that answered callers, and what their allowed preflights asked for."""

    path: str
    last: datetime
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


class Recently(NamedTuple):
    """What was seen of one tenant. Where it `is_cut`, there was more than is looked at."""

    callers: tuple[SeenCaller, ...] = ()
    entries: tuple[SeenEntry, ...] = ()
    rules: tuple[SeenRule, ...] = ()
    is_cut: bool = False

    @property
    def origins(self) -> set[str]:
        """The origins and patterns that decide what anybody here is answered."""
        return {one.origin for one in self.callers} | {one.pattern for one in self.entries}

    def sharing(self, *others: "Recently") -> "Recently":
        """Return the same with the entries of others, which several tenants share."""
        shared = tuple(entry._replace(is_shared=True) for one in others for entry in one.entries)
        is_cut = self.is_cut or any(one.is_cut for one in others)
        return self._replace(entries=self.entries + shared, is_cut=is_cut)
