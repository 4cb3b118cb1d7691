"""The preview of a change, and the check that a person has confirmed exactly this preview.

A page plans its change and shows the preview. When the user clicks the confirm button, the page
plans the change again inside an open change, where nobody else can write, and calls `check()` before
it writes. To add such a page, see "Adding things" in docs/architecture.md.
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
LONG_REASON: Final = _("The reason is too long. Use at most 500 characters.")


class UnconfirmedError(Exception):
    """A preview must not be carried out. `context` says why, for the template."""

    def __init__(self, text: Promise | str, *, place: str = "refused") -> None:
        super().__init__(text)
        self.context: dict[str, object] = {place: text}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would write, its consequences, and the user's confirmation.

    `rows` is everything that the page shows of the change, as plain values with distinct `repr`: the
    input, and what becomes of each row. `accepts_risk` requires a reason even if the verdict does
    not, and so does `asks_why`, with its own sentence. An empty preview writes nothing.
    """

    user: object
    rows: tuple[object, ...]
    verdict: ChangeVerdict
    accepts_risk: bool
    is_empty: bool
    asks_why: Promise | str = ""

    @property
    def digest(self) -> str:
        """A text that changes whenever the user does, or anything that the page shows of the change.

        The page sends it back, so that only a change that the user has seen is written. It is not a
        secret: forging it only skips the preview.
        """
        return sha256(repr((self.user, *self.rows)).encode()).hexdigest()[:16]

    @property
    def why(self) -> str:
        """Why a reason is needed, blank if none is."""
        return str(self.asks_why or (SAY_WHY if self.accepts_risk else self.verdict.why))

    def context(self) -> dict[str, object]:
        """Return the context of `corsadmin/preview.html`."""
        said = self.verdict.confirmation
        return {
            **self.verdict.context(),
            "why": self.why,
            "digest": self.digest,
            "can_confirm": not self.is_empty,
            "is_ticked": said.confirms_lockout and said.digest == self.digest,
        }

    def check(self) -> None:
        """Raise UnconfirmedError unless the user saw this preview and answered all its questions."""
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


def preview_rows(  # noqa: PLR0913 (each argument is what only the page knows about its change)
    request: HttpRequest,
    change: ProposedChange,
    rows: Iterable[object],
    *,
    accepts_risk: bool,
    of: Model | None = None,
    writes_others: bool = False,
    asks_why: Promise | str = "",
) -> Preview:
    """Return the preview of a change that the request's user is about to make.

    Sentences about the row `of` do not name its tenant. `writes_others` says that the change also
    writes rows that are not part of a policy. `asks_why` is a sentence that asks for a reason, or
    blank.
    """
    verdict = judge(request, change, of=of)
    is_empty = not (change.upserts or change.deletes or writes_others)
    return Preview(request.user.pk, tuple(rows), verdict, accepts_risk, is_empty, asks_why)
