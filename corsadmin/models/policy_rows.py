"""A tenant's rows as plain values, and their conversion for the engine.

`rule_text` and `origin_text` are the only way from a row to the engine. The one exception is the
loader, which has joined columns instead of rows.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from corsadmin.engine.entries import OriginText
from corsadmin.engine.rules import RuleText

if TYPE_CHECKING:
    from corsadmin.models import Origin, PathRule


class HostRow(NamedTuple):
    """The columns of a tenant's host, in the order of the model."""

    host: str


class RuleRow(NamedTuple):
    """The columns of a path rule, in the order of the model.

    A database may hold any JSON value where the type is a list.
    """

    path: str
    enabled: bool
    exclusive: bool
    any_origin: bool
    credentials: bool
    methods: list[str]
    request_headers: list[str]
    exposed_headers: list[str]
    max_age: int | None
    refuse_unlisted: bool
    note: str


class OriginRow(NamedTuple):
    """The columns of an origin entry, in the order of the model."""

    pattern: str
    credentials: bool
    enabled: bool
    scope: str
    valid_from: datetime | None
    valid_until: datetime | None
    risk_accepted: bool
    made_by: str
    note: str

    @property
    def name(self) -> str:
        """Return the name of the entry on pages and in reports."""
        return name_entry(self.pattern, self.scope)


def name_entry(pattern: str, scope: str) -> str:
    """Return the name of an origin entry on pages and in reports."""
    return f"{pattern} ({scope})" if scope else pattern


def rule_text(row: "PathRule | RuleRow") -> RuleText:
    """Return a path rule for the engine."""
    return RuleText(
        path=text_or_blank(row.path),
        methods=_texts(row.methods),
        request_headers=_texts(row.request_headers),
        exposed_headers=_texts(row.exposed_headers),
        exclusive=row.exclusive,
        any_origin=row.any_origin,
        credentials=row.credentials,
        max_age=row.max_age,
        refuse_unlisted=row.refuse_unlisted,
    )


def origin_text(row: "Origin | OriginRow") -> OriginText:
    """Return an origin entry for the engine."""
    return OriginText(
        pattern=text_or_blank(row.pattern),
        credentials=row.credentials,
        scope=text_or_blank(row.scope),
        valid_from=epoch(row.valid_from),
        valid_until=epoch(row.valid_until),
        risk_accepted=row.risk_accepted,
    )


def epoch(moment: datetime | None) -> float | None:
    """Return a moment as seconds since the epoch, None for anything else."""
    return moment.timestamp() if isinstance(moment, datetime) else None


def text_or_blank(value: object) -> str:
    """Return a text, or blank for any other type: full_clean() may pass other types too."""
    return value if isinstance(value, str) else ""


def is_list_of_text(value: object) -> TypeGuard[list[str]]:
    """Report whether a stored value is a list of texts."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _texts(value: object) -> Sequence[str]:
    """Return a list of texts; any other value becomes one that does not compile, so it denies."""
    return value if is_list_of_text(value) else ("",)
