"""Make the table of the emergency switch, and its permission."""

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("corsadmin", "0010_probe_runs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Emergency",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("modified", models.DateTimeField(auto_now=True, verbose_name="modified")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("all", "Stop every origin"),
                            ("credentials", "Stop credentials only"),
                        ],
                        default="all",
                        max_length=20,
                        verbose_name="level",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "until",
                    models.DateTimeField(
                        blank=True,
                        help_text="Blank: until somebody lifts it.",
                        null=True,
                        verbose_name="until",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "tenant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="emergency",
                        to="corsadmin.tenant",
                        verbose_name="tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "emergency",
                "verbose_name_plural": "emergencies",
                "ordering": ("tenant",),
                "permissions": [("emergency", "Can switch an emergency on, and lift it")],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="HistoricalEmergency",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "created",
                    models.DateTimeField(blank=True, editable=False, verbose_name="created"),
                ),
                (
                    "modified",
                    models.DateTimeField(blank=True, editable=False, verbose_name="modified"),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("all", "Stop every origin"),
                            ("credentials", "Stop credentials only"),
                        ],
                        default="all",
                        max_length=20,
                        verbose_name="level",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "until",
                    models.DateTimeField(
                        blank=True,
                        help_text="Blank: until somebody lifts it.",
                        null=True,
                        verbose_name="until",
                    ),
                ),
                ("history_change_reason", models.TextField(null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="corsadmin.tenant",
                        verbose_name="tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical emergency",
                "verbose_name_plural": "historical emergencies",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
