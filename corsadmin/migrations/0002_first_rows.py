"""Make the two rows everything else relies on: the platform tenant and the counter."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def make_first_rows(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    using = schema_editor.connection.alias
    tenants = apps.get_model("corsadmin", "Tenant").objects.using(using)
    tenants.get_or_create(slug="platform", defaults={"name": "Platform"})
    apps.get_model("corsadmin", "Generation").objects.using(using).get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("corsadmin", "0001_initial")]

    operations = [migrations.RunPython(make_first_rows, migrations.RunPython.noop, elidable=False)]
