"""Origins that another program lists for each path, as entries that are valid no further."""

from collections.abc import Mapping

from corsadmin.convert.conversion import Conversion
from corsadmin.convert.cors_policy import Origins
from corsadmin.engine.paths import lies_within


def add_scoped_origins(conversion: Conversion, allowed: Mapping[str, Origins]) -> None:
    """Add the entries of paths, each a path pattern with its origins.

    A path without origins is closed. Where all rules have the same origins an entry needs no
    scope: there are rules for these paths only.
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
        inside = [other for other in rules if other != path and lies_within(other, path)]
        opened: dict[str, list[str]] = {}
        for origin, credentials in allowed[path].items():
            granted = credentials and rule["credentials"]
            closed = [
                other
                for other in inside
                if origin not in allowed[other]
                or (granted and rules[other]["credentials"] and not allowed[other][origin])
            ]
            if closed:
                opened.setdefault(", ".join(closed), []).append(origin)
            else:
                conversion.add_origin(pattern=origin, credentials=granted, scope=path)
        for closed_paths, origins in opened.items():
            # A scope covers all below it: it would open what was closed.
            why = (
                f"with this path as scope they would also be allowed on {closed_paths}, where "
                "they were not. Write them with scopes that leave that out."
            )
            conversion.remark(f"{path} {', '.join(origins)}", why)
