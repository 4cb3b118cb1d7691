"""Keep the latest moves of the counter, each with a mark of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("corsadmin", "0002_first_rows")]

    operations = [
        migrations.CreateModel(
            name="Move",
            fields=[
                ("generation", models.BigIntegerField(primary_key=True, serialize=False)),
                ("mark", models.BigIntegerField()),
                ("removed", models.TextField(blank=True, default="")),
            ],
            options={
                "verbose_name": "move of the generation",
                "verbose_name_plural": "moves of the generation",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="generation",
            name="mark",
            field=models.BigIntegerField(default=0, editable=False),
        ),
    ]
