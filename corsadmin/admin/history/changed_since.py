"""Rows that were changed again after a change that is to be undone: by whom, and in what."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from corsadmin.admin.history.differences import Names, differences
from corsadmin.admin.history.undo_plan import UndoNote
from corsadmin.admin.history.versions import visible_versions
from corsadmin.admin.history.written_rows import WrittenRow
from corsadmin.models.access import Access, AnyRow


def changed_since(
    access: Access, later: Collection[tuple[WrittenRow, AnyRow]], names: Names
) -> Iterable[UndoNote]:
    """Yield what is to be said of rows that differ now from what a change wrote, as they are now.

    `names` are those of the origin entries that these rows name.
    """
    for kind in dict.fromkeys(one.kind for one, _now in later):
        some = [(one, now) for one, now in later if one.kind is kind]
        seen = visible_versions(access, kind)
        last = seen.filter(id__in=[one.key for one, _now in some])
        keys = [key for _id, key in last.values_list("id").annotate(last=Max("history_id"))]
        versions = seen.filter(pk__in=keys).select_related("history_user")
        by_row = {version.id: version for version in versions}
        for one, now in some:
            version = by_row.get(one.key)
            is_later = version is not None and version.pk > one.last.pk
            yield UndoNote(
                one.title,
                _by_whom(version if is_later else None),
                differences(kind, one.after, now, names),
            )


def _by_whom(version: Any) -> str:
    if version is None:
        return _("It was changed since, and the history does not say by whom.")
    user = version.history_user or _("unknown user")
    return _("It was changed since by %(user)s.") % {"user": user}
