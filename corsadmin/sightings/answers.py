"""The decisions of two policies on the paths of a rule, one for each path that they tell apart."""

from typing import NamedTuple

from corsadmin.engine import CorsRequest, Decision, TenantPolicy, decide
from corsadmin.engine.paths import common_patterns, covers, meet, overlaps, probe_paths
from corsadmin.engine.rules import Rule


class Answers(NamedTuple):
    """The decisions of the earlier and the later policy for one request."""

    before: Decision
    after: Decision


class PolicyPair:
    """Two policies of a tenant that decide at the same time; None allows nobody.

    `within` is the pattern that covers every path of the tenant.
    """

    def __init__(
        self, before: TenantPolicy | None, after: TenantPolicy | None, now: float, within: str = "/"
    ) -> None:
        self._before, self._after, self._now, self._within = before, after, now, within
        rules = {*_rules(before), *_rules(after)}
        self._scopes = {*_scopes(before), *_scopes(after)}
        self._known = rules | self._scopes
        self._paths: dict[str, list[str]] = {}

    @property
    def rules_before(self) -> set[str]:
        """The patterns of the earlier policy's path rules."""
        return _rules(self._before)

    def ask(self, request: CorsRequest) -> Answers:
        """Return both decisions for a request."""
        return Answers(
            decide(self._before, request, self._now), decide(self._after, request, self._now)
        )

    def is_same_rule(self, path: str) -> bool:
        """Report whether both policies have the same rule, with the same content, on a path."""
        return _find(self._before, path) == _find(self._after, path)

    def paths(self, rule: str) -> list[str]:
        """Return a path for each part of an earlier rule's paths that the policies tell apart.

        If other rules have taken over all of its paths, the whole pattern counts.
        """
        if rule not in self._paths:
            found = self._probes(rule)
            answered = [path for path in found if _path_of(_find(self._before, path)) == rule]
            self._paths[rule] = self._distinct(answered or found)
        return self._paths[rule]

    def _probes(self, rule: str) -> list[str]:
        if not overlaps(self._within, rule):
            return []
        # Of two patterns without a star that overlap, one covers the other.
        crossing = [rule, *(pattern for pattern in self._known if "*" in pattern)]
        known = self._known | {rule}
        patterns = common_patterns(crossing, known, meet(self._within, rule))
        return [*probe_paths(patterns, known).values()]

    def _distinct(self, paths: list[str]) -> list[str]:
        found = {
            (
                _path_of(_find(self._before, path)),
                _path_of(_find(self._after, path)),
                frozenset(scope for scope in self._scopes if covers(scope, path)),
            ): path
            for path in paths
        }
        return [*found.values()]


def plain_call(origin: str, path: str) -> CorsRequest:
    """Return a call without a preflight; its method does not matter."""
    return CorsRequest(path, "GET", origin, None, None, "")


def preflight(
    origin: str, path: str, method: str = "GET", names: tuple[str, ...] = ()
) -> CorsRequest:
    """Return a preflight that requests a method and header names."""
    return CorsRequest(path, "OPTIONS", origin, method, ", ".join(names) or None, "")


def _find(policy: TenantPolicy | None, path: str) -> Rule | None:
    return None if policy is None else policy.rules.find(path)


def _path_of(rule: Rule | None) -> str:
    return "" if rule is None else rule.path


def _rules(policy: TenantPolicy | None) -> set[str]:
    return set() if policy is None else {rule.path for rule in policy.rules.values()}


def _scopes(policy: TenantPolicy | None) -> set[str]:
    if policy is None:
        return set()
    own = {allowance.scope for some in policy.allowances.values() for allowance in some}
    return (own | _scopes(policy.platform)) - {""}
