"""Every door of the admin that shows rows of a tenant, and a world whose texts say what they are.

The doors follow from the addresses and actions that the app registers: one that nobody has described
here raises KeyError.
"""

import json
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.contrib import admin
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from corsadmin.models import Origin, PathRule, Tenant, TenantHost, TenantMember
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
    TenantHostFactory,
    TenantMemberFactory,
)

MODELS = (Tenant, TenantHost, PathRule, Origin, TenantMember)
# Every text of a row holds the mark of its model.
MARKS = dict(zip(MODELS, ("zzowner", "zzhost", "zzpath", "zzorigin", "zzmember"), strict=True))


class World:
    """Tenants all of whose texts are marked, but for the slug `acme`, which everybody may know."""

    def __init__(self):
        self.acme = self._tenant("acme", "one")
        self.other = self._tenant("zzowner-two", "two")
        gone = self._tenant("zzowner-gone", "gone")
        self.gone = Tenant(pk=gone.pk)
        gone._change_reason = "zzowner reason of the end"
        gone.delete()
        platform = Tenant.objects.platform()
        PathRuleFactory(tenant=platform, path="/zzpath/platform/", note="zzpath")
        OriginFactory(tenant=platform, pattern="https://zzorigin-platform.example")
        # Somebody has moved a host, which a history tells with the names of both tenants.
        moved = self.other.hosts.get()
        for tenant in (self.acme, self.other):
            moved.tenant = tenant
            moved.save()
        # The rows whose pages are opened; lists show all.
        self.rows: dict[Any, list[Any]] = {
            Tenant: [self.acme, self.other],
            TenantHost: [moved],
            PathRule: list(self.other.paths.all()),
            Origin: [self.other.origins.get(scope="/zzorigin-two/")],
            TenantMember: list(self.other.members.all()),
        }

    def _tenant(self, slug, part):
        tenant = TenantFactory(slug=slug, name=f"zzowner name {part}", note="zzowner note")
        rows: list[Any] = [
            tenant,
            TenantHostFactory(tenant=tenant, host=f"zzhost-{part}.example"),
            PathRuleFactory(
                tenant=tenant,
                path=f"/zzpath-{part}/",
                credentials=True,
                methods=["GET", "ZZPATH"],
                request_headers=["x-zzpath-asked"],
                exposed_headers=["x-zzpath-read"],
                note="zzpath note",
            ),
            # What is found of these names rows of all kinds: twice the same, a scope without a rule.
            OriginFactory(
                tenant=tenant,
                pattern=f"https://*.zzorigin-{part}.example",
                valid_until=timezone.now() + timedelta(days=3),
                note="zzorigin note",
            ),
            OriginFactory(tenant=tenant, pattern=f"https://app.zzorigin-{part}.example"),
            OriginFactory(
                tenant=tenant,
                pattern=f"https://scoped.zzorigin-{part}.test",
                scope=f"/zzorigin-{part}/",
                credentials=True,
            ),
            TenantMemberFactory(tenant=tenant, user__username=f"zzmember-{part}"),
        ]
        for row in rows:
            row._change_reason = f"{MARKS[type(row)]} reason {part}"
            row.save()
        return tenant

    @property
    def document(self):
        """A file about acme that only those can write out who know no more than its slug."""
        tenant = {
            "slug": "acme",
            "hosts": ["new.example"],
            "origins": [{"pattern": "https://new.example"}],
            "paths": [{"path": "/new/"}],
        }
        return json.dumps({"version": 1, "tenants": [tenant]})


def _pages(world, model, page, *, methods=("get", "post"), query=""):
    for row in [*world.rows[model], *([world.gone] if model is Tenant else ())]:
        address = reverse(f"admin:corsadmin_{model._meta.model_name}_{page}", args=[row.pk])
        for method in methods:
            yield method, address + query, {}


def _change(world, model):
    yield from _pages(world, model, "change")
    if model is Tenant:
        # The numbers of rows, without which Django takes no form, and an old version.
        for row in world.rows[model]:
            address = reverse("admin:corsadmin_tenant_change", args=[row.pk])
            for names in (("hosts", "origins", "paths"), ()):
                sent = {
                    f"{name}-{what}_FORMS": "0" for name in names for what in ("TOTAL", "INITIAL")
                }
                yield "post", address, {**sent, "name": "x"}


def _add(world, model):
    address = reverse(f"admin:corsadmin_{model._meta.model_name}_add")
    yield "get", address, {}
    for row in world.rows[Tenant]:
        yield "get", f"{address}?tenant={row.pk}", {}
        yield "post", address, {"tenant": row.pk}


