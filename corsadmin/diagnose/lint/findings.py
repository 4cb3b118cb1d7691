"""What the lint can find: a level and a sentence for each code."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ERROR: Final = "error"  # the row does not work, or is open to everybody
WARNING: Final = "warning"  # the row works, but somebody should look at it
NOTE: Final = "note"  # the row works as intended, and is worth knowing about
LEVELS: Final[dict[str, Promise]] = {
    ERROR: _("error"),
    WARNING: _("warning"),
    NOTE: pgettext_lazy("severity", "note"),
}  # the worst first

FINDINGS: Final[dict[str, tuple[str, Promise]]] = {
    "admin-any-origin": (ERROR, _("This rule lets any origin read the admin at %(detail)s.")),
    "admin-covered": (
        WARNING,
        _(
            "This rule covers the admin at %(detail)s: listed origins can read it with the cookies of staff."
        ),
    ),
    "credentials-unused": (
        WARNING,
        _("This origin allows credentials, but no matching path rule does."),
    ),
    "does-not-compile": (ERROR, _("This row is not valid as stored, so it denies. %(detail)s")),
    "emergency-forgotten": (
        WARNING,
        _("Is the emergency still needed? It has been on since %(detail)s and has no end."),
    ),
    "emergency-level-unknown": (
        ERROR,
        _("The emergency has the unknown level “%(detail)s”, so it stops every origin."),
    ),
    "exclusive-everywhere": (
        WARNING,
        _(
            "This rule covers every path, so every scope lies within it: “exclusive” has no effect "
            "here."
        ),
    ),
    "exclusive-keeps-out": (
        ERROR,
        _(
            "Every enabled rule on its paths is exclusive and admits only origins scoped to the "
            "rule, so this origin never applies."
        ),
    ),
    "exclusive-reopened": (
        WARNING,
        _(
            "This rule reopens what the exclusive rule %(detail)s reserves for origins scoped to that rule."
        ),
    ),
    "expired": (WARNING, _("This origin expired at %(detail)s.")),
    "exposed": (NOTE, _("Is it still needed? %(detail)s")),
    "host-not-allowed": (
        ERROR,
        _("ALLOWED_HOSTS does not contain the host: Django answers 400 before any rule applies."),
    ),
    "overlap-ended": (
        WARNING,
        _("%(detail)s Disable or delete this origin once nobody calls from it."),
    ),
    "overlap-ends": (WARNING, _("%(detail)s")),
    "platform-missing": (
        ERROR,
        _("This tenant does not exist or is not active, so no tenant inherits rules or origins."),
    ),
    "platform-without-host": (
        ERROR,
        _(
            "No tenant that inherits this policy has a host, so no request uses it. "
            "For a single site, set TENANT_RESOLVER to corsadmin.tenants.single; "
            "otherwise, add a host to a tenant."
        ),
    ),
    "redundant-origin": (
        WARNING,
        _("%(detail)s already allows everything that this origin allows."),
    ),
    "redundant-rule": (WARNING, _("This rule repeats the platform's rule for the same path.")),
    "risk": (WARNING, _("The risk was accepted. %(detail)s")),
    "scope-without-rule": (
        ERROR,
        _("No enabled rule overlaps this origin's scope, so it never applies."),
    ),
    "script-prefix": (
        WARNING,
        _(
            "The path begins with %(detail)s, where the project is mounted. corsadmin compares only "
            "the rest of the path, so remove %(detail)s."
        ),
    ),
    "tenant-without-host": (ERROR, _("This tenant has no host, so no request belongs to it.")),
    "tenant-without-rule": (
        ERROR,
        _("This tenant has origins but no enabled rule, so they never apply."),
    ),
    "unreachable-rule": (ERROR, _("No request of this tenant can have this path.")),
}

# The kinds of rows that a finding is about besides the row where it is found.
_TELLS_OF: Final[dict[str, frozenset[str]]] = {
    "credentials-unused": frozenset({"rule"}),
    "exclusive-keeps-out": frozenset({"rule"}),
    "platform-without-host": frozenset({"host", "origin", "rule"}),
    "scope-without-rule": frozenset({"rule"}),
    "tenant-without-host": frozenset({"host"}),
    "tenant-without-rule": frozenset({"origin", "rule"}),
}


def utc_text(moment: float) -> str:
    """Return a moment, given in epoch seconds, as findings print it: `2026-01-31 08:00 UTC`."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at.

    `tenant` is a slug. `kind` is tenant, host, rule or origin, and `name` is the row's name as people
    see it. `code` is a key of FINDINGS, and `detail` fills its sentence.
    """

    tenant: str
    kind: str
    name: str
    code: str
    detail: str = ""

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of rows that the finding is about."""
        return _TELLS_OF.get(self.code, frozenset()) | {self.kind}

    @property
    def level(self) -> str:
        """Return "error", "warning" or "note"."""
        return FINDINGS[self.code][0]

    @property
    def word(self) -> str:
        """Return the level in the active language."""
        return str(LEVELS[self.level])

    @property
    def message(self) -> str:
        """Return one sentence in the active language."""
        return str(FINDINGS[self.code][1]) % {"detail": self.detail}
