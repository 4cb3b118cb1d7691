"""Make the places for questions to live servers, and the permission to ask them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("corsadmin", "0009_sightings"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProbeRun",
            fields=[
                ("place", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("until", models.DateTimeField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "permissions": [("probe_servers", "Can send requests to live servers")],
                "default_permissions": (),
            },
        ),
    ]
