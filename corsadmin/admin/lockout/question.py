"""The question before a change that locks somebody out, in words for its user."""

from collections.abc import Iterable
from typing import Final

from django.db.models import Model
from django.utils.translation import gettext as _

from corsadmin.models import Tenant
from corsadmin.models.access import Access
from corsadmin.proposed_change import owner
from corsadmin.proposed_change.losses import Loss
from corsadmin.proposed_change.widening import OTHERS

CONFIRM: Final = "confirm_lockout"
DIGEST: Final = "digest"
CODE: Final = "lockout"
MAX_SHOWN_LOSSES: Final = 20  # losses shown at once


def visible_losses(access: Access, losses: Iterable[Loss]) -> list[Loss]:
    """Return losses for a user, without the names of tenants that the user may not see."""
    seen = access.keys("view", Tenant)
    return [
        loss if seen is None or loss.tenant in seen else loss._replace(tenant=0, slug=str(OTHERS))
        for loss in losses
    ]


def loss_sentences(losses: Iterable[Loss], *, of: Model | None = None) -> list[str]:
    """Return losses in words, shortened if there are many. The tenant of the row `of` is not named."""
    own = None if of is None else owner(of)
    said = dict.fromkeys(
        str(loss.sentence) if loss.tenant == own else f"{loss.slug}: {loss.sentence}"
        for loss in losses
    )
    more = _("Further tenants affected: %(count)d.") % {"count": len(said) - MAX_SHOWN_LOSSES}
    return [*said][:MAX_SHOWN_LOSSES] + [more] * (len(said) > MAX_SHOWN_LOSSES)
