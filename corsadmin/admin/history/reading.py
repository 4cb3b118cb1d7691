"""Read the history as changes, the latest first, each with all the rows that it wrote."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import F

from corsadmin.admin.history.versions import ALL_KINDS, Kind
from corsadmin.models.rows import RowVersion, RowVersions

MAX_CHANGES: Final = 30  # on a page
MAX_READ_VERSIONS: Final = 200  # of each model for one page
MAX_SHOWN_VERSIONS: Final = 20  # of one change, beside others
_PLACE: Final = re.compile(r"([0-5])\.([0-9]{1,18})")

Places = Mapping[Kind, int]  # the keys of versions; a page continues with earlier ones


class ReadChange(NamedTuple):
    """What one change wrote, as far as it was read. `is_cut` says that it wrote more."""

    moment: datetime
    versions: list[tuple[Kind, RowVersion]]
    is_cut: bool


class ReadPage(NamedTuple):
    """Some changes, and where the next page begins, or None if nothing is left."""

    changes: list[ReadChange]
    older: Places | None


class _Stream:
    """The versions of one model, the latest first."""

    def __init__(self, kind: Kind, versions: RowVersions, place: int | None) -> None:
        self.kind, self.place = kind, place
        self._all = versions
        rows = versions if place is None else versions.filter(history_id__lt=place)
        self.rows = list(rows[: MAX_READ_VERSIONS + 1])
        self.has_more = len(self.rows) > MAX_READ_VERSIONS
        del self.rows[MAX_READ_VERSIONS:]

    @property
    def is_unread(self) -> bool:
        """Report whether the next version has not been read yet."""
        return not self.rows and self.has_more

    def take(self, moment: datetime) -> list[RowVersion]:
        """Remove the versions of a moment from the stream, and return them."""
        number = 0
        while number < len(self.rows) and self.rows[number].history_date == moment:
            number += 1
        taken, self.rows = self.rows[:number], self.rows[number:]
        if taken:
            self.place = taken[-1].history_id
        return taken

    def skip(self, moment: datetime) -> None:
        """Skip the unread versions of a moment."""
        rest = self._all.filter(history_id__lt=self.place).exclude(history_date=moment)
        last = rest.values_list("history_id", flat=True).first()
        self.has_more = last is not None
        self.place = 0 if last is None else last + 1


def read_history(
    found: Mapping[Kind, RowVersions],
    places: Places,
    *,
    skips_rest: bool = True,
) -> ReadPage:
    """Return the latest changes among versions of each model, which must be sorted by key.

    Of a change with very many rows, only some are read. With `skips_rest` the next page continues
    after that change, otherwise with the rest of it.
    """
    streams = [_Stream(kind, versions, places.get(kind)) for kind, versions in found.items()]
    changes: list[ReadChange] = []
    while len(changes) < MAX_CHANGES and not any(stream.is_unread for stream in streams):
        heads = [stream.rows[0].history_date for stream in streams if stream.rows]
        if not heads:
            break
        moment = max(heads)
        taken = [(stream, stream.take(moment)) for stream in streams]
        cut = [stream for stream, versions in taken if versions and stream.is_unread]
        for stream in cut if skips_rest else ():
            stream.skip(moment)
        versions = [(stream.kind, one) for stream, some in taken for one in some]
        changes.append(ReadChange(moment, versions, bool(cut)))
    is_left = any(stream.rows or stream.has_more for stream in streams)
    older = {stream.kind: stream.place for stream in streams if stream.place is not None}
    return ReadPage(changes, older if is_left else None)


def written_places(places: Places) -> str:
    """Return places in their URL form."""
    return "-".join(f"{ALL_KINDS.index(kind)}.{key}" for kind, key in places.items())


def read_places(text: str) -> Places:
    """Return the places in a URL, ignoring whatever is not a valid place."""
    found = (_PLACE.fullmatch(part) for part in text.split("-")[: len(ALL_KINDS)])
    return {ALL_KINDS[int(match[1])]: int(match[2]) for match in found if match}


def in_order(versions: RowVersions, *, is_whole: bool) -> RowVersions:
    """Return versions sorted by key, the latest first.

    `is_whole` says that they are nearly all versions: only then is the primary key a fast way to
    them. Otherwise a sum hides the order from the database, which might read all tenants' history.
    """
    return versions.order_by("-history_id" if is_whole else (F("history_id") + 0).desc())


def users_and_reasons(
    versions: Iterable[tuple[Kind, RowVersion]],
) -> tuple[Sequence[str], Sequence[str]]:
    """Return who made a change and why, without duplicates."""
    users: dict[str, None] = {}
    reasons: dict[str, None] = {}
    for _kind, version in versions:
        users.setdefault(str(version.history_user or ""))
        reasons.setdefault(version.history_change_reason or "")
    return [*users], [reason for reason in reasons if reason]
