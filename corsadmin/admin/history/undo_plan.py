"""What an undo writes and what it leaves unchanged, with the sentences that say why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from django.utils.translation import gettext_lazy

from corsadmin.admin.history.differences import FieldChange
from corsadmin.admin.history.steps import RowStep

GONE: Final = gettext_lazy("This row has been deleted since. It stays deleted.")
GONE_ALREADY: Final = gettext_lazy("This row is already deleted.")
THERE_AGAIN: Final = gettext_lazy("This row exists again. It stays unchanged.")
AS_IT_WAS: Final = gettext_lazy("This row already has its earlier values.")
UNKNOWN: Final = gettext_lazy("The history does not contain the earlier values of this row.")
HOMELESS: Final = gettext_lazy(
    "The tenant of this row no longer exists. Undo the deletion of the tenant first."
)
FULL: Final = gettext_lazy(
    "This tenant has gained rows since. Deleting the tenant would delete them too."
)
OVER: Final = gettext_lazy("The end of this emergency has passed. It stays off.")
STOPPED: Final = gettext_lazy(
    "This tenant was deleted while its emergency was on. Ask somebody who may switch emergencies on."
)
PLATFORM_STAYS: Final = gettext_lazy("The platform tenant cannot be deleted.")


class UndoNote(NamedTuple):
    """A row that an undo leaves unchanged, or whose later change it overwrites, and why."""

    title: str
    text: str
    differences: list[FieldChange]


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What undoing a change writes, and what it does not.

    `later` are rows with a later change, and `full` are tenants that have gained other rows: both
    stay unchanged unless the plan overwrites. `notes` are all other rows left unchanged. A change of
    too many rows has no plan and `is_too_long`. `is_known` says that the user may see some of the
    change. `users` and `reasons` are those of the change.
    """

    steps: list[RowStep] = field(default_factory=list)
    later: list[UndoNote] = field(default_factory=list)
    full: list[UndoNote] = field(default_factory=list)
    notes: list[UndoNote] = field(default_factory=list)
    users: Sequence[str] = ()
    reasons: Sequence[str] = ()
    is_known: bool = False
    is_too_long: bool = False