def _changelist(world, model):
    screen: Any = admin.site.get_model_admin(model)
    address = reverse(f"admin:corsadmin_{model._meta.model_name}_changelist")
    keys = list(model.objects.values_list("pk", flat=True))
    yield "get", address, {}
    yield "get", f"{address}?q=example&o=1.2", {}
    yield "get", f"{address}?tenant={world.acme.pk}", {}
    for action in screen.actions:
        name = action.__name__
        extras: list[dict[str, Any]] = [{}, *ACTIONS[name](world)]
        for extra in extras:
            yield "post", address, {"action": name, "_selected_action": keys, **extra}


# What is sent with each action, beside the action alone.
ACTIONS: dict[str, Any] = {
    "delete_selected": lambda world: [{"post": "yes"}],
    "enable": lambda world: [],
    "disable": lambda world: [],
    "set_end": lambda world: [{"valid_until": "2020-01-01T00:00"}],
    "remove_end": lambda world: [],
    "export": lambda world: [{"_selected_action": [world.acme.pk]}],
    "copy_to_tenants": lambda world: [{"tenants": [world.other.pk], "check": "Check"}],
}


def _versions(world, model):
    for row in world.rows[model]:
        for version in row.history.all()[:2]:
            address = reverse(
                f"admin:corsadmin_{model._meta.model_name}_simple_history",
                args=[row.pk, version.pk],
            )
            yield "get", address, {}
            yield "post", address, {}


def _try(world, model):
    address = reverse("admin:corsadmin_tenant_try")
    yield "get", address, {}
    for origin in ("https://app.example", "https://app.zzorigin-one.example"):
        for path in ("/", "/zzpath-one/"):
            yield "get", address, {"url": f"https://zzhost-one.example{path}", "origin": origin}


def _import(world, model):
    address = reverse("admin:corsadmin_tenant_import")
    yield "get", address, {}
    for extra in ({}, {"prune": "on"}):
        yield "post", address, {"text": world.document, "check": "Check", **extra}


def _paste(world, model):
    yield from _pages(world, model, "paste", methods=("get",))
    for row in world.rows[model]:
        address = reverse("admin:corsadmin_tenant_paste", args=[row.pk])
        yield "post", address, {"lines": "https://new.example", "check": "Check"}


def _restore(world, model):
    for moment in ("2020-01-01T00:00:00Z", timezone.now().isoformat().replace("+00:00", "Z")):
        query = f"?before={moment}"
        yield from _pages(world, model, "restore", methods=("get",), query=query)
        yield "post", reverse("admin:corsadmin_tenant_restore", args=[world.other.pk]) + query, {}


# By the ends of the names of the addresses that the screens register.
DOORS = {
    "add": _add,
    "change": _change,
    "changelist": _changelist,
    "delete": lambda world, model: _pages(world, model, "delete"),
    "history": lambda world, model: _pages(world, model, "history", methods=("get",)),
    "simple_history": _versions,
    "try": _try,
    "import": _import,
    "deleted": lambda world, model: [("get", reverse("admin:corsadmin_tenant_deleted"), {})],
    "paste": _paste,
    "timeline": lambda world, model: _pages(world, model, "timeline", methods=("get",)),
    "restore": _restore,
}


def _shared(world):
    """Yield what is asked of pages that no screen of the app registers."""
    yield "admin:index", "get", reverse("admin:index"), {}
    yield "admin:app_list", "get", reverse("admin:app_list", args=["corsadmin"]), {}
    for model in MODELS:
        for field in admin.site.get_model_admin(model).autocomplete_fields:
            asked = {"app_label": "corsadmin", "model_name": model._meta.model_name}
            asked |= {"field_name": field, "term": ""}
            yield (
                f"autocomplete of {model._meta.model_name}",
                "get",
                reverse("admin:autocomplete"),
                asked,
            )


def requests_to(world):
    """Yield (door, method, address, fields) for every door of the admin."""
    yield from _shared(world)
    for model in apps.get_app_config("corsadmin").get_models():
        if not admin.site.is_registered(model):
            continue
        for pattern in admin.site.get_model_admin(model).get_urls():
            if pattern.name:
                page = pattern.name.removeprefix(f"corsadmin_{model._meta.model_name}_")
                for method, address, fields in DOORS[page](world, model):
                    yield pattern.name, method, address, fields


@contextmanager
def undone():
    """Take back whatever is written inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(client, method, address, fields):
    """Return the text that a door answers, in lower case and without the names it was asked for."""
    with undone():
        text = getattr(client, method)(address, fields).content.decode().lower()
    url, origin = (urlsplit(fields.get(name, "")) for name in ("url", "origin"))
    for name in filter(None, (url.netloc, url.path.strip("/"), origin.netloc)):
        text = text.replace(name, "")
    return text
