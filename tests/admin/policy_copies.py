"""Copy a policy as a browser would, and read the plan that is shown."""

from django.urls import reverse

from tests.admin.forms import fields_of

PARTS = {"rules": "on", "origins": "on"}


def look(client, source="acme", slugs="rival", **extra):
    """Ask for the plan of copying rules and origins, or of other parts."""
    parts = {} if {"rules", "origins", "settings", "rows"} & extra.keys() else PARTS
    sent = {"source": source, "slugs": slugs, "check": "Check", **parts, **extra}
    return client.post(reverse("admin:corsadmin_tenant_copy"), sent)


def confirm(client, shown, **extra):
    """Press the button of a plan, some fields having been changed."""
    sent = {**fields_of(shown), "copy": "Copy", **extra}
    return client.post(reverse("admin:corsadmin_tenant_copy"), sent)


def messages_of(response):
    """Return what the page says to which a carried out copy leads."""
    return [str(message) for message in response.context["messages"]]
