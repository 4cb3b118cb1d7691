"""Which origin entry of a tenant lets an origin in, if any."""

from collections.abc import Iterable

from corsadmin.engine.origins import candidates, parse_origin
from corsadmin.engine.packing import Grant
from corsadmin.engine.paths import covers
from corsadmin.engine.policy import Rule
from corsadmin.engine.request import CorsRequest, Reason
from corsadmin.engine.tenant import Policy

# Of several entries that cover an origin and do not apply, the one that came nearest is named.
_NEARNESS = {
    Reason.ORIGIN_NOT_LISTED: 0,
    Reason.ORIGIN_OUT_OF_SCOPE: 1,
    Reason.ORIGIN_NOT_YET_VALID: 2,
    Reason.ORIGIN_EXPIRED: 3,
}
_UNLISTED = ("", False, Reason.ORIGIN_NOT_LISTED)


def find_entry(policy: Policy, rule: Rule, request: CorsRequest) -> tuple[str, bool, Reason]:
    """Return the entry that allows the origin, whether it sends credentials, and the reason.

    Entries only ever add: of several that apply, one that grants credentials is taken. Where none
    applies the entry is blank and the reason says what came nearest.
    """
    if rule.invalid:
        return "", False, Reason.POLICY_INVALID
    origin = request.origin
    parts = parse_origin(origin)
    if parts is None:
        null = origin == "null"
        return "", False, Reason.ORIGIN_NULL if null else Reason.ORIGIN_MALFORMED
    credentials = policy.literal(origin)
    if credentials is not None and (credentials or not rule.credentials):
        # Nothing can grant more: this is the usual case, and the hot path.
        return origin, rule.credentials, Reason.ALLOWED
    platform = policy.platform
    if credentials is None and not policy.grants and (platform is None or platform.is_blank):
        entry, credentials, reason = _UNLISTED
    else:
        entry, credentials, reason = _best(_grants(policy, origin, parts), rule, request)
    if reason is not Reason.ALLOWED and origin == request.site and not request.is_preflight:
        return "", False, Reason.SAME_ORIGIN
    return entry, credentials, reason


def _best(
    found: Iterable[tuple[str, Grant]], rule: Rule, request: CorsRequest
) -> tuple[str, bool, Reason]:
    entry, nearest = "", Reason.ORIGIN_NOT_LISTED
    for pattern, grant in found:
        reason = check_grant(grant, request)
        if reason is Reason.ALLOWED:
            if grant.credentials or not rule.credentials:
                return pattern, grant.credentials and rule.credentials, reason
            entry = entry or pattern
        elif _NEARNESS[reason] > _NEARNESS[nearest]:
            nearest = reason
    return entry, False, Reason.ALLOWED if entry else nearest


def check_grant(grant: Grant, request: CorsRequest) -> Reason:
    """Return ALLOWED, or the reason why an entry does not apply to this request just now.

    The window is half open: valid from its first instant, no longer valid at its last.
    """
    if grant.scope and not covers(grant.scope, request.path):
        return Reason.ORIGIN_OUT_OF_SCOPE
    if grant.valid_from is not None and request.now < grant.valid_from:
        return Reason.ORIGIN_NOT_YET_VALID
    if grant.valid_until is not None and request.now >= grant.valid_until:
        return Reason.ORIGIN_EXPIRED
    return Reason.ALLOWED


def _grants(policy: Policy, origin: str, parts: tuple[str, str, str]) -> list[tuple[str, Grant]]:
    """Return every entry of the tenant, then of the platform, that covers an origin."""
    found: list[tuple[str, Grant]] = []
    level: Policy | None = policy
    while level is not None:
        literal = level.literal(origin)
        if literal is not None:
            found.append((origin, Grant(literal)))
        grants = level.grants
        if grants:
            found += [(origin, grant) for grant in grants.get(origin, ())]
            if level.bases:
                for text in candidates(*parts, level.bases):
                    found += [(text, grant) for grant in grants.get(text, ())]
        level = level.platform
    return found
