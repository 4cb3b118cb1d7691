"""Link an origin entry to the one that it replaces."""

import django.db.models.deletion
from django.db import migrations, models


def link(model_name: str, related_name: str) -> migrations.SeparateDatabaseAndState:
    """Return what adds the link: for the database it is a number and no foreign key.

    Django cannot drop a foreign key of a table with such checks as ours on SQLite.
    """
    column = models.BigIntegerField(db_column="replaces_id", null=True)
    field = models.ForeignKey(
        blank=True,
        db_constraint=False,
        db_index=False,
        editable=False,
        help_text="The origin that this one replaces.",
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name=related_name,
        to="corsadmin.origin",
        verbose_name="replaces",
    )
    return migrations.SeparateDatabaseAndState(
        [migrations.AddField(model_name=model_name, name="replaces", field=column)],
        [migrations.AddField(model_name=model_name, name="replaces", field=field)],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("corsadmin", "0011_emergency"),
    ]

    operations = [
        link("historicalorigin", "+"),
        link("origin", "replaced_by"),
        migrations.AddIndex(
            model_name="origin",
            index=models.Index(
                condition=models.Q(("replaces__isnull", False)),
                fields=["replaces"],
                name="corsadmin_origin_replaces",
            ),
        ),
    ]
