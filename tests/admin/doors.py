"""Every door of the admin that shows rows of a tenant.

The doors follow from the addresses and actions that the app registers: one that nobody has described
here raises KeyError.
"""

from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.apps import apps
from django.contrib import admin
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from corsadmin.admin.history.change_number import change_number
from corsadmin.models import Origin, Tenant
from tests.admin.audit_doors import audit, tenants_with_origins, text_of
from tests.admin.policy_doors import comparing, copying, new_customer
from tests.admin.world import MARKS, MODELS


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
    yield "get", f"{address}?q=example&o=1.2&tenant={world.acme.pk}", {}
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
    "compare_selected": lambda world: [{"_selected_action": [world.acme.pk, world.other.pk]}],
    "copy_policy_from": lambda world: [{"_selected_action": [world.acme.pk]}],
    "copy_policy_to": lambda world: [],
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


def _probe(world, model):
    for method in ("get", "post"):
        asked = {"url": "http://127.0.0.1/", "origin": "https://app.example"}
        yield method, reverse("admin:corsadmin_tenant_probe"), asked


def _make(world, model):
    address = reverse("admin:corsadmin_tenant_make")
    for host, path, chosen in (
        ("zzhost-one.example", "/", {}),
        ("zzhost-one.example", "/zzpath-one/", {"tenant": world.other.slug}),
        ("zzhost-none.example", "/", {"tenant": world.other.slug}),
    ):
        asked = {"url": f"https://{host}{path}", "origin": "https://new.example"}
        asked |= {"method": "PUT", "credentials": "on", **chosen}
        yield "get", f"{address}?{urlencode(asked)}", {}
        yield "post", f"{address}?{urlencode(asked)}", {"save": "Save all"}
        yield "post", address, asked


def _import(world, model):
    address, sent = reverse("admin:corsadmin_tenant_import"), {"text": world.document}
    yield "get", address, {}
    yield from (("post", address, {**sent, "check": "x", **more}) for more in ({}, {"prune": "on"}))


def _paste(world, model):
    yield from _pages(world, model, "paste", methods=("get",))
    for row in world.rows[model]:
        address = reverse("admin:corsadmin_tenant_paste", args=[row.pk])
        yield "post", address, {"lines": "https://new.example", "check": "Check"}


def _inbox(world, model, *, address=None):
    page = address or reverse("admin:corsadmin_tenant_inbox")
    for query in ("", "?days=all&show=dismissed", "?tenant=acme", "?lane=strangers&p=2"):
        yield "get", page + query, {}
    for row in world.rows[Tenant]:
        for name in ("caller", "dismissed"):
            chosen = f"{row.pk} https://zzsighting-{name}-two.example"
            for button in ("dismiss", "put_back"):
                yield "post", page, {"chosen": chosen, button: "x"}


def _inbox_of(world, model):
    for row in [*world.rows[model], world.gone]:
        address = reverse("admin:corsadmin_tenant_inbox_of", args=[row.pk])
        yield from _inbox(world, model, address=address)


def _clean_up(world, model, *, address=None):
    page = address or reverse("admin:corsadmin_tenant_clean_up")
    for query in ("", "?days=365", "?csv=1"):
        yield "get", page + query, {}


def _clean_up_of(world, model):
    for row in [*world.rows[model], world.gone]:
        address = reverse("admin:corsadmin_tenant_clean_up_of", args=[row.pk])
        yield from _clean_up(world, model, address=address)
        keys = list(Origin.objects.values_list("pk", flat=True))
        yield "post", address, {"disable": "origin", "chosen_origin": keys}


def _replace(world, model):
    yield from _pages(world, model, "replace", methods=("get",))
    for row in world.rows[model]:
        address = reverse("admin:corsadmin_origin_replace", args=[row.pk])
        yield "post", address, {"pattern": "https://new.example", "overlap": "1"}


def _emergency(world, model):
    yield from _pages(world, model, "emergency")
    for row in world.rows[model]:
        address = reverse("admin:corsadmin_tenant_emergency", args=[row.pk])
        yield "post", address, {"lift": "x"}


