"""Make the tables of what callers really did: no foreign key of theirs is one in the database."""

from typing import Any

import django.utils.timezone
from django.db import migrations, models

import corsadmin.models.sightings

# Most writes update a row in place. PostgreSQL does that without a new index entry only where the
# page has room, and finds the room again only after a vacuum, which by default waits for a fifth of
# the table.
_IN_PLACE = {
    "fillfactor": "80",
    "autovacuum_vacuum_scale_factor": "0.02",
    "autovacuum_vacuum_insert_scale_factor": "0.05",
}
_UPDATED = ("sighting", "traffic", "entryseen", "rulenames", "unseen")


def tune(_apps: Any, schema_editor: Any) -> None:
    settings = ", ".join(f"{name} = {value}" for name, value in _IN_PLACE.items())
    _alter(schema_editor, f"SET ({settings})")


def untune(_apps: Any, schema_editor: Any) -> None:
    _alter(schema_editor, f"RESET ({', '.join(_IN_PLACE)})")


def _alter(schema_editor: Any, settings: str) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in _UPDATED:
            schema_editor.execute(f"ALTER TABLE corsadmin_{name} {settings}")


def _tenant(related_name: str = "+", **options: Any) -> Any:
    return models.ForeignKey(
        db_constraint=False,
        on_delete=models.deletion.DO_NOTHING,
        related_name=related_name,
        to="corsadmin.tenant",
        verbose_name="tenant",
        **options,
    )


def _digest() -> Any:
    return models.UUIDField(editable=False, primary_key=True, serialize=False)


# What is of one length comes first: then PostgreSQL pads less.
class Migration(migrations.Migration):
    dependencies = [("corsadmin", "0008_exclusive_rules")]

    operations = [
        migrations.CreateModel(
            name="Sighting",
            fields=[
                ("digest", _digest()),
                ("tenant", _tenant("sightings")),
                (
                    "first_seen",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="first seen"
                    ),
                ),
                (
                    "last_seen",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="last seen"
                    ),
                ),
                ("calls", models.PositiveBigIntegerField(default=0, verbose_name="calls")),
                (
                    "preflights",
                    models.PositiveBigIntegerField(default=0, verbose_name="preflights"),
                ),
                ("hours", models.PositiveIntegerField(default=1, verbose_name="hours")),
                (
                    "is_kin",
                    models.BooleanField(
                        default=False,
                        help_text="Shares its registrable domain with something that the tenant has.",
                        verbose_name="kin",
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        blank=True, default="", max_length=512, verbose_name="path rule"
                    ),
                ),
                (
                    "origin",
                    models.CharField(blank=True, default="", max_length=330, verbose_name="origin"),
                ),
                ("reason", models.CharField(max_length=30, verbose_name="reason")),
                ("methods", models.JSONField(blank=True, default=list, verbose_name="methods")),
                (
                    "request_headers",
                    models.JSONField(blank=True, default=list, verbose_name="request headers"),
                ),
            ],
            options={
                "verbose_name": "sighting",
                "verbose_name_plural": "sightings",
                "permissions": [("dismiss_sighting", "Can dismiss a refused origin")],
                "default_permissions": ("view", "delete"),
            },
        ),
        migrations.CreateModel(
            name="Traffic",
            fields=[
                ("digest", _digest()),
                ("tenant", _tenant("traffic", blank=True, null=True, db_index=False)),
                ("hour", models.DateTimeField(verbose_name="hour")),
                ("calls", models.PositiveBigIntegerField(default=0, verbose_name="calls")),
                (
                    "preflights",
                    models.PositiveBigIntegerField(default=0, verbose_name="preflights"),
                ),
                ("outcome", models.CharField(max_length=30, verbose_name="outcome")),
            ],
            options={
                "verbose_name": "traffic of an hour",
                "verbose_name_plural": "traffic",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["tenant", "hour"], name="corsadmin_traffic_of_tenant"),
                    models.Index(fields=["hour"], name="corsadmin_traffic_hour"),
                ],
            },
        ),
        migrations.CreateModel(
            name="EntrySeen",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="seen",
                        serialize=False,
                        to="corsadmin.origin",
                        verbose_name="origin",
                    ),
                ),
                ("first_day", models.DateField(verbose_name="first day")),
                ("last_day", models.DateField(verbose_name="last day")),
                ("calls", models.PositiveIntegerField(default=0, verbose_name="calls")),
                (
                    "earlier",
                    models.PositiveIntegerField(default=0, verbose_name="calls of earlier days"),
                ),
            ],
            options={
                "verbose_name": "use of an origin",
                "verbose_name_plural": "uses of origins",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="RuleNames",
            fields=[
                ("digest", _digest()),
                ("tenant", _tenant()),
                ("first_day", models.DateField(verbose_name="first day")),
                ("last_day", models.DateField(verbose_name="last day")),
                ("rule", models.CharField(max_length=512, verbose_name="path rule")),
                ("methods", models.JSONField(blank=True, default=list, verbose_name="methods")),
                (
                    "request_headers",
                    models.JSONField(blank=True, default=list, verbose_name="request headers"),
                ),
            ],
            options={
                "verbose_name": "use of a path rule",
                "verbose_name_plural": "uses of path rules",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Unseen",
            fields=[
                ("digest", _digest()),
                ("tenant", _tenant(blank=True, null=True)),
                ("hour", models.DateTimeField(db_index=True, verbose_name="hour")),
                (
                    "not_looked_at",
                    models.PositiveBigIntegerField(default=0, verbose_name="not looked at"),
                ),
                (
                    "turned_away",
                    models.PositiveBigIntegerField(default=0, verbose_name="turned away"),
                ),
                ("ring_full", models.PositiveBigIntegerField(default=0, verbose_name="ring full")),
            ],
            options={
                "verbose_name": "what was not seen in an hour",
                "verbose_name_plural": "what was not seen",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Dismissal",
            fields=[
                ("digest", _digest()),
                ("tenant", _tenant("dismissals")),
                (
                    "created",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="created"),
                ),
                (
                    "until",
                    models.DateTimeField(
                        default=corsadmin.models.sightings.dismissed_until, verbose_name="until"
                    ),
                ),
                ("origin", models.CharField(max_length=330, verbose_name="origin")),
                (
                    "by",
                    models.CharField(blank=True, default="", max_length=254, verbose_name="by"),
                ),
            ],
            options={
                "verbose_name": "dismissal",
                "verbose_name_plural": "dismissals",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="UnknownHost",
            fields=[
                (
                    "host",
                    models.CharField(
                        max_length=253, primary_key=True, serialize=False, verbose_name="host"
                    ),
                ),
                ("hours", models.PositiveIntegerField(default=1, verbose_name="hours")),
                ("calls", models.PositiveBigIntegerField(default=0, verbose_name="calls")),
                (
                    "first_seen",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="first seen"
                    ),
                ),
                (
                    "last_seen",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="last seen"
                    ),
                ),
            ],
            options={
                "verbose_name": "unknown host",
                "verbose_name_plural": "unknown hosts",
                "default_permissions": ("view", "delete"),
            },
        ),
        migrations.CreateModel(
            name="UpkeepTurn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("begun", models.DateTimeField(verbose_name="begun")),
            ],
            options={
                "verbose_name": "turn of the upkeep",
                "verbose_name_plural": "turns of the upkeep",
                "default_permissions": (),
            },
        ),
        migrations.RunPython(tune, untune, elidable=False),
    ]
