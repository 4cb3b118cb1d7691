"""Say of an origin entry which pipeline made it, and may renew it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("corsadmin", "0006_window_years"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalorigin",
            name="made_by",
            field=models.CharField(
                blank=True,
                db_default=models.Value(""),
                default="",
                editable=False,
                help_text="The pipeline that made this entry with cors_allow. It may renew or revoke it without asking. Blank: a person made it.",
                max_length=150,
                verbose_name="made by",
            ),
        ),
        migrations.AddField(
            model_name="origin",
            name="made_by",
            field=models.CharField(
                blank=True,
                db_default=models.Value(""),
                default="",
                editable=False,
                help_text="The pipeline that made this entry with cors_allow. It may renew or revoke it without asking. Blank: a person made it.",
                max_length=150,
                verbose_name="made by",
            ),
        ),
    ]
