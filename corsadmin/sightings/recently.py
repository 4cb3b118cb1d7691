"""What was seen of a tenant's callers in the last days, as plain values."""

from datetime import datetime
from typing import Final, NamedTuple

DAYS: Final = 7  # changes are not compared with what was last seen before


class SeenCaller(NamedTuple):
    """An origin that called under a path rule, and what its preflights requested.

    `is_allowed` marks a sample of the origins that a wildcard or a rule for any origin lets in.
    `calls` is the number in a day, including refused preflights. `calls_plainly` says that it was
    also seen without a preflight.
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
    """An origin entry that let callers in; `last` is the beginning of a day.

    `is_shared` says that it is the platform's, so that its callers may have called other tenants.
    """

    pattern: str
    calls: int
    last: datetime
    is_shared: bool = False


class SeenRule(NamedTuple):
    """A path rule that was used, and what its allowed preflights requested."""

    path: str
    last: datetime
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


class Recently(NamedTuple):
    """What was seen of one tenant. `is_cut` says that more was seen than is compared."""

    callers: tuple[SeenCaller, ...] = ()
    entries: tuple[SeenEntry, ...] = ()
    rules: tuple[SeenRule, ...] = ()
    is_cut: bool = False

    @property
    def origins(self) -> set[str]:
        """The origins and patterns that decide what these callers get."""
        return {one.origin for one in self.callers} | {one.pattern for one in self.entries}

    def sharing(self, *others: "Recently") -> "Recently":
        """Return the same with the entries of others, as entries that several tenants share."""
        shared = tuple(entry._replace(is_shared=True) for one in others for entry in one.entries)
        is_cut = self.is_cut or any(one.is_cut for one in others)
        return self._replace(entries=self.entries + shared, is_cut=is_cut)
