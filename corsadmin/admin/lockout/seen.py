"""What a change breaks or opens for recorded callers, and the reason that it needs."""

from typing import Final, NamedTuple

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from corsadmin.models import Tenant
from corsadmin.models.access import CALLERS, Access
from corsadmin.proposed_change import owner
from corsadmin.proposed_change.impact_sentences import impact_sentences
from corsadmin.proposed_change.seen_impact import ChangeImpact

CODE: Final = "impact"
SAY_WHY_SEEN: Final = _(
    "This affects callers seen in the last 7 days. Give a reason, which is kept in the history."
)


class ImpactVerdict(NamedTuple):
    """What a change breaks or opens, in words, and whether it lacks a reason."""

    sentences: list[str]
    is_unexplained: bool

    @classmethod
    def on(
        cls, access: Access, found: ChangeImpact, reason: str | None, *, of: Model | None = None
    ) -> "ImpactVerdict":
        """Return the verdict for a user. Sentences about the row `of` do not name its tenant."""
        sentences = impact_sentences(
            found,
            seen=access.seen(Tenant),
            named=access.seen(*CALLERS),
            own=None if of is None else owner(of),
        )
        return cls(sentences, bool(sentences) and not (reason or "").strip())

    @property
    def why(self) -> str:
        """Return the sentence that asks for a reason, blank if none is needed."""
        return str(SAY_WHY_SEEN) if self.sentences else ""

    @property
    def refusals(self) -> list[str]:
        """Return why the change must not be made, or nothing if it can be made."""
        return [*self.sentences, str(SAY_WHY_SEEN)] if self.is_unexplained else []
