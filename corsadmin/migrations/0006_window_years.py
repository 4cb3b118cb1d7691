"""Bound the ends of an entry's window by the years that every time zone has."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import migrations, models

_ZONE = UTC if settings.USE_TZ else None
_BEGINNING = datetime(1, 1, 1, tzinfo=_ZONE)
_FIRST = datetime(2, 1, 1, tzinfo=_ZONE)
_LAST = datetime(9998, 12, 31, tzinfo=_ZONE)
_END = datetime(9999, 1, 1, tzinfo=_ZONE)
_VERY_END = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=_ZONE)


def _showable(field: str) -> models.Q:
    return models.Q((f"{field}__isnull", True)) | models.Q(
        (f"{field}__gte", _FIRST), (f"{field}__lt", _END)
    )


def pull_in(apps: Any, schema_editor: Any) -> None:
    """Pull in what lies beyond; no answer changes for some thousand years."""
    early: dict[str, Any] = {"lt": _FIRST}
    late: dict[str, Any] = {"gte": _END}
    if schema_editor.connection.vendor == "sqlite":
        # SQLite also compares texts that are not moments. Rows that hold such texts must keep denying.
        early |= {"gte": _BEGINNING}
        late |= {"lte": _VERY_END}
    rows = apps.get_model("corsadmin", "Origin").objects.using(schema_editor.connection.alias)
    # At once: a second update of a row would leave PostgreSQL with triggers that it has to run
    # before it changes the table. The ends stay in their order.
    rows.filter(
        _beyond("valid_from", early)
        | _beyond("valid_from", late)
        | _beyond("valid_until", early)
        | _beyond("valid_until", late)
    ).update(
        valid_from=_pulled("valid_from", early, None, late, _LAST),
        valid_until=_pulled("valid_until", early, _FIRST, late, None),
    )


def _beyond(field: str, bounds: dict[str, Any]) -> models.Q:
    return models.Q(**{f"{field}__{lookup}": moment for lookup, moment in bounds.items()})


def _pulled(
    field: str,
    early: dict[str, Any],
    instead_of_early: datetime | None,
    late: dict[str, Any],
    instead_of_late: datetime | None,
) -> models.Case:
    return models.Case(
        models.When(_beyond(field, early), then=models.Value(instead_of_early)),
        models.When(_beyond(field, late), then=models.Value(instead_of_late)),
        default=models.F(field),
        output_field=models.DateTimeField(),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("corsadmin", "0005_history_dates"),
    ]

    operations = [
        migrations.RunPython(pull_in, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="origin",
            constraint=models.CheckConstraint(
                condition=_showable("valid_from") & _showable("valid_until"),
                name="corsadmin_window_years",
            ),
        ),
    ]
