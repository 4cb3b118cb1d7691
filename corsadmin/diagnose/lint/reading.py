"""Parse the rows of tenants, and separate those that do not compile."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from corsadmin.diagnose.lint.findings import Finding
from corsadmin.engine.entries import OriginText, examine_origin
from corsadmin.engine.hosts import check_host, check_slug
from corsadmin.engine.origins import OriginPattern
from corsadmin.engine.problems import Problem
from corsadmin.engine.rules import RuleText
from corsadmin.engine.wildcards import Wildcards, kept_lengths, label_lengths
from corsadmin.messages import describe, shown
from corsadmin.models import Tenant, validation
from corsadmin.models.policy_rows import OriginRow, RuleRow, origin_text, rule_text
from corsadmin.models.tenant_rows import TenantRows


class Entry(NamedTuple):
    """An enabled origin entry that compiles. `tenant` is a slug; findings print `name`."""

    tenant: str
    name: str
    text: OriginText
    pattern: OriginPattern


@dataclass(frozen=True)
class Policy:
    """Those of a tenant's enabled rules, by path, and entries, by pattern, that compile."""

    rules: dict[str, RuleText]
    entries: dict[str, list[Entry]]

    @cached_property
    def wildcards(self) -> Wildcards:
        """Return the look-up of the wildcards among the entries. Use it once all entries are in."""
        return Wildcards(self.entries)


class Holding(NamedTuple):
    """The hosts and policy of one tenant, and a finding for each row that does not compile."""

    tenant: Tenant
    hosts: list[str]
    policy: Policy
    broken_rows: list[Finding]

    @property
    def has_broken_rules(self) -> bool:
        """Report whether a rule does not compile, so that nobody knows what it covers."""
        return any(row.kind == "rule" for row in self.broken_rows)


def holdings(rows: Iterable[TenantRows]) -> Iterator[Holding]:
    """Yield a holding for each tenant, in order. `rows` must be enabled rows only."""
    for held in rows:
        names = [row.host for row in held.hosts]
        holding = Holding(held.tenant, names, Policy({}, {}), [])
        _take_names(holding)
        for rule in held.rules:
            _take_rule(holding, rule)
        for origin in held.origins:
            _take_origin(holding, origin)
        _leave_out_lengths(holding)
        yield holding


def _take_names(holding: Holding) -> None:
    slug = holding.tenant.slug
    _compiles(holding, "tenant", slug, filter(None, [check_slug(slug)]))
    for host in holding.hosts:
        _compiles(holding, "host", host, filter(None, [check_host(host)]))


def _take_rule(holding: Holding, rule: RuleRow) -> None:
    if _compiles(holding, "rule", rule.path, validation.rule_problems(rule)):
        holding.policy.rules[rule.path] = rule_text(rule)


def _take_origin(holding: Holding, origin: OriginRow) -> None:
    text = origin_text(origin)
    pattern, problems = examine_origin(text)
    if _compiles(holding, "origin", origin.name, problems) and pattern is not None:
        entry = Entry(holding.tenant.slug, origin.name, text, pattern)
        holding.policy.entries.setdefault(text.pattern, []).append(entry)


def _leave_out_lengths(holding: Holding) -> None:
    """Leave out the label wildcards that the engine ignores because they have too many lengths."""
    entries = holding.policy.entries
    found = {text: lengths for text in entries if (lengths := label_lengths(text))}
    kept = kept_lengths(found.values())
    for text in [text for text, lengths in found.items() if lengths not in kept]:
        problem = Problem("pattern", "label-wildcards-too-many", text)
        for entry in entries.pop(text):
            _compiles(holding, "origin", entry.name, [problem])


def _compiles(holding: Holding, kind: str, name: str, problems: Iterable[Problem]) -> bool:
    sentences = " ".join(map(describe, problems))
    if sentences:
        holding.broken_rows.append(
            Finding(holding.tenant.slug, kind, shown(name), "does-not-compile", sentences)
        )
    return not sentences
