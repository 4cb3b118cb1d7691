"""The doors that give a list's rows to auditors, and the text of what they answer."""

import io
import zipfile

from django.urls import reverse


def audit(world, model):
    """Yield what is asked for each file of a list."""
    for name in ("csv", "xlsx", "pdf"):
        address = reverse(f"admin:corsadmin_{model._meta.model_name}_audit", args=[name])
        yield "get", address, {}
        yield "get", f"{address}?tenant={world.acme.pk}&p=9", {}
        yield "get", f"{address}?risk=no-reason&accepted_by=1", {}


def tenants_with_origins(world, model):
    """Yield what is asked for the tenants of filtered origins."""
    address = reverse("admin:corsadmin_origin_tenants")
    for query in ("", f"?tenant={world.acme.pk}", "?risk=no-end"):
        yield "get", address + query, {}


def text_of(response):
    """Return the text of an answer, also of a file that is streamed."""
    if not response.streaming:
        return response.content.decode()
    content = b"".join(response)
    if content[:2] != b"PK":
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()
