"""People who edit, and a stranger who asks."""

import json

from django.test import Client
from django.urls import reverse

from tests.admin.conftest import grant
from tests.factories import PathRuleFactory, TenantMemberFactory, UserFactory

STRANGER = "https://stranger.example"
PATH = "/private/data"


def is_open(path=PATH, host="acme.example.net"):
    """Ask as a browser on some other website would, and report whether it may read the answer."""
    response = Client().get(path, headers={"host": host, "origin": STRANGER})
    return response.headers.get("Access-Control-Allow-Origin") == "*"


def staff(*tenants, opens=False, permissions=()):
    """Return a user who edits some tenants, and may open paths to any origin where asked for."""
    user = grant(UserFactory(), *permissions, *(["allow_any_origin"] if opens else []))
    for tenant in tenants:
        TenantMemberFactory(tenant=tenant, user=user, role="editor")
    return user


def rule(tenant, path, **fields):
    return PathRuleFactory(tenant=tenant, path=path, **fields)


def page(row, view="change"):
    return reverse(f"admin:corsadmin_{row._meta.model_name}_{view}", args=[row.pk])


def file_of(*tenants):
    """Return an interchange file with these tenants."""
    return json.dumps({"version": 1, "tenants": list(tenants)})
