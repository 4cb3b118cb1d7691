"""One tenant's policy: what it grants and where, ready to answer."""

from collections.abc import Mapping
from typing import Any, Final

from corsadmin.engine.origins import wildcard_base
from corsadmin.engine.packing import Grant, Packed, literal_in, unpack_grants, unpack_literals
from corsadmin.engine.paths import PathTable
from corsadmin.engine.policy import Rule

SEARCH_LIMIT: Final = 1_000  # characters of literals: about thirty origins

_NO_GRANTS: Final[Mapping[str, list[Grant]]] = {}
_NO_BASES: Final[frozenset[str]] = frozenset()


class Policy:
    """One tenant's policy, ready to answer. Immutable but for what it remembers.

    `literals` maps an origin that is granted without conditions to its credentials flag; `grants`
    maps a pattern text to the entries with conditions, and holds every wildcard. `platform` is
    the policy this one inherits from. `bases` are the hosts its wildcards speak of. A `timeless`
    policy has no entry with a scope or a window: its decisions depend on the rule and the headers
    alone. One that `is_blank` has no entry at all. `by_path` is room for the decisions that depend
    on the path alone, one a rule. `kept` says that the policy will be asked again, so that a
    decision is worth remembering.
    """

    __slots__ = (
        "_literals",
        "_text",
        "bases",
        "by_path",
        "grants",
        "is_blank",
        "kept",
        "platform",
        "rules",
        "slug",
        "timeless",
    )

    def __init__(self, packed: Packed, rules: PathTable[Rule], platform: "Policy | None") -> None:
        self.slug, _, _, self._text, grants = packed
        self.rules = rules
        self.platform = platform
        self._literals: Mapping[str, bool] | None = None
        self.grants: Mapping[str, list[Grant]] = _NO_GRANTS
        self.bases: frozenset[str] = _NO_BASES
        self.timeless: bool = platform is None or platform.timeless
        if grants:
            self.grants = unpack_grants(grants)
            self.bases = frozenset(wildcard_base(text) for text in self.grants if "*" in text)
            self.timeless = self.timeless and all(
                grant.unconditional for grants in self.grants.values() for grant in grants
            )
        self.by_path: dict[str, Any] = {}
        self.is_blank = not (grants or self._text)
        self.kept = False

    @property
    def literals(self) -> Mapping[str, bool]:
        """The origins granted without conditions, each with its credentials flag."""
        if self._literals is None:
            self._literals = unpack_literals(self._text)
        return self._literals

    def literal(self, origin: str) -> bool | None:
        """Return the credentials flag of an origin granted without conditions, else None.

        `origin` is one that parse_origin accepts. A short list is searched as it is: most tenants
        have one, and most tenants ask rarely.
        """
        if self._literals is None and len(self._text) <= SEARCH_LIMIT:
            return literal_in(self._text, origin) if self._text else None
        return self.literals.get(origin)
