"""Let a path rule be exclusive, and say in the help of paths and scopes what is new there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("corsadmin", "0007_pipeline_entries"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalpathrule",
            name="exclusive",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Let in only origins whose scope lies within this path; origins for every path stay out. A more specific rule opens its own path again unless it is exclusive too. An exclusive rule of the platform does not bind a tenant's editors: they may scope an origin to this path, or write a rule of their own.",
                verbose_name="exclusive",
            ),
        ),
        migrations.AddField(
            model_name="pathrule",
            name="exclusive",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Let in only origins whose scope lies within this path; origins for every path stay out. A more specific rule opens its own path again unless it is exclusive too. An exclusive rule of the platform does not bind a tenant's editors: they may scope an origin to this path, or write a rule of their own.",
                verbose_name="exclusive",
            ),
        ),
        migrations.AlterField(
            model_name="historicalorigin",
            name="scope",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The paths it holds for: /api/ and all below it, or /api/{$} for /api/ alone. Blank: every path, except where a rule is exclusive.",
                max_length=512,
                verbose_name="scope",
            ),
        ),
        migrations.AlterField(
            model_name="historicalpathrule",
            name="path",
            field=models.CharField(
                help_text="/api/ covers all below it, /api/greet only that path, /api/{$} only /api/, * one segment.",
                max_length=512,
                verbose_name="path",
            ),
        ),
        migrations.AlterField(
            model_name="origin",
            name="scope",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The paths it holds for: /api/ and all below it, or /api/{$} for /api/ alone. Blank: every path, except where a rule is exclusive.",
                max_length=512,
                verbose_name="scope",
            ),
        ),
        migrations.AlterField(
            model_name="pathrule",
            name="path",
            field=models.CharField(
                help_text="/api/ covers all below it, /api/greet only that path, /api/{$} only /api/, * one segment.",
                max_length=512,
                verbose_name="path",
            ),
        ),
        migrations.AddConstraint(
            model_name="pathrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("any_origin", True), ("exclusive", True), _negated=True),
                name="corsadmin_any_origin_not_exclusive",
            ),
        ),
    ]
