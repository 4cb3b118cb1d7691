"""One tenant's policy: what it allows and where, ready to answer."""

from collections.abc import Mapping
from copy import copy
from typing import Final

from corsadmin.engine.emergencies import Stop
from corsadmin.engine.packing import (
    Allowance,
    Packed,
    RuleTable,
    inherits,
    literal_in,
    unpack_allowances,
    unpack_literals,
)
from corsadmin.engine.wildcards import Wildcards

MAX_SEARCHED: Final = 1_000  # characters of literals: about thirty origins

_NO_ALLOWANCES: Final[Mapping[str, list[Allowance]]] = {}
_NO_WILDCARDS: Final = Wildcards(())


class TenantPolicy:
    """One tenant's policy, ready to answer. Immutable.

    `literals` maps an origin that is allowed without conditions to its credentials flag;
    `allowances` maps a pattern text to the entries with conditions, and holds every wildcard.
    `platform` is the policy that this one inherits from, or None. `wildcards` finds those that
    cover an origin. `is_blank` says that there is no entry; `is_cheap`, that hardly anything must
    be unpacked to answer. `stops` are the emergencies switched on for the tenant, its own and the
    platform's, even if their end has passed.
    """

    __slots__ = (
        "_calm",
        "_literals",
        "_text",
        "allowances",
        "is_blank",
        "is_cheap",
        "platform",
        "rules",
        "slug",
        "stops",
        "wildcards",
    )

    def __init__(self, packed: Packed, rules: RuleTable, platform: "TenantPolicy | None") -> None:
        """Compile a packed tenant; `rules` are its rules blob, unpacked into a table."""
        self.slug, blob, _hosts, self._text, allowances = packed
        self.rules = rules
        self.platform = platform if inherits(blob) else None
        self._literals: Mapping[str, bool] | None = None  # unpacked at the first look-up
        self.allowances: Mapping[str, list[Allowance]] = _NO_ALLOWANCES
        self.wildcards = _NO_WILDCARDS
        if allowances:
            self.allowances = unpack_allowances(allowances)
            self.wildcards = Wildcards(self.allowances)
        self.is_blank = not (allowances or self._text)
        self.is_cheap = not allowances and len(self._text) <= MAX_SEARCHED
        self.stops: tuple[Stop, ...] = ()
        self._calm: TenantPolicy | None = None

    @property
    def calm(self) -> "TenantPolicy":
        """The same policy without its emergencies."""
        return self._calm or self

    def under(self, stops: tuple[Stop, ...]) -> "TenantPolicy":
        """Return the same policy with these emergencies switched on."""
        if not stops:
            return self
        found = copy(self)
        found.stops = stops
        found._calm = self  # noqa: SLF001 (a copy of itself)
        return found

    @property
    def literals(self) -> Mapping[str, bool]:
        """The origins allowed without conditions, each with its credentials flag."""
        if self._literals is None:
            self._literals = unpack_literals(self._text)
        return self._literals

    def literal(self, origin: str) -> bool | None:
        """Return the credentials flag of an origin allowed without conditions, else None.

        `origin` must be one that parse_origin accepts. A short list is searched as text: most
        tenants have a short one and few requests.
        """
        if self._literals is None and len(self._text) <= MAX_SEARCHED:
            return literal_in(self._text, origin) if self._text else None
        return self.literals.get(origin)
