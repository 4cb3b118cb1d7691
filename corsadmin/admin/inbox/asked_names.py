"""The methods and request headers that path rules refused to allowed origins."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from corsadmin.admin.inbox.filters import USUAL_DAYS
from corsadmin.admin.words import path_text
from corsadmin.engine import PLATFORM, Reason
from corsadmin.engine.headers import check_request_header
from corsadmin.engine.methods import check_method
from corsadmin.engine.rules import Rule, stored_rule
from corsadmin.models import PathRule, Sighting, Tenant
from corsadmin.models.policy_rows import is_list_of_text, rule_text

MAX_SIGHTINGS: Final = 1_000
MAX_RULES: Final = 50  # on a page
_REFUSED: Final = (Reason.METHOD_NOT_ALLOWED, Reason.HEADER_NOT_ALLOWED)


@dataclass(slots=True)
class AskedNames:
    """What callers asked for and a tenant's path rule refused. `rule` may be the platform's."""

    tenant: Tenant
    rule: PathRule
    preflights: int
    last_seen: datetime
    origins: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    request_headers: set[str] = field(default_factory=set)

    @property
    def path(self) -> str:
        """Return the path of the rule as pages show it."""
        return path_text(self.rule.path)

    @property
    def is_inherited(self) -> bool:
        """Report whether the rule is the platform's."""
        return self.rule.tenant_id != self.tenant.pk

    @property
    def sorted_methods(self) -> list[str]:
        """Return the methods in a fixed order."""
        return sorted(self.methods)

    @property
    def sorted_headers(self) -> list[str]:
        """Return the names of request headers in a fixed order."""
        return sorted(self.request_headers)

    def add(self, sighting: Sighting, rule: Rule) -> None:
        """Add what a sighting asked for and the rule does not allow."""
        self.preflights += sighting.preflights
        self.last_seen = max(self.last_seen, sighting.last_seen)
        self.origins.add(sighting.origin)
        self.methods |= _missing_methods(sighting.methods, rule)
        self.request_headers |= _missing_headers(sighting.request_headers, rule)

    def join(self, other: "AskedNames") -> None:
        """Add what another tenant's callers asked of the same rule."""
        self.preflights += other.preflights
        self.last_seen = max(self.last_seen, other.last_seen)
        self.origins |= other.origins
        self.methods |= other.methods
        self.request_headers |= other.request_headers


def asked_names(sightings: QuerySet[Sighting]) -> list[AskedNames]:
    """Return what path rules would still refuse now, the most requested first."""
    refused = sightings.filter(reason__in=_REFUSED).select_related("tenant")
    rows = list(refused.order_by("-hours", "-preflights", "pk")[:MAX_SIGHTINGS])
    rules = _rules(rows)
    found: dict[tuple[int, str], AskedNames] = {}
    for row in rows:
        rule = _deciding(rules, row)
        if rule is None:
            continue
        key = row.tenant_id, row.rule
        known = found.setdefault(key, AskedNames(row.tenant, rule, 0, row.last_seen))
        known.add(row, stored_rule(rule_text(rule)))
    asked = [one for one in found.values() if one.methods or one.request_headers]
    return sorted(asked, key=lambda one: one.preflights, reverse=True)[:MAX_RULES]


def asked_of_rule(rule: PathRule, keys: frozenset[int] | None) -> AskedNames | None:
    """Return what one rule refused last week to callers of tenants with these keys, or of all."""
    since = timezone.now() - timedelta(days=int(USUAL_DAYS))
    sightings = Sighting.objects.filter(rule=rule.path, last_seen__gte=since)
    if not rule.tenant.is_platform:
        sightings = sightings.filter(tenant=rule.tenant_id)
    elif keys is not None:
        sightings = sightings.filter(tenant__in=keys)
    found = [one for one in asked_names(sightings) if one.rule.pk == rule.pk]
    if not found:
        return None
    first = found[0]
    for other in found[1:]:
        first.join(other)
    return first


def _rules(rows: Iterable[Sighting]) -> dict[tuple[str, str], PathRule]:
    """Return the enabled rules that sightings may refer to, by tenant slug and path."""
    keys, paths = {row.tenant_id for row in rows}, {row.rule for row in rows}
    of_them = Q(tenant__in=keys) | Q(tenant__slug=PLATFORM)
    enabled = PathRule.objects.filter(of_them, path__in=paths, enabled=True)
    return {(rule.tenant.slug, rule.path): rule for rule in enabled.select_related("tenant")}


def _deciding(rules: dict[tuple[str, str], PathRule], row: Sighting) -> PathRule | None:
    own = rules.get((row.tenant.slug, row.rule))
    inherited = rules.get((PLATFORM, row.rule)) if row.tenant.inherits_platform else None
    return own or inherited


def _missing_methods(names: object, rule: Rule) -> set[str]:
    if "*" in rule.methods or not is_list_of_text(names):
        return set()
    return {name for name in names if name not in rule.methods and check_method(name) is None}


def _missing_headers(names: object, rule: Rule) -> set[str]:
    if not is_list_of_text(names):
        return set()
    listed = rule.request_headers
    wanted = {name for name in names if name not in listed and check_request_header(name) is None}
    if "*" not in listed:
        return wanted
    return wanted & {"authorization"} if rule.echo is None else set()
