"""Write a tenant's policy as the CORS rules of an S3 bucket, and say what they cannot express."""

import json
from collections.abc import Iterator
from typing import Final

from corsadmin.convert.conversion import Remark
from corsadmin.convert.enabled_rows import takes_plain_origins, usable_origins
from corsadmin.engine.origins import parse_pattern
from corsadmin.models.policy_rows import OriginRow, RuleRow
from corsadmin.models.tenant_rows import TenantRows

METHODS: Final = frozenset({"GET", "PUT", "POST", "DELETE", "HEAD"})
# A page may send these without a preflight, so S3 must always allow them.
_ALWAYS: Final = ("GET", "HEAD", "POST")
_NO_CREDENTIALS: Final = (
    "S3 grants credentials to every listed origin, but this one may not have them."
)


def render_policy(held: TenantRows) -> tuple[str, list[Remark]]:
    """Return the rules as JSON, and remarks on what they cannot express."""
    remarks: list[Remark] = []
    rule = _rule(held, remarks)
    rules = [] if rule is None else [_bucket_rule(held, rule, remarks)]
    rules = [found for found in rules if found["AllowedOrigins"]]
    return json.dumps({"CORSRules": rules}, ensure_ascii=False, indent=2) + "\n", remarks


def _rule(held: TenantRows, remarks: list[Remark]) -> RuleRow | None:
    """Return the path rule that becomes the bucket's, or None."""
    enabled = [rule for rule in held.rules if rule.enabled]
    shut = [rule for rule in enabled if not takes_plain_origins(rule)]
    if shut:
        why = "S3 has no paths, so it cannot keep this one closed. The bucket gets no rule."
        remarks.extend(Remark(f"path {rule.path}: exclusive", why) for rule in shut)
        return None
    chosen = next((rule for rule in enabled if rule.path == "/"), None)
    if chosen is None and enabled:
        chosen = enabled[0]
        remarks.append(Remark(f"path {chosen.path}", "S3 has no paths: it becomes the bucket's."))
    remarks.extend(
        Remark(f"path {rule.path}", "S3 has no paths, so there is only one rule.")
        for rule in enabled
        if rule is not chosen
    )
    return chosen


def _bucket_rule(held: TenantRows, rule: RuleRow, remarks: list[Remark]) -> dict[str, object]:
    methods = [*_ALWAYS, *(name for name in rule.methods if name not in _ALWAYS)]
    remarks.extend(
        Remark(f"method {name}", "S3 does not know it.") for name in methods if name not in METHODS
    )
    headers = list(rule.request_headers)
    # With credentials, the star of a rule echoes the requested names, as in S3.
    if "*" in headers and "authorization" not in headers and not rule.credentials:
        headers.remove("*")
        remarks.append(Remark("header *", "in S3, the star includes authorization."))
    if rule.refuse_unlisted:
        remarks.append(Remark("refuse_unlisted", "S3 answers other origins without headers."))
    found: dict[str, object] = {
        "AllowedOrigins": ["*"] if rule.any_origin else list(_origins(held, rule, remarks)),
        "AllowedMethods": [name for name in methods if name in METHODS],
        "AllowedHeaders": headers,
        "ExposeHeaders": rule.exposed_headers,
    }
    if rule.max_age is not None:
        found["MaxAgeSeconds"] = rule.max_age
    return found


def _origins(held: TenantRows, rule: RuleRow, remarks: list[Remark]) -> Iterator[str]:
    for origin in usable_origins(held, remarks):
        pattern = origin.pattern
        why = _why_not(origin, rule)
        if why:
            remarks.append(Remark(f"origin {pattern}", why))
            continue
        yield pattern
        if pattern.endswith(":*"):
            # In S3 the star requires a port; here it means any port or none.
            yield pattern.removesuffix(":*")


def _why_not(origin: OriginRow, rule: RuleRow) -> str:
    if origin.scope:
        return "S3 has no paths, so it has no scopes."
    if origin.valid_from or origin.valid_until:
        return "S3 has no dates."
    if not (origin.credentials and rule.credentials):
        return _NO_CREDENTIALS
    if origin.pattern.count("*") > 1:
        return "S3 accepts only one star."
    pattern = parse_pattern(origin.pattern)
    is_wider = pattern.label or pattern.any_host
    return (
        "in S3, the star also matches dots and ports, so it would let in more." if is_wider else ""
    )
