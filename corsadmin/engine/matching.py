"""Which origin entry of a tenant lets an origin in, if any."""

from collections.abc import Iterable

from corsadmin.engine.origins import parse_origin
from corsadmin.engine.packing import Allowance
from corsadmin.engine.paths import covers
from corsadmin.engine.policy import TenantPolicy
from corsadmin.engine.request import CorsRequest, Reason
from corsadmin.engine.rules import EntryFound, Rule, admits

# If several entries cover an origin and none applies, the nearest one gives the reason.
_NEARNESS = {
    Reason.ORIGIN_NOT_LISTED: 0,
    Reason.ORIGIN_OUT_OF_SCOPE: 1,
    Reason.ORIGIN_NOT_YET_VALID: 2,
    Reason.ORIGIN_EXPIRED: 3,
}
_UNLISTED = ("", False, Reason.ORIGIN_NOT_LISTED)


def find_entry(policy: TenantPolicy, rule: Rule, request: CorsRequest, now: float) -> EntryFound:
    """Return the entry that allows the origin, whether credentials are allowed, and the reason.

    Entries only add permissions: of several that apply, one with credentials wins. If none applies,
    the entry is blank and the reason is that of the nearest one. A rule for any origin ignores all
    entries; an exclusive rule sees only the entries that it admits.
    """
    if rule.only_answer is not None:
        return rule.only_answer
    origin = request.origin
    parts = parse_origin(origin)
    if parts is None:
        null = origin == "null"
        return "", False, Reason.ORIGIN_NULL if null else Reason.ORIGIN_MALFORMED
    credentials = policy.literal(origin)
    if credentials is not None and (credentials or not rule.credentials) and not rule.exclusive:
        # Nothing can grant more: this is the usual case, and the hot path.
        return origin, rule.credentials, Reason.ALLOWED
    platform = policy.platform
    if credentials is None and not policy.allowances and (platform is None or platform.is_blank):
        entry, credentials, reason = _UNLISTED
    else:
        found = _allowances(policy, origin, parts)
        if rule.exclusive:
            found = [(entry, one) for entry, one in found if admits(rule, one.scope)]
        entry, credentials, reason = _best(found, rule, request, now)
    if reason is not Reason.ALLOWED and request.is_from_own_site and not request.is_preflight:
        return "", False, Reason.SAME_ORIGIN
    return entry, credentials, reason


def _best(
    found: Iterable[tuple[str, Allowance]], rule: Rule, request: CorsRequest, now: float
) -> EntryFound:
    entry, nearest = "", Reason.ORIGIN_NOT_LISTED
    for pattern, allowance in found:
        reason = check_allowance(allowance, request.path, now)
        if reason is Reason.ALLOWED:
            if allowance.credentials or not rule.credentials:
                return pattern, allowance.credentials and rule.credentials, reason
            entry = entry or pattern
        elif _NEARNESS[reason] > _NEARNESS[nearest]:
            nearest = reason
    return entry, False, Reason.ALLOWED if entry else nearest


def check_allowance(allowance: Allowance, path: str, now: float) -> Reason:
    """Return ALLOWED, or the reason why an entry does not apply on a path at a time.

    The window is half open: valid from its first instant, no longer valid at its last.
    """
    if allowance.scope and not covers(allowance.scope, path):
        return Reason.ORIGIN_OUT_OF_SCOPE
    if allowance.valid_from is not None and now < allowance.valid_from:
        return Reason.ORIGIN_NOT_YET_VALID
    if allowance.valid_until is not None and now >= allowance.valid_until:
        return Reason.ORIGIN_EXPIRED
    return Reason.ALLOWED


def _allowances(
    policy: TenantPolicy, origin: str, parts: tuple[str, str, str]
) -> list[tuple[str, Allowance]]:
    """Return every entry of the tenant, then of the platform, that covers an origin."""
    found: list[tuple[str, Allowance]] = []
    level: TenantPolicy | None = policy
    while level is not None:
        literal = level.literal(origin)
        if literal is not None:
            found.append((origin, Allowance(literal)))
        allowances = level.allowances
        if allowances:
            found += [(origin, allowance) for allowance in allowances.get(origin, ())]
            for text in level.wildcards.candidates(*parts):
                found += [(text, allowance) for allowance in allowances.get(text, ())]
        level = level.platform
    return found
