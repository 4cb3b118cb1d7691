"""Turn the origins that another program lists for each path into entries scoped to that path."""

from collections.abc import Mapping
from typing import Any

from corsadmin.convert.conversion import Conversion
from corsadmin.convert.cors_policy import Origins
from corsadmin.engine.paths import overlaps, specificity


def add_scoped_origins(conversion: Conversion, allowed: Mapping[str, Origins]) -> None:
    """Add the entries of `allowed`, which maps path patterns to their origins.

    A path without origins is closed. If all rules have the same origins, an entry needs no scope,
    because only these paths have rules. Otherwise, a rule that allows fewer origins than a rule
    around it becomes exclusive.
    """
    rules = {rule["path"]: rule for rule in conversion.paths if not rule["any_origin"]}
    granting = [allowed[path] for path, rule in rules.items() if rule["credentials"]]
    listed = [allowed[path].keys() for path in rules]
    if all(one == listed[0] for one in listed) and all(one == granting[0] for one in granting):
        shared = granting[0] if granting else next((allowed[path] for path in rules), {})
        for origin, credentials in shared.items():
            conversion.add_origin(pattern=origin, credentials=credentials)
        return
    for path, rule in rules.items():
        origins = {
            origin: credentials and rule["credentials"]
            for origin, credentials in allowed[path].items()
        }
        for origin, credentials in origins.items():
            conversion.add_origin(pattern=origin, credentials=credentials, scope=path)
        for other, inner in rules.items():
            # Entries scoped to the wider path would apply to the narrower one too.
            if decides_before(other, path) and _has_more(origins, allowed[other], inner):
                inner["exclusive"] = True


def decides_before(narrow: str, wide: str) -> bool:
    """Report whether the rule for one pattern decides on paths that another pattern covers too."""
    return overlaps(narrow, wide) and specificity(narrow) < specificity(wide)


def _has_more(origins: Origins, others: Origins, rule: Mapping[str, Any]) -> bool:
    return any(
        origin not in others or (credentials and rule["credentials"] and not others[origin])
        for origin, credentials in origins.items()
    )
