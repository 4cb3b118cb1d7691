"""The doors to whole policies: two side by side, one copied to others, and a new one."""

from django.urls import reverse

from corsadmin.models import Origin, PathRule


def comparing(world, model):
    address = reverse("admin:corsadmin_tenant_compare")
    yield "get", address, {}
    for show in ({}, {"show": "all"}):
        yield "get", address, {"left": "acme", "right": world.other.slug, **show}


def copying(world, model):
    address = reverse("admin:corsadmin_tenant_copy")
    rows = " ".join(
        f"{row._meta.model_name}-{row.pk}"
        for rows in (PathRule.objects.all(), Origin.objects.all())
        for row in rows
    )
    yield "get", address, {}
    for source, target in (("acme", world.other.slug), (world.other.slug, "acme")):
        yield "get", address, {"source": source, "rows": rows}
        sent = {"source": source, "slugs": target, "check": "Check"}
        yield "post", address, {**sent, "rows": rows, "existing": "keep"}
        parts = {"rules": "on", "origins": "on", "settings": "on"}
        yield "post", address, {**sent, **parts, "existing": "overwrite"}


def new_customer(world, model):
    address = reverse("admin:corsadmin_tenant_new_customer")
    yield "get", address, {}
    given = {"name": "New", "hosts": "new.example", "lines": "https://new.example"}
    for slug, template in (("new", "json-api"), ("acme", "none")):
        fields = {**given, "slug": slug, "template": template, "path": "/api/"}
        yield "post", address, {**fields, "check": "Check"}
        yield "post", address, {**fields, "save": "Save all"}
