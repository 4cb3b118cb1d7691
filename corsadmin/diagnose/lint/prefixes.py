"""Lint paths that begin with the prefix at which the project is mounted."""

from collections.abc import Iterator

from django.urls import get_script_prefix

from corsadmin.diagnose.lint.findings import Finding
from corsadmin.diagnose.lint.reading import Holding
from corsadmin.diagnose.mount import script_prefix


def lint_prefixes(holding: Holding) -> Iterator[Finding]:
    """Yield a finding for each rule, and each entry's scope, that begins with the script prefix."""
    slug, prefix = holding.tenant.slug, script_prefix(get_script_prefix())
    if not prefix:
        return
    for path in holding.policy.rules:
        if _is_below(path, prefix):
            yield Finding(slug, "rule", path, "script-prefix", prefix)
    for entries in holding.policy.entries.values():
        for entry in entries:
            if _is_below(entry.text.scope, prefix):
                yield Finding(slug, "origin", entry.name, "script-prefix", prefix)


def _is_below(pattern: str, prefix: str) -> bool:
    return f"{pattern}/".startswith(f"{prefix}/")
