"""Work with the import page as a browser would, and read what it shows."""

import json

from django.core.files.uploadedfile import SimpleUploadedFile

from corsadmin.models import Generation
from tests.admin.forms import fields_of, without_effect

NEW = "https://new.acme.example"
OLD = "https://app.acme.example"
TABLE = f"tenant,pattern\nacme,{NEW}\n"
PAGE = "/admin/corsadmin/tenant/import/"


def document(*tenants):
    return json.dumps({"version": 1, "tenants": tenants})


def origins(*rows, slug="acme", **keys):
    return {"slug": slug, "origins": list(rows), **keys}


def check(client, text, **extra):
    return client.post(PAGE, {"text": text, "check": "Check", **extra})


def upload(client, name, content, **extra):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content), **extra})


def confirm(client, response, **changes):
    """Press the confirm button of a page, some fields having been changed."""
    values = {**fields_of(response), "apply": "Import this", **changes}
    values.pop("file")
    return client.post(PAGE, values)


def accept(client, response, correction):
    values = {**fields_of(response), "accept": correction}
    values.pop("file")
    return client.post(PAGE, values)


def moves():
    return Generation.objects.get().value


def patterns(tenant):
    return set(tenant.origins.values_list("pattern", flat=True))


def problems(response):
    return [(fault.place, fault.code) for fault, _correction in response.context["problems"]]


def steps(response):
    return [
        (step["sign"], step["kind"], step["title"], step["differences"])
        for step in response.context["steps"]
    ]


def said(response):
    return [str(message) for message in without_effect(response.wsgi_request._messages)]
