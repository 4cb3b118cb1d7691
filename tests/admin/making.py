"""Open the page that makes a call work, and save it as a browser would."""

from urllib.parse import urlencode

from django.urls import reverse

from corsadmin.models import Generation
from tests.admin.forms import fields_of

NEW = "https://new.acme.example"
ACME = "https://acme.example.net/api/greet"
CALL = {"origin": NEW, "url": ACME, "method": "PUT", "headers": "X-Request-Id"}


def page(**given):
    """Return the address of the page for a call, a PUT from a new origin unless said otherwise."""
    asked = {name: value for name, value in {**CALL, **given}.items() if value is not None}
    return reverse("admin:corsadmin_tenant_make") + "?" + urlencode(asked)


def moves():
    return Generation.objects.get().value


def save(client, url, shown=None, **changes):
    """Press *Save all* in a page, some fields having been changed; None takes a field away."""
    shown = client.get(url) if shown is None else shown
    assert shown.status_code == 200, shown
    values = {**fields_of(shown), "save": "Save all", **changes}
    return client.post(url, {name: value for name, value in values.items() if value is not None})


def told(response):
    """Return every error that the page shows, as text."""
    form = response.context["form"]
    found = [form.errors, *(row.errors for row in form.rows)]
    return [text for errors in found for texts in errors.values() for text in texts]
