"""One change that a refused call needs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Model

from corsadmin.diagnose.explain.context import Question
from corsadmin.diagnose.explain.draft import changed_row
from corsadmin.models import Tenant
from corsadmin.proposed_change.change import ChangedRow


class RemedyKind(StrEnum):
    """What a remedy changes: a closed list, documented in docs/reference/commands.md."""

    ALLOWED_HOSTS = "allowed-hosts"
    TENANT_RESOLVER = "tenant-resolver"
    ADDRESS = "address"
    EMERGENCY = "emergency"
    HOST = "host"
    TENANT_ACTIVE = "tenant-active"
    RULE_ADD = "rule-add"
    RULE_ENABLE = "rule-enable"
    RULE_OWN = "rule-own"
    RULE_MEND = "rule-mend"
    ORIGIN_ADD = "origin-add"
    ORIGIN_ENABLE = "origin-enable"
    ORIGIN_SCOPE = "origin-scope"
    ORIGIN_WINDOW = "origin-window"
    ORIGIN_CREDENTIALS = "origin-credentials"
    ORIGIN_MEND = "origin-mend"
    PAGE_ORIGIN = "page-origin"
    PAGE_SCHEME = "page-scheme"
    PAGE_METHOD = "page-method"
    PAGE_HEADERS = "page-headers"
    METHOD = "method"
    HEADERS = "headers"
    RULE_CREDENTIALS = "rule-credentials"
    ANY_ORIGIN = "any-origin"


# Where a change is made that does not change a row of the policy.
_MAKERS = {
    RemedyKind.ALLOWED_HOSTS: "settings",
    RemedyKind.TENANT_RESOLVER: "settings",
    RemedyKind.ADDRESS: "page",
    RemedyKind.PAGE_ORIGIN: "page",
    RemedyKind.PAGE_SCHEME: "page",
    RemedyKind.PAGE_METHOD: "page",
    RemedyKind.PAGE_HEADERS: "page",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One change, and the step that it mends.

    `row` is the row of the policy as the change leaves it; None if a person must decide first, or if
    no policy can cure. `fields` are the fields that change; of a new row, those that matter. If the
    change leads to another call or tenant, `question` is the call that the page then makes, and
    `tenant` is the slug of the tenant that the request then has. `lifted` is the slug of the tenant
    whose emergency is lifted.
    """

    kind: RemedyKind
    step: str
    sentence: str
    row: ChangedRow | None = None
    fields: tuple[str, ...] = ()
    question: Question | None = None
    tenant: str = ""
    lifted: str = ""

    @property
    def made_in(self) -> str:
        """Return where the change is made: in the policy, the page or the settings."""
        return _MAKERS.get(self.kind, "policy")

    @property
    def is_end(self) -> bool:
        """Report whether nothing is known about the steps after this change."""
        return self.row is None and self.question is None and not (self.tenant or self.lifted)

    def as_dict(self) -> dict[str, object]:
        """Return the remedy as plain values for JSON."""
        row: Any = self.row
        model = None if row is None else row._meta.model_name  # noqa: SLF001 (Django's documented name)
        values = {} if row is None else {name: getattr(row, name) for name in self.fields}
        return {
            "kind": str(self.kind),
            "step": self.step,
            "made_in": self.made_in,
            "sentence": self.sentence,
            "model": model,
            "tenant": self.lifted if row is None else owner_slug(row),
            "row": "" if row is None else str(row),
            "is_new": None if row is None else row.pk is None,
            "values": {name: _plain(value) for name, value in values.items()},
        }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def owner_slug(row: Any) -> str:
    """Return the slug of the tenant that a row belongs to or is."""
    return str(row.slug if isinstance(row, Tenant) else row.tenant.slug)


def change_row(kind: RemedyKind, step: str, sentence: str, row: Model, **values: object) -> Remedy:
    """Return the remedy that changes the given fields of a row."""
    return Remedy(
        kind=kind,
        step=step,
        sentence=sentence,
        row=changed_row(row, **values),
        fields=tuple(values),
    )
