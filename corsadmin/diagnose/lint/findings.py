"""What the lint can find, each with its level and its sentence."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ERROR: Final = "error"  # it does not work, or it is open to everybody
WARNING: Final = "warning"  # it works, but somebody should look at it
NOTE: Final = "note"  # it works as somebody meant it, and is worth knowing
LEVELS: Final[dict[str, Promise]] = {
    ERROR: _("error"),
    WARNING: _("warning"),
    NOTE: pgettext_lazy("severity", "note"),
}  # the worst first

FINDINGS: Final[dict[str, tuple[str, Promise]]] = {
    "admin-any-origin": (ERROR, _("The rule lets any origin read the admin at %(detail)s.")),
    "admin-covered": (
        WARNING,
        _("The rule covers the admin at %(detail)s: listed origins read it with staff's cookies."),
    ),
    "credentials-unused": (
        WARNING,
        _("This origin allows credentials, but no matching path rule does."),
    ),
    "does-not-compile": (ERROR, _("It is not valid as it is stored, so it denies. %(detail)s")),
    "emergency-forgotten": (
        WARNING,
        _("Is its emergency still needed? It has been on since %(detail)s and has no end."),
    ),
    "emergency-level-unknown": (
        ERROR,
        _("The level “%(detail)s” of its emergency is not known, so every origin is stopped."),
    ),
    "exclusive-everywhere": (
        WARNING,
        _(
            "It covers every path, so every origin lies within it: “exclusive” changes nothing "
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
            "It reopens what the exclusive rule %(detail)s reserves for origins scoped to that rule."
        ),
    ),
    "expired": (WARNING, _("It expired at %(detail)s.")),
    "exposed": (NOTE, _("Is it still needed? %(detail)s")),
    "host-not-allowed": (
        ERROR,
        _("ALLOWED_HOSTS does not contain the host: Django answers 400 before any rule applies."),
    ),
    "overlap-ended": (
        WARNING,
        _("%(detail)s Disable or delete this origin when nobody calls from it."),
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
    "redundant-rule": (WARNING, _("It repeats the platform's rule for the same path.")),
    "risk": (WARNING, _("The risk was accepted. %(detail)s")),
    "scope-without-rule": (ERROR, _("No enabled rule overlaps its scope, so it never applies.")),
    "script-prefix": (
        WARNING,
        _(
            "Its path begins with %(detail)s, where the project is mounted. Django compares the "
            "rest of the path, so remove %(detail)s."
        ),
    ),
    "tenant-without-host": (ERROR, _("It has no host, so no request belongs to it.")),
    "tenant-without-rule": (ERROR, _("It has origins but no enabled rule, so they never apply.")),
    "unreachable-rule": (ERROR, _("No request of the tenant can have such a path.")),
}

# The kinds of rows that a finding tells of beside the row at which it is found.
_TELLS_OF: Final[dict[str, frozenset[str]]] = {
    "credentials-unused": frozenset({"rule"}),
    "exclusive-keeps-out": frozenset({"rule"}),
    "platform-without-host": frozenset({"host", "origin", "rule"}),
    "scope-without-rule": frozenset({"rule"}),
    "tenant-without-host": frozenset({"host"}),
    "tenant-without-rule": frozenset({"origin", "rule"}),
}


def utc_text(moment: float) -> str:
    """Return a moment, in epoch seconds, as findings tell it."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. `kind` is the model, `name` what a person would look for there."""

    tenant: str
    kind: str
    name: str
    code: str
    detail: str = ""

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of rows that it tells of."""
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
