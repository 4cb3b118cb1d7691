"""What can be exported for auditors, and in which formats."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from django.db.models import Model, QuerySet

from corsadmin.models import Origin, PathRule, TenantMember
from corsadmin.models.access import AnyRow
from corsadmin.transfer.audit.csv_file import write_audit_csv
from corsadmin.transfer.audit.workbook import MAX_AUDIT_ROWS, write_audit_workbook

SUBJECTS: Final[Mapping[str, type[AnyRow]]] = {
    "origins": Origin,
    "path-rules": PathRule,
    "members": TenantMember,
}


class AuditFormat(NamedTuple):
    """A format of audit files. `max_rows` is None for a format without a limit."""

    content_type: str
    max_rows: int | None
    write: Callable[[Iterable[str], Iterable[Iterable[str]]], Iterator[str] | Iterator[bytes]]

    def is_too_small(self, rows: QuerySet[Model]) -> bool:
        """Report whether there are more rows than a file can hold, without counting them."""
        most = self.max_rows
        return most is not None and rows.order_by("pk")[most : most + 1].exists()


AUDIT_FORMATS: Final[Mapping[str, AuditFormat]] = {
    "csv": AuditFormat("text/csv; charset=utf-8", None, write_audit_csv),
    "xlsx": AuditFormat(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        MAX_AUDIT_ROWS,
        write_audit_workbook,
    ),
}


def audit_file_name(model: type[AnyRow], name: str, day: date) -> str:
    """Return the name of an audit file in a format: `origins-2026-11-30.csv`."""
    subject = next(subject for subject, found in SUBJECTS.items() if found is model)
    return f"{subject}-{day.isoformat()}.{name}"
