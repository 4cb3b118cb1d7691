"""Ask before a tenant loses its last origin, or the origin of the very page that is being used."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from corsadmin.engine import candidates, parse_origin

CONFIRM = "confirm_lockout"
CODE = "lockout"


def covering(origin: str) -> list[str]:
    """Return every pattern that covers an origin."""
    parts = parse_origin(origin)
    return [] if parts is None else [origin, *candidates(*parts)]


def check_lockout(before: Collection[str], after: Collection[str], page: str) -> None:
    """Raise ValidationError when the enabled patterns `after` let in less than they must.

    `page` is the origin of the page on which the change is made.
    """
    losses = []
    if before and not after:
        losses.append(_("This takes away the tenant's last origin in force."))
    patterns = set(covering(page))
    if not patterns.isdisjoint(before) and patterns.isdisjoint(after):
        losses.append(_("This refuses the origin of the very page you are using."))
    if losses:
        raise ValidationError([ValidationError(loss, code=CODE) for loss in losses])
