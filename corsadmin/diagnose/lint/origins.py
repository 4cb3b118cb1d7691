"""Lint origin entries: those that never apply, add nothing or are dangerous."""

from collections.abc import Iterable, Iterator, Sequence

from corsadmin.diagnose.lint.findings import Finding, utc_text
from corsadmin.diagnose.lint.reading import Entry, Holding, Policy
from corsadmin.diagnose.lint.risks import Severity, origin_risks
from corsadmin.engine.entries import OriginText
from corsadmin.engine.paths import lies_within, overlaps
from corsadmin.engine.rules import RuleText, admits


def lint_origins(holding: Holding, inherited: Policy, now: float) -> Iterator[Finding]:
    """Yield a finding for each entry that has expired, never applies, adds nothing or is dangerous."""
    rules = {**inherited.rules, **holding.policy.rules}
    levels = (holding.policy, inherited)
    # The platform's entries apply to the rules of every tenant, too many to read here.
    all_rules_known = not (holding.tenant.is_platform or holding.has_broken_rules)
    for entries in holding.policy.entries.values():
        for entry in entries:
            exclusive = [rule for rule in rules.values() if rule.exclusive]
            found = list(_lint_effect(entry, levels, now, exclusive if all_rules_known else None))
            if not found and all_rules_known:
                found.extend(_lint_reach(entry, rules.values()))
            found.extend(_lint_risk(entry))
            for code, detail in found:
                yield Finding(holding.tenant.slug, "origin", entry.name, code, detail)


def _lint_effect(
    entry: Entry, levels: Iterable[Policy], now: float, exclusive: Sequence[RuleText] | None
) -> Iterator[tuple[str, str]]:
    until = entry.text.valid_until
    if until is not None and until <= now:
        yield "expired", utc_text(until)
        return
    for other in _that_cover(entry, levels):
        if (
            other is not entry
            and _includes(other.text, entry.text)
            and not _is_twin_to_keep(entry, other)
            and not _is_admitted_alone(entry.text.scope, other.text.scope, exclusive)
            and not _is_kept(entry, other)
        ):
            yield "redundant-origin", f"{other.tenant}: {other.name}"
            return


def _lint_reach(entry: Entry, rules: Iterable[RuleText]) -> Iterator[tuple[str, str]]:
    scope = entry.text.scope
    met = [rule for rule in rules if overlaps(scope or "/", rule.path)]
    open_to_it = [rule for rule in met if admits(rule, scope)]
    if not met and scope:
        yield "scope-without-rule", ""
    elif met and not open_to_it:
        yield "exclusive-keeps-out", ""
    elif met and entry.text.credentials and not any(rule.credentials for rule in open_to_it):
        yield "credentials-unused", ""


def _lint_risk(entry: Entry) -> Iterator[tuple[str, str]]:
    for risk in origin_risks(entry.text, entry.pattern):
        if risk.severity is Severity.DANGER:
            yield "risk", risk.graded
        elif risk.severity is Severity.WARNING:
            yield "exposed", risk.graded


def _that_cover(entry: Entry, levels: Iterable[Policy]) -> Iterator[Entry]:
    """Yield every entry whose pattern covers all that the entry's pattern covers, itself included."""
    pattern = entry.pattern
    # Any label can represent the subdomains that a wildcard covers; a label wildcard is looked up
    # literally.
    first = "x" if pattern.subdomains else pattern.label
    host = f"{first}.{pattern.host}" if first else pattern.host
    for level in levels:
        found = level.wildcards.candidates(pattern.scheme, host, pattern.port)
        for name in dict.fromkeys((entry.text.pattern, *found)):
            yield from level.entries.get(name, ())


def _is_twin_to_keep(entry: Entry, other: Entry) -> bool:
    """Report whether two entries of a tenant allow the same, and this one has no scope."""
    same_rows = entry.tenant == other.tenant and entry.text.pattern == other.text.pattern
    return same_rows and not entry.text.scope and _includes(entry.text, other.text)


def _includes(wide: OriginText, narrow: OriginText) -> bool:
    """Report whether one entry allows all that another does, leaving aside their patterns."""
    return (
        (wide.credentials or not narrow.credentials)
        and lies_within(narrow.scope or "/", wide.scope or "/")
        and _begins_before(wide.valid_from, narrow.valid_from)
        and _ends_after(wide.valid_until, narrow.valid_until)
    )


def _is_kept(entry: Entry, other: Entry) -> bool:
    """Report whether this is the one to keep of two equal entries of a tenant."""
    is_same = (other.tenant, other.pattern) == (entry.tenant, entry.pattern)
    return is_same and entry.name < other.name and _includes(entry.text, other.text)


def _is_admitted_alone(narrow: str, wide: str, exclusive: Sequence[RuleText] | None) -> bool:
    """Report whether an exclusive rule may admit the narrower of two scopes but not the wider one.

    `exclusive` are the exclusive rules, None if they are unknown.
    """
    if exclusive is None:
        return narrow != wide
    return any(admits(rule, narrow) and not admits(rule, wide) for rule in exclusive)


def _begins_before(wide: float | None, narrow: float | None) -> bool:
    return wide is None or (narrow is not None and wide <= narrow)


def _ends_after(wide: float | None, narrow: float | None) -> bool:
    return wide is None or (narrow is not None and wide >= narrow)
