"""The rows of the inbox: what they say about a refused origin, and where their links lead."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

from corsadmin.admin.addresses import address
from corsadmin.admin.inbox.asked_names import AskedNames
from corsadmin.admin.inbox.look_alikes import (
    LookAlike,
    is_listed_domain,
    listed_domains,
    look_alikes,
)
from corsadmin.admin.inbox.refused import RefusedOrigin
from corsadmin.admin.returning import form_address, page_address
from corsadmin.admin.rule_additions import additions_query
from corsadmin.engine import PLATFORM
from corsadmin.models import Dismissal, Origin, PathRule, Tenant
from corsadmin.models.access import Access

MAX_COMPARED: Final = 5_000  # entries that are searched for look-alikes


class InboxLine(NamedTuple):
    """A refused origin for display.

    `is_kin` also considers what the tenant has listed since the recording. `entries` are the entries
    for exactly this origin, each with its page. `forms` are addresses of prefilled forms that would
    allow it, each with its scope.
    """

    refused: RefusedOrigin
    is_kin: bool
    look_alikes: list[LookAlike]
    entries: list[tuple[str, Origin]]
    forms: list[tuple[str, str]]
    dismissal: Dismissal | None


def inbox_lines(
    site: str, may: Access, refused: Collection[RefusedOrigin], back: str
) -> Iterator[InboxLine]:
    """Yield a line for each refused origin. Its forms lead back to `back`."""
    tenants = {one.tenant.pk: one.tenant for one in refused}
    origins = {one.origin for one in refused}
    patterns = {one.pattern for one in refused}
    own: dict[tuple[int, str], list[Origin]] = {}
    for entry in Origin.objects.filter(tenant__in=tenants, pattern__in=patterns):
        own.setdefault((entry.tenant_id, entry.pattern), []).append(entry)
    dismissals = {
        (one.tenant_id, one.origin): one
        for one in Dismissal.objects.filter(tenant__in=tenants, origin__in=origins)
    }
    domains = _domains(tenants)
    for one in refused:
        key = one.tenant.pk, one.origin
        entries = own.get((one.tenant.pk, one.pattern), [])
        listed = domains[one.tenant.pk]
        yield InboxLine(
            one,
            one.is_kin or is_listed_domain(one.origin, listed),
            look_alikes(one.origin, listed),
            [(page_address(site, entry, back), entry) for entry in entries],
            list(_forms(site, may, one, {entry.scope for entry in entries}, back)),
            dismissals.get(key),
        )


def asked_with_form(site: str, may: Access, asked: AskedNames, back: str) -> tuple[AskedNames, str]:
    """Return names with the address of the form that adds them to their rule.

    The address is blank without permission.
    """
    page = address(site, "pathrule_change", asked.rule.pk)
    if not page or not may.may("change", PathRule, asked.rule.tenant):
        return asked, ""
    given = additions_query(
        {"methods": asked.sorted_methods, "request_headers": asked.sorted_headers}
    )
    return asked, form_address(page, given, back)


def _forms(
    site: str, may: Access, one: RefusedOrigin, taken: Collection[str], back: str
) -> Iterator[tuple[str, str]]:
    """Yield the prefilled forms that would allow an origin, unless the entry exists already."""
    page = address(site, "origin_add")
    if not page or not one.origin or not may.may("add", Origin, one.tenant):
        return
    for scope in one.scopes:
        if scope not in taken:
            given = {"tenant": one.tenant.pk, "pattern": one.pattern, "scope": scope}
            yield form_address(page, given, back), scope


def _domains(tenants: Mapping[int, Tenant]) -> dict[int, dict[str, str]]:
    """Return the registrable domains of the origins that each tenant lists or inherits."""
    enabled = Origin.objects.filter(enabled=True)
    own = enabled.filter(tenant__in=tenants).values_list("tenant", "pattern")[:MAX_COMPARED]
    patterns: dict[int, list[str]] = {key: [] for key in tenants}
    for key, pattern in own:
        patterns[key].append(pattern)
    platform = enabled.filter(tenant__slug=PLATFORM, tenant__is_active=True)
    inherited = list(platform.values_list("pattern", flat=True)[:MAX_COMPARED])
    return {
        key: listed_domains([*some, *inherited] if tenants[key].inherits_platform else some)
        for key, some in patterns.items()
    }
