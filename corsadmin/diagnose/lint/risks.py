"""What is risky about a valid row: a severity and one sentence for each risk."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from corsadmin.engine.entries import OriginText
from corsadmin.engine.origins import OriginPattern, parse_pattern, risks
from corsadmin.engine.problems import PolicyError
from corsadmin.engine.rules import RuleText, echoing_fields
from corsadmin.messages import shown
from corsadmin.models import Origin, PathRule
from corsadmin.models.policy_rows import origin_text, rule_text


class Severity(StrEnum):
    """How bad a risk is. A row with a danger is refused until somebody accepts the risk."""

    NOTE = "note"
    WARNING = "warning"
    DANGER = "danger"

    @property
    def word(self) -> str:
        """Return the severity in the active language."""
        return str(_WORDS[self])


_WORDS: Final[dict[Severity, Promise]] = {
    Severity.NOTE: pgettext_lazy("severity", "note"),
    Severity.WARNING: _("warning"),
    Severity.DANGER: _("danger"),
}
_CREDENTIALS: Final = "-credentials"

# With credentials, the same pattern is another risk.
RISKS: Final[dict[str, tuple[Severity, Promise]]] = {
    "any-origin": (
        Severity.WARNING,
        _("Every website may read the responses of “%(value)s”: keep nothing private there."),
    ),
    "any-application": (
        Severity.WARNING,
        _("Every application and extension with the scheme of “%(value)s” may read the responses."),
    ),
    "any-application-credentials": (
        Severity.DANGER,
        _(
            "“%(value)s” with credentials: every application and extension with this scheme can "
            "read everything the user can. Safer: name your own host."
        ),
    ),
    "any-port": (
        Severity.NOTE,
        _("“%(value)s” allows every port: any program on that machine may read the responses."),
    ),
    "any-port-credentials": (
        Severity.WARNING,
        _(
            "“%(value)s” with credentials: any program on any port of that machine can read "
            "everything the user can."
        ),
    ),
    "echo": (
        Severity.WARNING,
        _(
            "“%(value)s” with credentials and a star: every listed origin may send any method or "
            "header, including Authorization if the star is among the headers."
        ),
    ),
    "plain-http": (
        Severity.WARNING,
        _(
            "“%(value)s” is not encrypted: anyone between the user and this site can "
            "impersonate it and read the responses."
        ),
    ),
    "plain-http-credentials": (
        Severity.DANGER,
        _(
            "“%(value)s” with credentials: anyone between the user and this site, "
            "for example on public Wi-Fi, can read everything the user can."
        ),
    ),
    "public-suffix": (
        Severity.WARNING,
        _("Strangers may register names below “%(value)s” and read the responses."),
    ),
    "public-suffix-credentials": (
        Severity.DANGER,
        _(
            "“%(value)s” with credentials: strangers may register names below it and read "
            "everything the user can."
        ),
    ),
    "label-wildcard": (
        Severity.NOTE,
        _("“%(value)s” allows every name that fits, including future and abandoned ones."),
    ),
    "label-wildcard-credentials": (
        Severity.WARNING,
        _(
            "“%(value)s” with credentials: anyone who can publish under a name that fits, such as "
            "a preview of a fork, can read everything the user can."
        ),
    ),
    "shared-parent": (
        Severity.WARNING,
        _(
            "Strangers may register names that fit “%(value)s” and read the responses. Safer: a "
            "domain of your own for previews, or exact origins that CI adds with an end date."
        ),
    ),
    "shared-parent-credentials": (
        Severity.DANGER,
        _(
            "“%(value)s” with credentials: strangers may register names that fit it and read "
            "everything the user can. Safer: a domain of your own for previews, or exact origins "
            "that CI adds with an end date."
        ),
    ),
    "subdomains": (
        Severity.NOTE,
        _("“%(value)s” allows every subdomain, including future and abandoned ones."),
    ),
    "subdomains-credentials": (
        Severity.WARNING,
        _(
            "“%(value)s” with credentials: anyone who takes over a subdomain, such "
            "as an abandoned one, can read everything the user can."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk of one row. `code` is a key of RISKS; `value` is the risky pattern or path."""

    code: str
    value: str

    @property
    def severity(self) -> Severity:
        """Return how bad the risk is."""
        return RISKS[self.code][0]

    @property
    def graded(self) -> str:
        """Return the severity and the sentence as one text in the active language."""
        return f"{self.severity.word.capitalize()}: {self.sentence}"

    @property
    def sentence(self) -> str:
        """Return the risk in one sentence of the active language."""
        return str(RISKS[self.code][1]) % {"value": shown(self.value)}


def risks_of(row: object) -> list[Risk]:
    """Return the risks of a row, the worst first; none for a row that is not valid."""
    if isinstance(row, PathRule):
        return rule_risks(rule_text(row))
    if not isinstance(row, Origin):
        return []
    text = origin_text(row)
    try:
        return origin_risks(text, parse_pattern(text.pattern))
    except PolicyError:
        return []


def rule_risks(rule: RuleText) -> list[Risk]:
    """Return the risks of a path rule."""
    if rule.any_origin:
        return [Risk("any-origin", rule.path)]
    return [Risk("echo", rule.path)] if echoing_fields(rule) else []


def origin_risks(entry: OriginText, pattern: OriginPattern) -> list[Risk]:
    """Return the risks of an origin entry, given its parsed pattern, the worst first."""
    codes = [code.removeprefix("risk-") for code in risks(pattern)]
    if pattern.subdomains and "public-suffix" not in codes:
        codes.append("subdomains")
    if pattern.label and "shared-parent" not in codes:
        codes.append("label-wildcard")
    if pattern.port == "*":
        codes.append("any-port")
    suffix = _CREDENTIALS if entry.credentials else ""
    return [Risk(code + suffix, entry.pattern) for code in codes]
