"""Path rules that almost cover a path."""

from typing import Final

from corsadmin.diagnose.explain.context import Case
from corsadmin.diagnose.explain.near_misses.sentences import NearMiss, near_miss
from corsadmin.engine.paths import check_path, covers, specificity, written
from corsadmin.messages import shown
from corsadmin.models import Tenant
from corsadmin.models.policy_rows import RuleRow

MAX_EXTRA_SEGMENTS: Final = 3  # before a path that a rule would cover


def near_paths(case: Case) -> list[NearMiss]:
    """Return the rules that almost cover the path of a case, the more specific ones first."""
    rows = [held for held in case.held_rules() if check_path(held[1].path) is None]
    rows.sort(key=lambda held: specificity(held[1].path))
    return [near for tenant, row in rows if (near := _compare(tenant, row, case)) is not None]


def _compare(tenant: Tenant, row: RuleRow, case: Case) -> NearMiss | None:
    path, prefix = case.path, case.script_prefix
    if covers(row.path, path):
        return near_miss(
            "tenant-inactive" if row.enabled else "path-disabled", tenant.slug, row.path
        )
    if prefix and covers(row.path, prefix + path):
        facts = {"prefix": shown(prefix), "path": shown(path)}
        return near_miss("script-prefix", tenant.slug, row.path, **facts)
    kind = _difference(row.path, path)
    if kind:
        return near_miss(kind, tenant.slug, row.path)
    extra = _extra(row.path, path)
    return near_miss("path-prefix", tenant.slug, row.path, prefix=shown(extra)) if extra else None


def _difference(pattern: str, path: str) -> str:
    """Return how a path differs from a pattern that does not cover it, or blank."""
    turned = path.removesuffix("/") if path.endswith("/") else f"{path}/"
    differences = {
        "path-slash": covers(pattern, turned),
        "path-case": covers(pattern.lower(), path.lower()),
        "path-slashes": covers(pattern, _single_slashes(path)),
        "path-below": covers(f"{written(pattern).removesuffix('/')}/", path),
    }
    return next((kind for kind, holds in differences.items() if holds), "")


def _extra(pattern: str, path: str) -> str:
    """Return the segments without which a pattern would cover a path, or blank."""
    segments = path.split("/")[1:]
    for count in range(1, min(MAX_EXTRA_SEGMENTS + 1, len(segments))):
        if covers(pattern, "/" + "/".join(segments[count:])):
            return "/" + "/".join(segments[:count])
    return ""


def _single_slashes(path: str) -> str:
    end = "/" if path.endswith("/") else ""
    return "/" + "/".join(filter(None, path.split("/"))) + end
