"""What the person who imports a file asks for."""

from dataclasses import dataclass

from corsadmin.models.access import Access
from corsadmin.transfer.formats.bounds import COMMAND, Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How a file is read and compared.

    `only` is the slugs of the tenants to look at. `fix` accepts suggestions; `accepted`, those of
    the rows in which one of these corrections is due. `skip_invalid` passes over what is wrong.
    `whole` takes the file for all there is: a missing key is the default and a missing list empty.
    `access` is what the person may do, None for everything. `bounds` are those of the door.
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
