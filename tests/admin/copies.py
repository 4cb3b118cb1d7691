"""Copy rows as a browser would, and read the plan that is shown."""

from django.urls import reverse

from corsadmin.models import Generation
from tests.admin.forms import fields_of

APP = "https://app.acme.example"


def send(client, rows, *, model="origin", **extra):
    url = reverse(f"admin:corsadmin_{model}_changelist")
    keys = [row.pk for row in rows]
    return client.post(url, {"action": "copy_to_tenants", "_selected_action": keys, **extra})


def look(client, rows, slugs, **extra):
    return send(client, rows, slugs=slugs, check="Check", **extra)


def confirm(client, shown, rows, **extra):
    """Press the button of a plan, some fields having been changed."""
    values = {**fields_of(shown), "copy": "Add", **extra}
    model = rows[0]._meta.model_name
    values.pop("action")
    values.pop("_selected_action")
    return send(client, rows, model=model, **values)


def plan(response):
    return [
        (copy.tenant.slug, str(copy.row), copy.state) for copy in response.context_data["copies"]
    ]


def errors(response):
    return response.context_data["form"].errors


def patterns(tenant):
    return set(tenant.origins.values_list("pattern", flat=True))


def moves():
    return Generation.objects.get().value
