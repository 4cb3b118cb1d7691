"""What a change locks out, lets in and breaks, and whether its user has confirmed all of it."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import Model

from corsadmin.admin.lockout.question import CONFIRM, DIGEST, loss_sentences, visible_losses
from corsadmin.admin.lockout.seen import ImpactVerdict
from corsadmin.admin.optimistic_lock.form import REASON
from corsadmin.admin.risks.widening import WideningVerdict, verdict_on
from corsadmin.models.access import Access
from corsadmin.proposed_change.consequences import Consequences


class Confirmation(NamedTuple):
    """A user's confirmation of a change: its reason, consent to a lock-out, and what they saw."""

    reason: str
    confirms_lockout: bool
    digest: str  # of the preview that was shown, blank without one

    @classmethod
    def sent(cls, form: Mapping[str, object]) -> "Confirmation":
        """Return the confirmation in a submitted form."""
        reason, digest = (str(form.get(name) or "").strip() for name in (REASON, DIGEST))
        return cls(reason, CONFIRM in form, digest)


class ChangeVerdict(NamedTuple):
    """What a change locks out, lets in and breaks, in words, and the user's confirmation of it."""

    losses: list[str]
    widening: WideningVerdict
    impact: ImpactVerdict
    confirmation: Confirmation

    @classmethod
    def on(
        cls, access: Access, found: Consequences, said: Confirmation, *, of: Model | None = None
    ) -> "ChangeVerdict":
        """Return the verdict for a user. Sentences about the row `of` do not name its tenant."""
        return cls(
            loss_sentences(visible_losses(access, found.losses), of=of),
            verdict_on(access, found.widenings, said.reason, of=of),
            ImpactVerdict.on(access, found.impact, said.reason, of=of),
            said,
        )

    @property
    def is_unconfirmed(self) -> bool:
        """Report whether the change locks somebody out and the user has not confirmed that."""
        return bool(self.losses) and not self.confirmation.confirms_lockout

    @property
    def is_open(self) -> bool:
        """Report whether the change must not be made: a question is open, or it is forbidden."""
        return self.is_unconfirmed or self.widening.is_refused or self.impact.is_unexplained

    @property
    def why(self) -> str:
        """Return why a reason is needed, blank if none is."""
        return self.widening.why or self.impact.why

    def context(self) -> dict[str, object]:
        """Return the context of a page that asks the question."""
        return {
            "losses": self.losses,
            "widened": self.widening.warnings,
            "impact": self.impact.sentences,
            "why": self.why,
            "reason": self.confirmation.reason,
        }
