"""Plan a new customer: its rows as plain values, and an example call that tries the plan."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from django.utils.text import slugify

from corsadmin.diagnose.explain import Question
from corsadmin.diagnose.verdict.calls import ANY_VALUE
from corsadmin.engine import Snapshot
from corsadmin.engine.hosts import check_slug
from corsadmin.engine.origins import parse_origin
from corsadmin.engine.paths import written
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.models.policy_rows import RuleRow
from corsadmin.models.tenant_rows import TenantRows, owned_row
from corsadmin.presets import PRESETS
from corsadmin.proposed_change.state import state_of

NO_RULE: Final = "none"
# The presets that include methods. The others only add names to a rule.
TEMPLATES: Final = tuple(key for key, preset in PRESETS.items() if preset.methods)
NO_KEY: Final = -1  # the key of a tenant in memory, which no stored tenant has
MAX_SLUG: Final = 63  # characters
_METHODS: Final = ("POST", "GET")  # preferred for the example, in this order
_NAME: Final = "app"  # replaces the star of a pattern
_PORT: Final = ":8443"
_AS_BROWSERS_SHOW: Final = "/:@!$&'()*+,;=~-._"


def proposed_slug(name: str) -> str:
    """Return a slug derived from a name, blank if the name has no usable letters."""
    slug = slugify(name).replace("_", "-")[:MAX_SLUG].strip("-")
    return "" if check_slug(slug) else slug


def rule_from(template: str, path: str, *, credentials: bool) -> PathRule:
    """Return a path rule made from a template."""
    lists = {field: [*names] for field, names in PRESETS[template].lists.items()}
    return PathRule(path=path, credentials=credentials, **lists)


@dataclass(frozen=True, slots=True)
class CustomerPlan:
    """The unsaved rows of a new customer."""

    tenant: Tenant
    hosts: Sequence[TenantHost]
    origins: Sequence[Origin]
    rule: PathRule | None

    @property
    def rows(self) -> list[Tenant | TenantHost | Origin | PathRule]:
        """All rows, in the order in which they can be saved."""
        rules = [] if self.rule is None else [self.rule]
        return [self.tenant, *self.hosts, *self.origins, *rules]

    def held(self) -> TenantRows:
        """Return the tenant's future rows, under a key that no stored tenant has."""
        tenant = copy(self.tenant)
        tenant.pk = NO_KEY
        return TenantRows(
            tenant,
            [owned_row(row)[1] for row in self.hosts],
            [] if self.rule is None else [owned_row(self.rule)[1]],
            [owned_row(row)[1] for row in self.origins],
        )

    def among(self, stored: Snapshot) -> Snapshot:
        """Return the stored policies together with this one."""
        own = state_of([self.held()]).snapshot.index.records
        records = dict([*stored.index.records.items(), *own.items()])
        return Snapshot(stored.generation, stored.rebuild, records, stops=stored.stops)

    def example(self, rules: Iterable[RuleRow], inherited: Iterable[str]) -> Question | None:
        """Return a call that a page of the customer could make, or None if nothing can be called.

        `rules` are the rules in force, and `inherited` the patterns of the platform's entries. The
        call fits the first rule. Whether the rule allows it is for the engine to judge.
        """
        rule = next(iter(rules), None)
        own = sorted((row.pattern for row in self.origins), key=lambda text: "*" in text)
        pattern = next(iter([*own, *inherited]), "")
        if rule is None or not pattern or not self.hosts:
            return None
        credentials = rule.credentials and any(row.credentials for row in self.origins)
        return Question(
            host=self.hosts[0].host,
            path=quote(written(rule.path).replace("*", _NAME), safe=_AS_BROWSERS_SHOW),
            origin=sample_of(pattern),
            method=next(
                (name for name in (*_METHODS, *rule.methods) if name in rule.methods), "GET"
            ),
            headers=dict.fromkeys(
                [name for name in rule.request_headers if name != "*"], ANY_VALUE
            ),
            credentials=credentials,
        )


def sample_of(pattern: str) -> str:
    """Return an origin that a pattern covers."""
    if parse_origin(pattern) is not None:
        return pattern
    return pattern.removesuffix(":*").replace("*", _NAME) + _PORT * pattern.endswith(":*")
