"""What an undo writes and what it leaves alone, with the sentences that say why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from django.utils.translation import gettext_lazy

from corsadmin.admin.history.differences import FieldChange
from corsadmin.admin.history.steps import RowStep

GONE: Final = gettext_lazy("This row was deleted since and stays deleted.")
GONE_ALREADY: Final = gettext_lazy("This row is already deleted.")
THERE_AGAIN: Final = gettext_lazy("This row is there again and stays as it is.")
AS_IT_WAS: Final = gettext_lazy("This row is already as it was.")
UNKNOWN: Final = gettext_lazy("The history does not say what it was before.")
HOMELESS: Final = gettext_lazy(
    "Its tenant no longer exists. Undo the deletion of the tenant first."
)
FULL: Final = gettext_lazy("The tenant has gained rows since; they would be deleted with it.")
OVER: Final = gettext_lazy("Its end has passed, so it is not switched on again.")
STOPPED: Final = gettext_lazy(
    "Its emergency was on when it was deleted. Ask somebody who may switch emergencies on."
)
PLATFORM_STAYS: Final = gettext_lazy("The platform tenant cannot be deleted.")


class UndoNote(NamedTuple):
    """A row that an undo leaves alone, or whose later change it overwrites, and why."""

    title: str
    text: str
    differences: list[FieldChange]


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What undoing a change writes, and what it does not.

    `later` are rows with a later change, `full` are tenants with other rows by now: they are left
    as they are unless the plan overwrites. `notes` are all others that are left. A change of too many
    rows has no plan: `is_too_long`. `is_known` says that the user sees any of it. `users` and
    `reasons` are those of the change.
    """

    steps: list[RowStep] = field(default_factory=list)
    later: list[UndoNote] = field(default_factory=list)
    full: list[UndoNote] = field(default_factory=list)
    notes: list[UndoNote] = field(default_factory=list)
    users: Sequence[str] = ()
    reasons: Sequence[str] = ()
    is_known: bool = False
    is_too_long: bool = False
