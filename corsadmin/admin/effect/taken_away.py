"""How long browsers may rely on answers that a change revoked."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import F

from corsadmin.admin.history.versions import KINDS, Kind, owner_field, previous_versions
from corsadmin.engine import PLATFORM
from corsadmin.engine.emergencies import StopLevel
from corsadmin.engine.paths import overlaps
from corsadmin.engine.rules import DEFAULT_PREFLIGHT_AGE, MAX_PREFLIGHT_AGE
from corsadmin.models import Emergency, Origin, PathRule, Tenant, TenantHost
from corsadmin.models.generation import Change
from corsadmin.models.rows import RowVersion
from corsadmin.proposed_change.touched import is_in_force

MAX_COMPARED_TENANTS: Final = 100
MAX_COMPARED_VERSIONS: Final = 2_000  # of each model
MAX_RULES: Final = 1_000
_LISTS: Final = ("methods", "request_headers")


class _Pair(NamedTuple):
    """A row before and after the change, None where it did not exist."""

    kind: Kind
    before: RowVersion
    after: RowVersion

    @property
    def tenant(self) -> int:
        row = self.after if self.before is None else self.before
        return int(getattr(row, owner_field(self.kind)))


def remembered_seconds(change: Change) -> int | None:
    """Return how many seconds a browser may rely on an answer that a change revoked.

    Return None if the change revoked nothing, and the longest time for a very large change.
    """
    if change.everything or len(change.tenants) > MAX_COMPARED_TENANTS:
        return MAX_PREFLIGHT_AGE
    pairs: list[_Pair] = []
    for kind in (*KINDS, Emergency):
        of_tenants = kind.history.filter(**{f"{owner_field(kind)}__in": change.tenants})
        versions = list(
            of_tenants.filter(history_date=change.moment).order_by()[: MAX_COMPARED_VERSIONS + 1]
        )
        if len(versions) > MAX_COMPARED_VERSIONS:
            return MAX_PREFLIGHT_AGE
        before = previous_versions(
            kind.history.order_by(), [one for one in versions if one.history_type == "~"]
        )
        pairs += [_pair(kind, version, before.get(version.pk)) for version in versions]
    return _longest(pairs, change.moment)


def _pair(kind: Kind, version: RowVersion, before: RowVersion) -> _Pair:
    if version.history_type == "-":
        return _Pair(kind, version, None)
    return _Pair(kind, before, version)


def _longest(pairs: list[_Pair], now: datetime) -> int | None:
    """Return the largest max age among the rules that gave the revoked answers."""
    if not pairs:
        return None
    platform = Tenant.objects.filter(slug=PLATFORM).values_list("pk", flat=True).first()
    rules = _rules_before(pairs, platform)
    ages = [
        DEFAULT_PREFLIGHT_AGE if rule.max_age is None else rule.max_age
        for pair in pairs
        for rule in _deciding(pair, [one for one in rules if _answers(one, pair, platform)], now)
    ]
    return max(ages, default=None)


def _answers(rule: RowVersion, pair: _Pair, platform: int | None) -> bool:
    """Report whether a rule may decide for callers of the row's tenant, or of its heirs."""
    return platform in (pair.tenant, rule.tenant_id) or rule.tenant_id == pair.tenant


def _rules_before(pairs: list[_Pair], platform: int | None) -> list[RowVersion]:
    """Return the rules that answered the tenants' callers before the change.

    A change to the platform affects all its heirs. Of very many rules, only those with the longest
    max age count.
    """
    keys = {pair.tenant for pair in pairs}
    rules = PathRule.objects.filter(enabled=True).order_by(F("max_age").desc(nulls_last=True))
    if platform not in keys:
        rules = rules.filter(tenant__in=keys | {platform})
    written = [pair for pair in pairs if pair.kind is PathRule]
    stored = rules.exclude(pk__in=[pair.after.id for pair in written if pair.after is not None])
    return [*stored[:MAX_RULES], *(pair.before for pair in written if _is_on(pair.before))]


def _deciding(pair: _Pair, rules: list[RowVersion], now: datetime) -> Iterable[RowVersion]:
    """Return the rules whose answers a row's change revoked."""
    kind, before, after = pair
    if kind is PathRule:
        lost = [before] if _is_on(before) and _narrows(before, after) else []
        return [*lost, *_shadowed(before, after, rules)]
    if kind is Origin:
        is_lost = _loses_origin(before, after, now)
        return [rule for rule in rules if is_lost and _meets(before.scope, rule.path)]
    return rules if _LOSSES[kind](before, after) else []


def _meets(scope: str, path: str) -> bool:
    return not scope or overlaps(scope, path)


def _is_on(rule: RowVersion) -> bool:
    return rule is not None and rule.enabled


def _narrows(before: RowVersion, after: RowVersion) -> bool:
    """Report whether an enabled rule allows less than before."""
    if not _is_on(after) or (after.path, after.tenant_id) != (before.path, before.tenant_id):
        return True
    return (
        (before.any_origin and not after.any_origin)
        or (before.credentials and not after.credentials)
        or (after.exclusive and not before.exclusive)
        or any(
            "*" not in getattr(after, name) and set(getattr(before, name)) - {*getattr(after, name)}
            for name in _LISTS
        )
    )


def _shadowed(
    before: RowVersion, after: RowVersion, rules: Iterable[RowVersion]
) -> list[RowVersion]:
    """Return the rules that may have decided before for paths that this rule now decides for."""
    if not _is_on(after) or (_is_on(before) and before.path == after.path):
        return []
    return [rule for rule in rules if rule.pk != after.id and overlaps(rule.path, after.path)]


def _loses_tenant(before: RowVersion, after: RowVersion) -> bool:
    if before is None or not before.is_active:
        return False
    return after is None or any(
        getattr(before, name) != getattr(after, name)
        for name in ("slug", "is_active", "inherits_platform")
    )


def _loses_host(before: RowVersion, after: RowVersion) -> bool:
    return before is not None and (
        after is None or (before.host, before.tenant_id) != (after.host, after.tenant_id)
    )


def _loses_origin(before: RowVersion, after: RowVersion, now: datetime) -> bool:
    if before is None or not is_in_force(before, now):
        return False
    if after is None or not is_in_force(after, now):
        return True
    names = ("pattern", "scope", "tenant_id")
    return (before.credentials and not after.credentials) or any(
        getattr(before, name) != getattr(after, name) for name in names
    )


def _is_stopped_more(before: RowVersion, after: RowVersion) -> bool:
    """Report whether an emergency began, or came to stop every origin."""
    was, stop = (
        None if one is None or one.instance.is_over() else one.instance.stop.level
        for one in (before, after)
    )
    return stop is not None and stop is not was and was is not StopLevel.ALL


_LOSSES: Final[Mapping[Kind, Callable[[RowVersion, RowVersion], bool]]] = {
    Tenant: _loses_tenant, TenantHost: _loses_host, Emergency: _is_stopped_more,
}  # fmt: skip