def _restore(world, model):
    for moment in ("2020-01-01T00:00:00Z", timezone.now().isoformat().replace("+00:00", "Z")):
        query = f"?before={moment}"
        yield from _pages(world, model, "restore", methods=("get",), query=query)
        yield "post", reverse("admin:corsadmin_tenant_restore", args=[world.other.pk]) + query, {}


def _history_all(world, model):
    address = reverse("admin:corsadmin_tenant_history_all")
    queries: list[dict[str, str]] = [{}, {"q": "example"}, {"tenant": "zzown"}, {"user": "a"}]
    queries += [{"kind": kind} for kind in ("added", "changed", "removed", "enabled", "disabled")]
    # The page without a query shows all changes, and _undo opens one of each sort.
    first, *_others, last = _numbers(world)
    for query in (*queries, {"change": first}, {"change": last}):
        yield "get", address, query


def _undo(world, model):
    addresses = [reverse("admin:corsadmin_tenant_undo", args=[one]) for one in _numbers(world)]
    yield from (("get", address, {}) for address in addresses)
    # The oldest ones have the most to overwrite.
    for address in addresses[: len(addresses) // 2]:
        yield "post", address, {"check": "Check", "overwrites": "on"}


def _numbers(world):
    """Return the number of the last change of each sort to each kind of row, ends among them."""
    moments = set()
    for kind in filter(MARKS.get, world.rows):
        last = kind.history.order_by().values("history_type").annotate(at=Max("history_date"))
        moments |= {each["at"] for each in last}
    return [change_number(moment) for moment in sorted(moments)]


# By the ends of the names of the addresses that the screens register.
DOORS = {
    "add": _add,
    "change": _change,
    "changelist": _changelist,
    "delete": lambda world, model: _pages(world, model, "delete"),
    "history_all": _history_all,
    "undo": _undo,
    "history": lambda world, model: _pages(world, model, "history", methods=("get",)),
    "simple_history": _versions,
    "try": _try,
    "probe": _probe,
    "make": _make,
    "new_customer": new_customer,
    "compare": comparing,
    "copy": copying,
    "import": _import,
    "unknown_hosts": lambda world, model: [
        ("get", reverse("admin:corsadmin_tenant_unknown_hosts"), {})
    ],
    "deleted": lambda world, model: [("get", reverse("admin:corsadmin_tenant_deleted"), {})],
    "forget": lambda world, model: _pages(world, model, "forget"),
    "clean_up": _clean_up,
    "clean_up_of": _clean_up_of,
    "inbox": _inbox,
    "inbox_of": _inbox_of,
    "paste": _paste,
    "replace": _replace,
    "audit": audit,
    "tenants": tenants_with_origins,
    "emergency": _emergency,
    "users": lambda world, model: [
        ("get", reverse("admin:corsadmin_tenantmember_users"), {"term": "zzmember"})
    ],
    "timeline": lambda world, model: _pages(world, model, "timeline", methods=("get",)),
    "restore": _restore,
}


def _shared(world):
    """Yield what is asked of pages that no screen of the app registers."""
    yield "admin:index", "get", reverse("admin:index"), {}
    yield "admin:app_list", "get", reverse("admin:app_list", args=["corsadmin"]), {}
    for model in filter(admin.site.is_registered, MODELS):
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
        text = text_of(getattr(client, method)(address, fields)).lower()
    asked = {**dict(parse_qsl(urlsplit(address).query)), **fields}
    # What follows is what the page itself was asked, which it shows again.
    text = text.replace(asked.get("tenant") or "\0", "") if "make-it-work" in address else text
    for name in ("left", "right", "source", "slugs"):  # a page shows these again
        text = text.replace(asked.get(name) or "\0", "")
    url, origin = (urlsplit(asked.get(name, "")) for name in ("url", "origin"))
    for name in filter(None, (url.netloc, url.path.strip("/"), origin.netloc)):
        text = text.replace(name, "")
    return text
