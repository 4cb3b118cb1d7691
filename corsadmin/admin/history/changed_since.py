"""Rows that somebody changed after the change to undo: who did it, and in which fields."""

from collections.abc import Collection, Iterable

from django.db.models import Max
from django.utils.translation import gettext as _

from corsadmin.admin.history.differences import Names, differences
from corsadmin.admin.history.undo_plan import UndoNote
from corsadmin.admin.history.versions import visible_versions
from corsadmin.admin.history.written_rows import WrittenRow
from corsadmin.models.access import Access, AnyRow
from corsadmin.models.rows import RowVersion


def changed_since(
    access: Access, later: Collection[tuple[WrittenRow, AnyRow]], names: Names
) -> Iterable[UndoNote]:
    """Yield a note for each row that now differs from what the change wrote.

    `names` are the names of the origin entries that these rows refer to.
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


def _by_whom(version: RowVersion) -> str:
    if version is None:
        return _("It has changed since, and the history does not say who changed it.")
    user = version.history_user or _("unknown user")
    return _("%(user)s has changed it since.") % {"user": user}
