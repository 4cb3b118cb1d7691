"""Edit the texts of the models; nothing changes in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("corsadmin", "0012_replaces"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="move",
            options={
                "default_permissions": (),
                "verbose_name": "generation change",
                "verbose_name_plural": "generation changes",
            },
        ),
        migrations.AlterModelOptions(
            name="unseen",
            options={
                "default_permissions": (),
                "verbose_name": "unseen calls of an hour",
                "verbose_name_plural": "unseen calls",
            },
        ),
        migrations.AlterModelOptions(
            name="upkeepturn",
            options={
                "default_permissions": (),
                "verbose_name": "maintenance run",
                "verbose_name_plural": "maintenance runs",
            },
        ),
        migrations.AlterField(
            model_name="historicalorigin",
            name="credentials",
            field=models.BooleanField(
                default=False,
                help_text="Browsers may send cookies if the path rule allows it too.",
                verbose_name="credentials",
            ),
        ),
        migrations.AlterField(
            model_name="historicalorigin",
            name="made_by",
            field=models.CharField(
                blank=True,
                db_default=models.Value(""),
                default="",
                editable=False,
                help_text="The pipeline that created this entry with cors_allow. It may renew or revoke the entry without confirmation. Blank: a person created it.",
                max_length=150,
                verbose_name="made by",
            ),
        ),
        migrations.AlterField(
            model_name="historicalorigin",
            name="risk_accepted",
            field=models.BooleanField(
                default=False,
                help_text="Required to grant credentials to plain http, or to every name below a domain where anybody can register one, such as https://*.github.io.",
                verbose_name="risk accepted",
            ),
        ),
        migrations.AlterField(
            model_name="historicalorigin",
            name="scope",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The paths that this origin may call: /api/ and everything below it, or /api/{$} for /api/ alone. Blank: every path that has no exclusive rule.",
                max_length=512,
                verbose_name="scope",
            ),
        ),
        migrations.AlterField(
            model_name="historicalpathrule",
            name="credentials",
            field=models.BooleanField(
                default=False,
                help_text="Browsers may send cookies if the origin entry allows it too.",
                verbose_name="credentials",
            ),
        ),
        migrations.AlterField(
            model_name="historicalpathrule",
            name="exclusive",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Allow only origins whose scope lies within this path, not origins for every path. A more specific rule opens its own path again unless it is exclusive too. A tenant's editors can get around the platform's exclusive rules: they can scope an origin to this path or write a rule of their own.",
                verbose_name="exclusive",
            ),
        ),
        migrations.AlterField(
            model_name="historicalpathrule",
            name="max_age",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Seconds that a browser may cache a preflight response, at most 86400. After you revoke access, pages can go on sending calls for this long. Blank: the browser's default, 5 seconds.",
                null=True,
                verbose_name="max age",
            ),
        ),
        migrations.AlterField(
            model_name="historicalpathrule",
            name="path",
            field=models.CharField(
                help_text="/api/ covers everything below it, /api/greet only that path, and /api/{$} only /api/. * stands for one segment.",
                max_length=512,
                verbose_name="path",
            ),
        ),
        migrations.AlterField(
            model_name="historicalpathrule",
            name="refuse_unlisted",
            field=models.BooleanField(
                default=False,
                help_text="Answer requests from other origins with 403. Otherwise the view runs, and only the browser keeps the response from the page.",
                verbose_name="refuse unlisted origins",
            ),
        ),
        migrations.AlterField(
            model_name="historicaltenant",
            name="inherits_platform",
            field=models.BooleanField(
                default=True,
                help_text="The platform's path rules and origins apply to this tenant too.",
                verbose_name="inherits the platform's rules",
            ),
        ),
        migrations.AlterField(
            model_name="historicaltenant",
            name="slug",
            field=models.CharField(
                db_index=True,
                help_text="Lower-case letters, digits, and hyphens. Identifies the tenant everywhere.",
                max_length=63,
                verbose_name="slug",
            ),
        ),
        migrations.AlterField(
            model_name="origin",
            name="credentials",
            field=models.BooleanField(
                default=False,
                help_text="Browsers may send cookies if the path rule allows it too.",
                verbose_name="credentials",
            ),
        ),
        migrations.AlterField(
            model_name="origin",
            name="made_by",
            field=models.CharField(
                blank=True,
                db_default=models.Value(""),
                default="",
                editable=False,
                help_text="The pipeline that created this entry with cors_allow. It may renew or revoke the entry without confirmation. Blank: a person created it.",
                max_length=150,
                verbose_name="made by",
            ),
        ),
        migrations.AlterField(
            model_name="origin",
            name="risk_accepted",
            field=models.BooleanField(
                default=False,
                help_text="Required to grant credentials to plain http, or to every name below a domain where anybody can register one, such as https://*.github.io.",
                verbose_name="risk accepted",
            ),
        ),
        migrations.AlterField(
            model_name="origin",
            name="scope",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The paths that this origin may call: /api/ and everything below it, or /api/{$} for /api/ alone. Blank: every path that has no exclusive rule.",
                max_length=512,
                verbose_name="scope",
            ),
        ),
        migrations.AlterField(
            model_name="pathrule",
            name="credentials",
            field=models.BooleanField(
                default=False,
                help_text="Browsers may send cookies if the origin entry allows it too.",
                verbose_name="credentials",
            ),
        ),
        migrations.AlterField(
            model_name="pathrule",
            name="exclusive",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Allow only origins whose scope lies within this path, not origins for every path. A more specific rule opens its own path again unless it is exclusive too. A tenant's editors can get around the platform's exclusive rules: they can scope an origin to this path or write a rule of their own.",
                verbose_name="exclusive",
            ),
        ),
        migrations.AlterField(
            model_name="pathrule",
            name="max_age",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Seconds that a browser may cache a preflight response, at most 86400. After you revoke access, pages can go on sending calls for this long. Blank: the browser's default, 5 seconds.",
                null=True,
                verbose_name="max age",
            ),
        ),
        migrations.AlterField(
            model_name="pathrule",
            name="path",
            field=models.CharField(
                help_text="/api/ covers everything below it, /api/greet only that path, and /api/{$} only /api/. * stands for one segment.",
                max_length=512,
                verbose_name="path",
            ),
        ),
        migrations.AlterField(
            model_name="pathrule",
            name="refuse_unlisted",
            field=models.BooleanField(
                default=False,
                help_text="Answer requests from other origins with 403. Otherwise the view runs, and only the browser keeps the response from the page.",
                verbose_name="refuse unlisted origins",
            ),
        ),
        migrations.AlterField(
            model_name="sighting",
            name="is_kin",
            field=models.BooleanField(
                default=False,
                help_text="On a registrable domain that the tenant already uses.",
                verbose_name="related",
            ),
        ),
        migrations.AlterField(
            model_name="tenant",
            name="inherits_platform",
            field=models.BooleanField(
                default=True,
                help_text="The platform's path rules and origins apply to this tenant too.",
                verbose_name="inherits the platform's rules",
            ),
        ),
        migrations.AlterField(
            model_name="tenant",
            name="slug",
            field=models.CharField(
                help_text="Lower-case letters, digits, and hyphens. Identifies the tenant everywhere.",
                max_length=63,
                unique=True,
                verbose_name="slug",
            ),
        ),
        migrations.AlterField(
            model_name="unseen",
            name="not_looked_at",
            field=models.PositiveBigIntegerField(default=0, verbose_name="not examined"),
        ),
        migrations.AlterField(
            model_name="unseen",
            name="turned_away",
            field=models.PositiveBigIntegerField(default=0, verbose_name="lists full"),
        ),
    ]
