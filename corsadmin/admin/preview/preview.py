"""What a change would write, as a page shows it, and whether a person has confirmed exactly that.

A page plans its change, shows the preview, and when its confirm button is pressed it plans the change
anew, where nobody else can write any more, and calls `check()` before it writes. How to add such a
page: docs/architecture.md, "Adding things".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.lockout.confirm import judge
from corsadmin.admin.lockout.verdict import ChangeVerdict
from corsadmin.admin.risks.acceptance import MAY_NOT_OPEN, SAY_WHY
from corsadmin.proposed_change import ProposedChange

MAX_REASON: Final = 500  # characters
CHANGED: Final = _(
    "The policies or your input have changed since this preview. Nothing was saved. "
    "Review the new preview."
)
NOTHING: Final = _("Nothing was saved, because none of these rows can be written.")
LOCKS_OUT: Final = _("Nothing was saved. To lock somebody out on purpose, select the checkbox.")
LONG_REASON: Final = _("The reason is longer than 500 characters.")


class UnconfirmedError(Exception):
    """A preview must not be carried out; `context` says why, as the template shows it."""

    def __init__(self, text: Promise | str, *, place: str = "refused") -> None:
        super().__init__(text)
        self.context: dict[str, object] = {place: text}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would write, what follows from it, and what its user has said about it.

    `rows` is all that the page shows of the change, in plain values that `repr` tells apart: what
    was entered, and for each row what becomes of it. `accepts_risk` asks for a reason beside those
    of the verdict, and so does `asks_why`, in its own words. An empty preview writes nothing.
    """

    user: object
    rows: tuple[object, ...]
    verdict: ChangeVerdict
    accepts_risk: bool
    is_empty: bool
    asks_why: Promise | str = ""

    @property
    def digest(self) -> str:
        """A text that differs when the user or anything that the page shows of the change does.

        The page sends it back, so that only what somebody has seen is written. It is not a secret:
        who makes one up has only spared the look.
        """
        return sha256(repr((self.user, *self.rows)).encode()).hexdigest()[:16]

    @property
    def why(self) -> str:
        """Why a reason is needed, blank where none is."""
        return str(self.asks_why or (SAY_WHY if self.accepts_risk else self.verdict.why))

    def context(self) -> dict[str, object]:
        """Return what `corsadmin/preview.html` shows."""
        said = self.verdict.confirmation
        return {
            **self.verdict.context(),
            "why": self.why,
            "digest": self.digest,
            "can_confirm": not self.is_empty,
            "is_ticked": said.confirms_lockout and said.digest == self.digest,
        }

    def check(self) -> None:
        """Raise UnconfirmedError unless the user saw this preview and answered all it asks."""
        said = self.verdict.confirmation
        if said.digest != self.digest:
            raise UnconfirmedError(CHANGED)
        if self.is_empty:
            raise UnconfirmedError(NOTHING)
        if self.verdict.widening.is_forbidden:
            raise UnconfirmedError(MAY_NOT_OPEN)
        if self.verdict.is_unconfirmed:
            raise UnconfirmedError(LOCKS_OUT)
        if self.why and not said.reason:
            raise UnconfirmedError(self.why, place="unexplained")
        if len(said.reason) > MAX_REASON:
            raise UnconfirmedError(LONG_REASON, place="unexplained")


def preview_rows(  # noqa: PLR0913 (each is what one kind of page knows of its change)
    request: HttpRequest,
    change: ProposedChange,
    rows: Iterable[object],
    *,
    accepts_risk: bool,
    of: Model | None = None,
    writes_others: bool = False,
    asks_why: Promise | str = "",
) -> Preview:
    """Return the preview of a change that a user makes on this page.

    What follows for the row `of` is said without the name of its tenant. `writes_others` says that
    it writes rows beside those of policies; `asks_why` says in what way it needs a reason, blank
    where it needs none.
    """
    verdict = judge(request, change, of=of)
    is_empty = not (change.upserts or change.deletes or writes_others)
    return Preview(request.user.pk, tuple(rows), verdict, accepts_risk, is_empty, asks_why)
