"""Hosts and slugs by which a request almost belongs to a tenant."""

from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.http.request import split_domain_port

from corsadmin.conf import setting
from corsadmin.diagnose.explain.context import Case
from corsadmin.diagnose.explain.near_misses.sentences import NearMiss, near_miss
from corsadmin.engine import PLATFORM
from corsadmin.messages import shown
from corsadmin.models import Tenant, TenantHost
from corsadmin.tenants import finds_by_host, resolver_name

MAX_ROWS: Final = 50
# Names and addresses by which a browser reaches its own machine.
MACHINE: Final = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0")  # noqa: S104 (only compared)


def near_hosts(case: Case) -> Iterator[NearMiss]:
    """Yield the hosts, slugs and settings by which the request almost has a tenant."""
    if not case.host:
        yield from _allowed_hosts(case)
    elif finds_by_host():
        yield from _listed_hosts(case)
    else:
        yield from _slugs(case)


def _allowed_hosts(case: Case) -> Iterator[NearMiss]:
    """Yield the entries of ALLOWED_HOSTS that are close to a host that Django refuses.

    The setting names the hosts of all tenants, so only users who may see all tenants get any.
    """
    if case.visible is not None:
        return
    host, _ = split_domain_port(case.question.host)
    for entry in settings.ALLOWED_HOSTS:
        domain, port = split_domain_port(entry)
        if port and domain == host:
            yield near_miss("allowed-host-port", "", entry)
        elif _difference(domain, host):
            yield near_miss("allowed-host", "", entry, host=shown(host))


def _listed_hosts(case: Case) -> Iterator[NearMiss]:
    """Yield similar hosts of tenants that may be named, those with the closest number of labels first."""
    host = case.host
    names = {host, f"www.{host}", *MACHINE, *_ends(host)}
    near = Q(host__in=names) | Q(host__startswith=f"{host}:") | Q(host__endswith=f".{host}")
    rows = TenantHost.objects.using(case.using).filter(near).select_related("tenant")
    if case.visible is not None:
        rows = rows.filter(tenant__in=case.visible)
    found = rows.order_by("host")[:MAX_ROWS]
    for row in sorted(found, key=lambda row: abs(row.host.count(".") - host.count("."))):
        slug = row.tenant.slug
        if row.host == host:
            yield near_miss("tenant-inactive", slug, slug)
        elif kind := _difference(row.host, host):
            yield near_miss(kind, slug, row.host, host=shown(host))


def _difference(listed: str, host: str) -> str:
    """Return the kind of the single difference between a host and a listed one, or blank."""
    differences = {
        "host-port": listed.startswith(f"{host}:"),
        "host-www": host in (f"www.{listed}", listed.removeprefix("www.")),
        "host-machine": listed in MACHINE and host in MACHINE,
        "host-level": host.endswith(f".{listed}") or listed.endswith(f".{host}"),
    }
    return next((kind for kind, holds in differences.items() if holds), "")


def _ends(host: str) -> Iterator[str]:
    """Yield the names above a host."""
    labels = host.split(".")
    return accumulate(reversed(labels[1:]), lambda end, label: f"{label}.{end}")


def _slugs(case: Case) -> Iterator[NearMiss]:
    """Yield the tenant that a resolver by slug almost finds, if it may be named."""
    slug, fault = named_slug(case)
    tenant = Tenant.objects.using(case.using).filter(slug=slug.lower()).first()
    if tenant is None or not case.may_name(tenant):
        return
    if not tenant.is_active:
        yield near_miss("tenant-inactive", tenant.slug, tenant.slug)
    elif slug != slug.lower():
        yield near_miss("slug-case", tenant.slug, tenant.slug, slug=shown(slug))
    elif fault:
        yield near_miss(fault, tenant.slug, tenant.slug)


def named_slug(case: Case) -> tuple[str, str]:
    """Return the slug in a request, and what is wrong with it if that tenant is active.

    Both are blank if the project uses a resolver of its own.
    """
    read = _READERS.get(resolver_name().rpartition(".")[2])
    return read(case) if read else ("", "")


def _of_host(case: Case) -> tuple[str, str]:
    base = f".{setting('TENANT_BASE_DOMAIN')}"
    before = case.host.removesuffix(base) if case.host.endswith(base) else ""
    return before.rpartition(".")[2], "slug-level"


def _of_path(case: Case) -> tuple[str, str]:
    prefix = setting("TENANT_PATH_PREFIX")
    rest = case.path.removeprefix(prefix) if case.path.startswith(prefix) else ""
    return rest.partition("/")[0], "slug-slash"


def _of_header(case: Case) -> tuple[str, str]:
    wanted = setting("TENANT_HEADER").lower()
    given = {name.lower(): value for name, value in case.question.headers.items()}
    return given.get(wanted, ""), ""


def _of_site(_case: Case) -> tuple[str, str]:
    return PLATFORM, ""


# For each resolver of corsadmin.tenants: how to read the slug in a request, and the kind of near miss
# if that tenant is active and the slug is in lower case.
_READERS: Final[dict[str, Callable[[Case], tuple[str, str]]]] = {
    "by_subdomain": _of_host,
    "by_path": _of_path,
    "by_header": _of_header,
    "single": _of_site,
}
