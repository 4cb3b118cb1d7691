"""Every list and page of the admin that is measured, and who asks for it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from benchmarks.admin_dataset import FIRST
from corsadmin.models import Origin, PathRule, Tenant, TenantHost, TenantMember


class Page(NamedTuple):
    """One page; `who` asks for it, with a form when there is something to send.

    Where something is `pressed`, what counts is the answer to the form that the page then holds.
    """

    who: str
    group: str
    name: str
    path: str
    sent: dict[str, Any] | None = None
    pressed: str = ""


PEOPLE: Final = ("superuser", "member", "large")  # all tenants, a hundred of them, the large one
LISTS: Final = ("tenant", "tenanthost", "pathrule", "origin", "tenantmember")
SMALL: Final = FIRST + 1_006  # a tenant like most, one of the member's
LOOKED_THROUGH: Final = "filtered by what has no index"
COLUMNS: Final = {
    "tenant": (1, 2, 3, 4, 8),
    "tenanthost": (1, 2, 3),
    "pathrule": (1, 2, 3, 5, 6, 7, 8, 9),
    "origin": (1, 2, 6),
    "tenantmember": (1, 2, 3, 4),
}
WORDS: Final = {
    "tenant": ("customer-55555", "Customer 5555", "555", "example", "no such thing"),
    "tenanthost": ("customer-55555.api", "example.net", "no such thing"),
    "pathrule": ("/api/", "customer-55555", "no such thing"),
    "origin": (
        "https://app.customer-55555.example.com",
        "https://shop.customer-41000.example.org/a/page?x=1",
        "http://localhost:3000",
        "customer-55555",
        "stomer-5555",
        "Customer 55555 Inc.",
        "ops-16666",
        "customer-55555 example.com",
        "https",
        "https://app.cust",
        "no such thing",
        "nosuchthing",
    ),
    "tenantmember": ("staff-5", "customer-55555", "no such thing"),
}
SEARCHED_ORIGINS: Final = (
    "https://app.customer-55555.example.com",
    "https://www.customer-60.example.org/a/page",
    "https://never-was.example",
)
FILTERS: Final = {
    "tenant": ("is_active__exact=0", "is_active__exact=1", "inherits_platform__exact=0"),
    "tenanthost": (),
    "pathrule": (
        "enabled__exact=0",
        "enabled__exact=1",
        "credentials__exact=1",
        "any_origin__exact=1",
        "refuse_unlisted__exact=1",
    ),
    "origin": (
        *(f"state={state}" for state in ("current", "ending", "ended", "not-yet", "disabled")),
        *(f"risk={risk}" for risk in ("accepted", "http", "wildcard", "credentials")),
        "state=ended&risk=wildcard",
        *(f"risk={risk}" for risk in ("wildcard,credentials", "http,credentials", "no-end")),
        *("risk=no-reason,wildcard", "accepted_by=unknown"),
        "state=disabled&q=customer-55550",
    ),
    "tenantmember": ("role__exact=editor",),
}


def people() -> dict[str, Client]:
    """Return a client for each of PEOPLE."""
    users = get_user_model().objects
    superuser, _new = users.get_or_create(
        username="bench", defaults={"is_staff": True, "is_superuser": True}
    )
    single, _new = users.get_or_create(username="single", defaults={"is_staff": True})
    TenantMember.objects.get_or_create(tenant_id=FIRST, user=single, defaults={"role": "editor"})
    member = TenantMember.objects.get(tenant=SMALL).user
    clients = {}
    for who, user in zip(PEOPLE, (superuser, member, single), strict=True):
        clients[who] = Client(SERVER_NAME="localhost")
        clients[who].force_login(user)
    return clients


def pages() -> Iterator[Page]:
    """Yield what is measured."""
    for who in PEOPLE:
        for model in LISTS if who == "superuser" else LISTS[:-1]:
            address = reverse(f"admin:corsadmin_{model}_changelist")
            for group, query in _queries(model):
                name = f"{address}?{query}"
                yield Page(who, f"{model} list, {group}", name, name)
        for group, path in _others(who):
            yield Page(who, group, path, path)
    yield from _actions()
    yield from _forms()


def _queries(model: str) -> Iterator[tuple[str, str]]:
    yield "first page", ""
    for column in COLUMNS[model]:
        yield from (("sorted", f"o={column}"), ("sorted", f"o=-{column}"))
    yield from (("deep pages", f"p={number}") for number in (2, 100, 200))
    yield from (("filtered", query) for query in FILTERS[model])
    if model == "origin":
        yield from ((LOOKED_THROUGH, query) for query in ("risk=no-reason", "seen=90"))
    if model != "tenant":
        yield from (("of a tenant", f"tenant={key}") for key in (SMALL, FIRST))
        yield "of a tenant", f"tenant={FIRST}&p=100"
    if model != "tenantmember":
        for days in (0, 7, 365):
            yield "by last change", urlencode({"modified__gte": str(_midnight(days))})
    yield from (("searched", urlencode({"q": word})) for word in WORDS[model])


def _others(who: str) -> Iterator[tuple[str, str]]:
    yield "start page", reverse("admin:app_list", args=["corsadmin"])
    offer = {"app_label": "corsadmin", "model_name": "origin", "field_name": "tenant"}
    for term in ("", "customer-5555", "inc", "no such thing"):
        yield (
            "autocomplete of tenants",
            f"{reverse('admin:autocomplete')}?{urlencode({**offer, 'term': term})}",
        )
    history = reverse("admin:corsadmin_tenant_history_all")
    yield "history of all, first page", history
    for term in SEARCHED_ORIGINS:
        yield "history of all, searched for an origin", f"{history}?{urlencode({'q': term})}"
    for key in {"superuser": (SMALL, FIRST), "member": (SMALL,), "large": (FIRST,)}[who]:
        size = "a tenant of 5,000 origins" if key == FIRST else "a tenant of 10 origins"
        yield from ((f"{page} of {size}", path) for page, path in _tenant(key))
        yield from ((f"rows of {size}", path) for path in _rows(key))
    for query in ("", "risk=wildcard,credentials", "risk=no-end"):
        yield "tenants with origins", f"{reverse('admin:corsadmin_origin_tenants')}?{query}"
    yield "inbox of all", reverse("admin:corsadmin_tenant_inbox")
    yield "clean-up of all", reverse("admin:corsadmin_tenant_clean_up")
    yield "import page", reverse("admin:corsadmin_tenant_import")
    if who == "superuser":
        yield "new customer", reverse("admin:corsadmin_tenant_new_customer")
        yield "unknown hosts", reverse("admin:corsadmin_tenant_unknown_hosts")
        yield "page of a copy", reverse("admin:corsadmin_tenant_copy")
        for key in (SMALL, FIRST):
            yield "question before a tenant is deleted", _page(Tenant, "delete", key)
            yield "emergency", _page(Tenant, "emergency", key)
        yield "deleted tenants", reverse("admin:corsadmin_tenant_deleted")
        yield from (("add pages", reverse(f"admin:corsadmin_{model}_add")) for model in LISTS)


def _tenant(key: int) -> Iterator[tuple[str, str]]:
    asked = {
        "url": f"https://customer-{key}.api.example.net/api/x",
        "method": "PUT",
        "origin": f"https://ap.customer-{key}.example.com",
    }
    yield "page", _page(Tenant, "change", key)
    yield "history", _page(Tenant, "history", key)
    before = urlencode({"before": _midnight(1).isoformat()})
    yield "putting back", f"{_page(Tenant, 'restore', key)}?{before}"
    yield "pasting", _page(Tenant, "paste", key)
    yield "inbox", _page(Tenant, "inbox_of", key)
    yield "clean-up", _page(Tenant, "clean_up_of", key)
    both = {"left": f"customer-{key}", "right": f"customer-{key + 2}"}
    yield "comparing", f"{reverse('admin:corsadmin_tenant_compare')}?{urlencode(both)}"
    yield "trying a request", f"{reverse('admin:corsadmin_tenant_try')}?{urlencode(asked)}"


def _rows(key: int) -> Iterator[str]:
    models: tuple[Any, ...] = (Origin, PathRule, TenantHost)
    for model in models:
        row = model.objects.filter(tenant=key).first()
        for view in ("change", "history", "delete") if model is not TenantHost else ("history",):
            yield _page(model, view, row.pk)


def _actions() -> Iterator[Page]:
    """Yield what is done to many rows at once; nothing of it is committed."""
    everything = {"select_across": "1", "_selected_action": ["1"], "confirm_lockout": "on"}
    address = reverse("admin:corsadmin_origin_changelist")
    disable = {"action": "disable", **everything}
    yield Page("superuser", "actions on a million rows", "disable all", address, disable)
    delete = {"action": "delete_selected", **everything}
    yield Page("superuser", "actions on a million rows", "delete all", address, delete)
    large = f"{address}?tenant={FIRST}"
    yield Page("superuser", "disabling 5,000 origins", "disable 5,000", large, disable)
    gone = {"post": "yes", "confirm_lockout": "on"}
    path = _page(Tenant, "delete", FIRST)
    yield Page("superuser", "deleting a tenant of 5,000 origins", "delete 5,000", path, gone)


def _forms() -> Iterator[Page]:
    """Yield the previews of forms that write much, and the answers to their confirmation."""
    copying, customer, importing = (
        reverse(f"admin:corsadmin_tenant_{name}") for name in ("copy", "new_customer", "import")
    )
    many = " ".join(f"customer-{FIRST + number}" for number in range(1, 201))
    copied = {"source": f"customer-{FIRST}", "slugs": many, "rules": "on", "check": "Check"}
    for name, sent in (("keeping", copied), ("overwriting", {**copied, "existing": "overwrite"})):
        yield Page("superuser", "plan of a copy to 200 tenants", f"plan, {name}", copying, sent)
    group = "a copy to 200 tenants, confirmed"
    yield Page("superuser", group, "copy", copying, {**copied, "existing": "overwrite"}, "copy")
    hosts = "\n".join(f"api-{number}.bench.example" for number in range(5))
    lines = "\n".join(f"https://app-{number}.bench.example" for number in range(50))
    given = {"name": "Bench", "slug": "bench", "hosts": hosts, "lines": lines, "path": "/api/"}
    given |= {"template": "json-api", "check": "Check"}
    yield Page("superuser", "plan of a new customer", "new customer", customer, given)
    yield Page("superuser", "a new customer, saved", "new customer", customer, given, "save")
    for rows in (200, 5_000):
        file = SimpleUploadedFile("origins.csv", _table(rows).encode())
        group = f"plan of a spreadsheet of {rows:,} rows"
        yield Page("superuser", group, "spreadsheet", importing, {"file": file})


def _table(rows: int) -> str:
    """Return a spreadsheet with new origins of tenants, ten of each."""
    lines = (
        f"customer-{FIRST + 1 + number // 10},https://new-{number}.bench.example,yes"
        for number in range(rows)
    )
    return "\n".join(("Customer,Domain,Cookies", *lines))


def _page(model: type[Any], view: str, key: int) -> str:
    return reverse(f"admin:corsadmin_{model._meta.model_name}_{view}", args=[key])


def _midnight(days: int) -> datetime:
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days)
