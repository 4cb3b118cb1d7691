"""The choices of the person who imports a file."""

from dataclasses import dataclass

from corsadmin.models.access import Access
from corsadmin.transfer.formats.bounds import COMMAND, Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How to read and compare a file.

    `prune` removes stored rows that the file lacks. `only` holds the slugs of the tenants to import,
    None for all. `expected` is the generation that the database must have, None for any. `fix`
    accepts all suggestions; `accepted` holds corrections, and accepts the suggestions of the rows
    that have one of them. `skip_invalid` leaves out invalid rows. `whole` treats the file as
    complete: a missing key means the default, and a missing list is empty. `access` is what the
    person may do, None for everything. `bounds` limit the file.
    """

    format: str = "json"
    prune: bool = False
    only: frozenset[str] | None = None
    expected: int | None = None
    fix: bool = False
    accepted: frozenset[str] = frozenset()
    skip_invalid: bool = False
    whole: bool = False
    access: Access | None = None
    bounds: Bounds = COMMAND
