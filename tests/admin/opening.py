"""People who edit, and a stranger who asks."""

import json

from django.test import Client, override_settings
from django.urls import reverse

from tests.admin.conftest import grant
from tests.factories import PathRuleFactory, TenantMemberFactory, UserFactory

STRANGER = "https://stranger.example"
PATH = "/private/data"


def allowed_origin(origin, path=PATH, host="acme.example.net"):
    """Return what the site tells a browser, on a page of an origin, who may read the answer."""
    with override_settings(MIDDLEWARE=["corsadmin.middleware.CorsMiddleware"]):
        response = Client().get(path, headers={"host": host, "origin": origin})
    return response.headers.get("Access-Control-Allow-Origin")


def is_open(path=PATH, host="acme.example.net"):
    """Report whether a browser on some other website may read the answer."""
    return allowed_origin(STRANGER, path, host) == "*"


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
