"""Find the tenant of a pasted address: the URL of a call, or a host."""

from typing import NamedTuple

from django.db.models import Q

from corsadmin.conf import setting
from corsadmin.diagnose.verdict.calls import split_url
from corsadmin.engine.browser import host_name
from corsadmin.engine.hosts import is_host, mend_host
from corsadmin.models import TenantHost
from corsadmin.tenants import resolver_name


class PastedAddress(NamedTuple):
    """A host in its stored form, and the tenant's slug in the address, blank without one."""

    host: str
    slug: str

    def tenants(self) -> Q:
        """Return the condition for the tenant that answers a call to the address."""
        # By keys: asked for both conditions in one query, a database reads all tenants.
        owners = TenantHost.objects.filter(host=self.host).values_list("tenant", flat=True)
        found = Q(pk__in=list(owners))
        return found | Q(slug=self.slug) if self.slug else found


def pasted_address(term: str) -> PastedAddress | None:
    """Return the address in a search term, or None if the term is a word or a part of a name."""
    term = term.strip()
    found = split_url(term if "://" in term else f"https://{term}")
    # A single word could be a host, but it is more often a part of a slug or a name.
    if found is None or not ("://" in term or set(term) & set(".:[/")):
        return None
    _kind, host = mend_host(host_name(found.host))
    return PastedAddress(host, _slug(host, found.path)) if host and is_host(host) else None


def _slug(host: str, path: str) -> str:
    """Return the slug that the site's resolver reads from an address, blank if it reads none."""
    resolver = resolver_name().rpartition(".")[2]
    if resolver == "by_subdomain":
        slug, _dot, base = host.partition(".")
        return slug if base == setting("TENANT_BASE_DOMAIN") else ""
    prefix = setting("TENANT_PATH_PREFIX")
    if resolver == "by_path" and path.startswith(prefix):
        return path.removeprefix(prefix).partition("/")[0]
    return ""
