"""Read what tenants hold, and sort out the rows that do not compile."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import QuerySet

from corsadmin.diagnose.lint.findings import Finding
from corsadmin.engine.entries import OriginText, examine_origin
from corsadmin.engine.hosts import check_host, check_slug
from corsadmin.engine.origins import OriginPattern
from corsadmin.engine.problems import Problem
from corsadmin.engine.rules import RuleText
from corsadmin.messages import describe, shown
from corsadmin.models import Origin, PathRule, Tenant, TenantHost, validation


class Entry(NamedTuple):
    """An enabled origin entry that compiles."""

    row: Origin
    text: OriginText
    pattern: OriginPattern


class Policy(NamedTuple):
    """A tenant's enabled rules by path and its entries by pattern, those that compile."""

    rules: dict[str, RuleText]
    entries: dict[str, list[Entry]]


class Holding(NamedTuple):
    """What one tenant holds; `faults` are its rows that do not compile."""

    tenant: Tenant
    hosts: list[str]
    policy: Policy
    faults: list[Finding]

    @property
    def has_broken_rules(self) -> bool:
        """Report whether a rule does not compile, so that what it meets cannot be told."""
        return any(fault.kind == "rule" for fault in self.faults)


def read(tenants: list[Tenant], using: str) -> Iterator[Holding]:
    """Yield what each of the tenants holds, in their order."""
    keys = [tenant.pk for tenant in tenants]
    hosts = _by_tenant(QuerySet(TenantHost, using=using).filter(tenant__in=keys))
    rules = _by_tenant(QuerySet(PathRule, using=using).filter(tenant__in=keys, enabled=True))
    entries: QuerySet[Origin] = QuerySet(Origin, using=using).filter(tenant__in=keys, enabled=True)
    # Of thousands of rows, what nobody looks at costs as much time as what is judged.
    origins = _by_tenant(entries.defer("created", "modified", "note"))
    for tenant in tenants:
        names = [row.host for row in hosts[tenant.pk]]
        holding = Holding(tenant, names, Policy({}, {}), [])
        _take_names(holding)
        for rule in rules[tenant.pk]:
            _take_rule(holding, rule)
        for origin in origins[tenant.pk]:
            _take_origin(holding, origin)
        yield holding


def _take_names(holding: Holding) -> None:
    slug = holding.tenant.slug
    _compiles(holding, "tenant", slug, filter(None, [check_slug(slug)]))
    for host in holding.hosts:
        _compiles(holding, "host", host, filter(None, [check_host(host)]))


def _take_rule(holding: Holding, rule: PathRule) -> None:
    if _compiles(holding, "rule", rule.path, validation.rule_problems(rule)):
        holding.policy.rules[rule.path] = validation.rule_text(rule)


def _take_origin(holding: Holding, origin: Origin) -> None:
    origin.tenant = holding.tenant  # what names it later shall not ask for it
    text = validation.origin_text(origin)
    pattern, problems = examine_origin(text)
    if _compiles(holding, "origin", str(origin), problems) and pattern is not None:
        entry = Entry(origin, text, pattern)
        holding.policy.entries.setdefault(text.pattern, []).append(entry)


def _compiles(holding: Holding, kind: str, name: str, problems: Iterable[Problem]) -> bool:
    sentences = " ".join(map(describe, problems))
    if sentences:
        holding.faults.append(
            Finding(holding.tenant.slug, kind, shown(name), "does-not-compile", sentences)
        )
    return not sentences


def _by_tenant(rows: QuerySet[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    # Not by a cursor: a database that is to hurry with the first rows reads the table in their order.
    for row in rows.order_by("pk"):
        found[row.tenant_id].append(row)
    return found
