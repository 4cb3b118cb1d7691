"""Pair the rows of two tenants: each row with its counterpart on the other side.

Plain Python over plain values, without Django.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

from corsadmin.admin.row_meaning import differing_fields
from corsadmin.models.policy_rows import OriginRow, RuleRow

RuleOrEntry: TypeAlias = RuleRow | OriginRow
RowKey: TypeAlias = tuple[str, ...]


class Holder(NamedTuple):
    """The rows of one kind that apply to a tenant: its own, and those that it inherits."""

    own: Sequence[Any]
    inherited: Sequence[Any] = ()


class HeldRow(NamedTuple):
    """A row on one side."""

    row: Any
    is_inherited: bool


@dataclass(frozen=True, slots=True)
class RowPair:
    """Two tenants' rows for the same path, or for the same pattern and scope. One may be missing.

    `differing` names the fields whose values differ in meaning.
    """

    key: RowKey
    left: HeldRow | None
    right: HeldRow | None
    differing: tuple[str, ...]

    @property
    def sides(self) -> tuple[HeldRow | None, HeldRow | None]:
        """The row of each tenant."""
        return self.left, self.right

    @property
    def is_alike(self) -> bool:
        """Report whether both tenants have the row, with the same meaning."""
        return None not in self.sides and not self.differing

    def shown_fields(self, *, all_fields: bool) -> list[str]:
        """Return the fields to show: those that differ, or all that are not empty."""
        rows = [side.row for side in self.sides if side is not None]
        if self.differing and not all_fields:
            return list(self.differing)
        return [
            name
            for name in _compared(rows[0])
            if any(_says_something(name, getattr(row, name)) for row in rows)
        ]


def pair_rules(left: Holder, right: Holder) -> list[RowPair]:
    """Return the path rules of two tenants in pairs, sorted by path."""
    return list(_pairs(left, right, _rule_key))


def pair_origins(left: Holder, right: Holder) -> list[RowPair]:
    """Return the origin entries of two tenants in pairs, sorted by pattern and scope.

    A scope of `/` means every path, like a blank scope.
    """
    return list(_pairs(left, right, _entry_key))


def _pairs(left: Holder, right: Holder, key_of: Callable[[Any], RowKey]) -> Iterator[RowPair]:
    lefts, rights = _by_key(left, key_of), _by_key(right, key_of)
    for key in sorted({*lefts, *rights}):
        one, other = lefts.get(key), rights.get(key)
        if one is not None and other is not None and one.is_inherited and other.is_inherited:
            continue  # inherited from the platform, so identical on both sides
        yield RowPair(key, one, other, _differing(one, other))


def _by_key(holder: Holder, key_of: Callable[[Any], RowKey]) -> dict[RowKey, HeldRow]:
    """Return rows by their keys. A tenant's own row takes precedence over an inherited one."""
    found: dict[RowKey, HeldRow] = {}
    for rows, is_inherited in ((holder.own, False), (holder.inherited, True)):
        for row in rows:
            key = key_of(row)
            if key in found and not is_inherited:
                key = (*key, str(row.scope))  # the tenant has both "/" and a blank scope: show both
            found.setdefault(key, HeldRow(row, is_inherited))
    return found


def _differing(one: HeldRow | None, other: HeldRow | None) -> tuple[str, ...]:
    if one is None or other is None:
        return ()
    return tuple(differing_fields(one.row, other.row, _compared(one.row)))


def _compared(row: RuleOrEntry) -> Iterable[str]:
    """Return the fields to compare: all but those that identify the row or say who made it."""
    return _RULE_FIELDS if isinstance(row, RuleRow) else _ENTRY_FIELDS


def _says_something(name: str, value: object) -> bool:
    if name == "enabled":
        return not value
    return not (value is None or value is False or value in ("", []))


def _rule_key(row: RuleRow) -> RowKey:
    return (str(row.path),)


def _entry_key(row: OriginRow) -> RowKey:
    scope = str(row.scope)
    return (str(row.pattern), "" if scope == "/" else scope)


_RULE_FIELDS: Final = tuple(name for name in RuleRow._fields if name != "path")
_ENTRY_FIELDS: Final = tuple(
    name for name in OriginRow._fields if name not in {"pattern", "scope", "made_by"}
)
