"""Check the stored policies when Django checks a database (`check --database default`)."""

from collections.abc import Sequence
from typing import Final

from django.core.checks import CheckMessage, Warning  # noqa: A004 (Django's name)
from django.db import DatabaseError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from corsadmin.diagnose.lint import admin_openings
from corsadmin.models import PathRule, Tenant
from corsadmin.models.database import alias_for_writing

_READ: Final = (Tenant, PathRule)


def check_tables(databases: Sequence[str] | None = None, **_kwargs: object) -> list[CheckMessage]:
    """Warn if the policies' tables are missing or older than this version of the code."""
    alias = alias_for_writing()
    fault = _table_fault(alias) if alias in (databases or ()) else ""
    if not fault:
        return []
    return [
        Warning(
            f"The policies cannot be read from the database {alias!r}: {fault}. Until they can, "
            "no response gets CORS headers.",
            hint=f"Run: manage.py migrate corsadmin --database {alias}",
            id="corsadmin.W005",
        )
    ]


def check_admin_is_closed(
    databases: Sequence[str] | None = None, **_kwargs: object
) -> list[CheckMessage]:
    """Warn if a platform rule lets every website read pages of the admin."""
    alias = alias_for_writing()
    if alias not in (databases or ()) or _table_fault(alias):
        return []
    return [
        Warning(
            f"The platform's rule {rule.path} lets any origin read the admin at {admin_path}.",
            hint=f"Narrow the rule, or add a rule for {admin_path} that does not allow any origin.",
            id="corsadmin.W006",
        )
        for rule, admin_path in admin_openings(alias)
    ]


def _table_fault(alias: str) -> str:
    """Return what is wrong with the tables, or blank."""
    connection = connections[alias]
    try:
        tables = set(connection.introspection.table_names())
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError as error:
        return f"it cannot be queried ({error!r:.200})"
    if not tables.issuperset(model._meta.db_table for model in _READ):  # noqa: SLF001 (documented)
        return "its tables are missing"
    known = MigrationLoader(None, load=False)
    known.load_disk()
    ours = {key for key in known.disk_migrations or () if key[0] == "corsadmin"}
    names = ", ".join(name for _app, name in sorted(ours.difference(applied)))
    return f"migrations are missing there ({names})" if names else ""
