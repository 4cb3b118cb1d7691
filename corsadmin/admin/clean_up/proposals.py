"""The origins and path rules that could be disabled, and how each was used."""

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from corsadmin.admin.last_seen.columns import calls_a_day_text, use_of
from corsadmin.admin.last_seen.conditions import is_unused
from corsadmin.engine import Reason
from corsadmin.engine.origins import parse_origin, parse_pattern
from corsadmin.engine.problems import PolicyError
from corsadmin.messages import printable
from corsadmin.models import EntrySeen, Origin, PathRule, RuleNames, Sighting
from corsadmin.models.policy_rows import is_list_of_text

MAX_SAMPLES: Final = 3  # origins named for a wildcard
MAX_READ_SAMPLES: Final = 1_000


class UnusedEntry(NamedTuple):
    """An unused origin entry, its last use, and origins that it let in then."""

    entry: Origin
    use: EntrySeen | None
    samples: list[str]

    @property
    def words(self) -> str:
        """Return about how many calls it let in, blank if that is unknown."""
        return "" if self.use is None else calls_a_day_text(self.use)


class UnusedRule(NamedTuple):
    """An unused path rule, and its last use."""

    rule: PathRule
    use: RuleNames | None

    @property
    def names(self) -> list[str]:
        """Return the methods and request headers that callers asked for, ready for display."""
        lists = () if self.use is None else (self.use.methods, self.use.request_headers)
        return [printable(name) for names in lists if is_list_of_text(names) for name in names]


def unused_entries(days: int) -> QuerySet[Origin]:
    """Return the entries that nobody used for this many days, although they were in force."""
    now = timezone.now()
    began = Q(valid_from__isnull=True) | Q(valid_from__lt=now - timedelta(days=days))
    goes_on = Q(valid_until__isnull=True) | Q(valid_until__gt=now)
    return Origin.objects.filter(is_unused(Origin, days), began, goes_on, enabled=True)


def unused_rules(days: int) -> QuerySet[PathRule]:
    """Return the path rules that nobody used for this many days."""
    return PathRule.objects.filter(is_unused(PathRule, days), enabled=True)


def described_entries(entries: Collection[Origin]) -> Iterator[UnusedEntry]:
    """Yield each entry with its use and samples. The entries must be read with `seen`."""
    wildcards = {entry.tenant_id for entry in entries if "*" in entry.pattern}
    sightings = Sighting.objects.filter(tenant__in=wildcards, reason=Reason.ALLOWED)
    samples: dict[int, list[str]] = {}
    rows = sightings.order_by("-last_seen").values_list("tenant", "origin")
    for key, origin in rows[:MAX_READ_SAMPLES] if wildcards else ():
        samples.setdefault(key, []).append(origin)
    for entry in entries:
        origins = samples.get(entry.tenant_id, []) if "*" in entry.pattern else []
        yield UnusedEntry(entry, use_of(entry), _covered(entry.pattern, origins))


def described_rules(rules: Iterable[PathRule]) -> Iterator[UnusedRule]:
    """Yield each path rule with its use."""
    rules = list(rules)
    names: Any = RuleNames.objects.filter(
        tenant__in={rule.tenant_id for rule in rules}, rule__in={rule.path for rule in rules}
    )
    uses = {(use.tenant_id, use.rule): use for use in names}
    for rule in rules:
        yield UnusedRule(rule, uses.get((rule.tenant_id, rule.path)))


def _covered(text: str, origins: Iterable[str]) -> list[str]:
    try:
        pattern = parse_pattern(text)
    except PolicyError:
        return []
    parsed = ((origin, parse_origin(origin)) for origin in dict.fromkeys(origins))
    found = [origin for origin, parts in parsed if parts is not None and pattern.covers(*parts)]
    return found[:MAX_SAMPLES]
