"""Who may allow strangers more than before, and the reason that it needs."""

from typing import Final, NamedTuple

from django.db.models import Model
from django.utils.translation import gettext as _

from corsadmin.admin.risks.acceptance import MAY_NOT_OPEN, SAY_WHY
from corsadmin.models import PathRule, Tenant
from corsadmin.models.access import ALLOW_ANY_ORIGIN, Access
from corsadmin.proposed_change import owner
from corsadmin.proposed_change.widening import Widening

CODE: Final = "widens"
MAX_SHOWN_TENANTS: Final = 20  # tenants named at once


class WideningVerdict(NamedTuple):
    """What a change widens, in words, and why its user may not make it."""

    sentences: list[str]
    is_forbidden: bool  # the user lacks the permission
    is_unexplained: bool  # the user has it and gave no reason

    @property
    def is_refused(self) -> bool:
        """Report whether the change must not be made."""
        return self.is_forbidden or self.is_unexplained

    @property
    def warnings(self) -> list[str]:
        """Return the sentences, each with why the user may not make the change, if so."""
        ending = f" {MAY_NOT_OPEN}" if self.is_forbidden else ""
        return [f"{sentence}{ending}" for sentence in self.sentences]

    @property
    def refusals(self) -> list[str]:
        """Return why the change must not be made, or nothing if it can be made."""
        missing = [str(SAY_WHY)] if self.is_unexplained else []
        return [*self.warnings, *missing] if self.is_refused else []

    @property
    def why(self) -> str:
        """Return the sentence that asks for a reason, blank if none is needed."""
        return str(SAY_WHY) if self.sentences and not self.is_forbidden else ""


def verdict_on(
    access: Access, found: list[Widening], reason: str | None, *, of: Model | None = None
) -> WideningVerdict:
    """Return the verdict on some widenings. Sentences about the row `of` do not name its tenant."""
    is_permitted = access.has(ALLOW_ANY_ORIGIN)
    return WideningVerdict(
        widening_sentences(access, found, None if of is None else owner(of)),
        is_forbidden=bool(found) and not is_permitted,
        is_unexplained=bool(found) and is_permitted and not (reason or "").strip(),
    )


def widening_sentences(access: Access, found: list[Widening], own: int | None = None) -> list[str]:
    """Return widenings in words for a user, shortened if there are many."""
    seen = access.seen(Tenant, PathRule)
    sentences = [*dict.fromkeys(widening.sentence_for(seen, own) for widening in found)]
    more = _("Further tenants affected: %(count)d.") % {"count": len(sentences) - MAX_SHOWN_TENANTS}
    return sentences[:MAX_SHOWN_TENANTS] + [more] * (len(sentences) > MAX_SHOWN_TENANTS)
