"""Who added, last changed and accepted rows, and why, from their history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Value

from corsadmin.models import Origin, PathRule
from corsadmin.models.access import AnyRow

# The field that opens so much that the file names the person who set it.
ACCEPTANCES: Final[Mapping[type[AnyRow], str]] = {
    Origin: "risk_accepted",
    PathRule: "any_origin",
}


class Trail(NamedTuple):
    """What the history says about a row; blank or None if it does not say."""

    added_by: str = ""
    changed_by: str = ""
    reason: str = ""
    accepted_by: str = ""
    accepted_on: datetime | None = None


class _Version(NamedTuple):
    key: int
    tenant: int
    kind: str
    moment: datetime
    user: str | None
    reason: str | None
    accepts: bool


def read_trails(model: type[AnyRow], owners: Mapping[int, int], using: str) -> dict[int, Trail]:
    """Return the trails of some rows by primary key. `owners` maps the keys to those of the tenants.

    Leaves out versions from a time when the row belonged to another tenant, because a reader of the
    row may not see those. Also leaves out rows without a history.
    """
    found: dict[int, Trail] = {}
    for version in _versions(model, owners, using):
        if owners[version.key] == version.tenant:
            found[version.key] = _continued(found.get(version.key), version)
    return found


def _versions(model: type[AnyRow], keys: Mapping[int, int], using: str) -> list[_Version]:
    user = f"history_user__{get_user_model().USERNAME_FIELD}"
    accepts = ACCEPTANCES.get(model)
    versions: Any = model.history.using(using).filter(id__in=keys).order_by("history_id")
    columns = ("id", "tenant_id", "history_type", "history_date", user, "history_change_reason")
    rows = versions.values_list(*columns, accepts or Value(value=False))
    return [_Version._make(row) for row in rows]


def _continued(trail: Trail | None, version: _Version) -> Trail:
    """Return a trail with one more version."""
    user = version.user or ""
    added_by, accepted_by, accepted_on = "", "", None
    if trail is not None:
        added_by, accepted_by, accepted_on = trail.added_by, trail.accepted_by, trail.accepted_on
    elif version.kind == "+":
        added_by = user
    if not version.accepts:
        accepted_by, accepted_on = "", None
    elif accepted_on is None:
        accepted_by, accepted_on = user, version.moment
    return Trail(added_by, user, version.reason or "", accepted_by, accepted_on)
