"""The lint's findings, grouped by kind, with links to their rows."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlencode

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.addresses import address
from corsadmin.diagnose.lint import LEVELS, Finding
from corsadmin.models import Origin, PathRule, Tenant, TenantHost

MAX_SHOWN_FINDINGS: Final = 50  # rows of one kind of finding
# The models of the rows that findings are about.
MODELS: Final[dict[str, type[Model]]] = {
    "tenant": Tenant,
    "host": TenantHost,
    "rule": PathRule,
    "origin": Origin,
}
# The title of several findings of one kind. A finding about the platform always comes alone.
TITLES: Final[Mapping[str, Promise]] = {
    "admin-any-origin": _("%(count)s path rules let any origin read the admin"),
    "admin-covered": _("%(count)s path rules cover the admin"),
    "credentials-unused": _("%(count)s origins allow credentials, but no matching path rule does"),
    "does-not-compile": _("%(count)s stored rows are invalid, so they deny requests"),
    "emergency-forgotten": _("%(count)s emergencies have been on for a long time and have no end"),
    "emergency-level-unknown": _("%(count)s emergencies have an unknown level"),
    "exclusive-everywhere": _(
        "%(count)s exclusive path rules cover every path, so “exclusive” changes nothing"
    ),
    "exclusive-keeps-out": _(
        "%(count)s origins never apply, because exclusive rules keep them out"
    ),
    "exclusive-reopened": _("%(count)s path rules reopen what an exclusive rule reserves"),
    "expired": _("%(count)s origins have expired"),
    "exposed": _("%(count)s origins are wide open. Do you still need them?"),
    "host-not-allowed": _("%(count)s hosts are not in ALLOWED_HOSTS"),
    "overlap-ended": _("%(count)s replaced origins have ended"),
    "overlap-ends": _("%(count)s replaced origins end soon"),
    "redundant-origin": _("%(count)s origins are redundant: other origins cover them"),
    "redundant-rule": _("%(count)s path rules repeat the platform's rule for the same path"),
    "risk": _("%(count)s origins have a risk that somebody accepted"),
    "scope-without-rule": _("%(count)s origins have a scope that no enabled rule overlaps"),
    "script-prefix": _("%(count)s paths begin with the prefix under which the project is mounted"),
    "tenant-without-host": _("%(count)s tenants have no host, so no request belongs to them"),
    "tenant-without-rule": _("%(count)s tenants have origins but no enabled rule"),
    "unreachable-rule": _(
        "%(count)s path rules cover paths that no request of their tenant can have"
    ),
}
# The same of path rules, where the others are about origins.
_OF_RULES: Final[Mapping[str, Promise]] = {
    "exposed": _("%(count)s path rules are wide open. Do you still need them?"),
}
# The query of the list that shows every row of a kind of finding.
_FILTERS: Final[Mapping[str, str]] = {
    "admin-any-origin": "any_origin__exact=1",
    "expired": "state=ended",
    "risk": "risk=accepted",
}


class FindingGroup(NamedTuple):
    """Findings of one kind. The title is blank for a single finding."""

    level: str
    word: str
    title: str
    page: str  # the list that shows all of them, blank if there is none
    rows: list[tuple[Finding, str]]  # each with the page of its row, blank if there is none
    more: int  # findings beyond those in `rows`


def group_findings(
    findings: Iterable[Finding], site: str, keys: Mapping[str, int]
) -> list[FindingGroup]:
    """Return findings grouped by kind, errors first. `keys` are the tenants' keys by slug."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.code, finding.kind), []).append(finding)
    order = list(LEVELS)
    found = sorted(groups.values(), key=lambda group: order.index(group[0].level))
    return [_group(group, site, keys) for group in found]


def _group(found: list[Finding], site: str, keys: Mapping[str, int]) -> FindingGroup:
    first = found[0]
    rows = [(one, _row_page(one, site, keys.get(one.tenant))) for one in found[:MAX_SHOWN_FINDINGS]]
    title, page = "", ""
    if len(found) > 1:
        titles = {**TITLES, **_OF_RULES} if first.kind == "rule" else TITLES
        title = str(titles[first.code]) % {"count": len(found)}
        query = _FILTERS.get(first.code, "")
        page = _list_page(first, site, query) if query and keys else ""
    return FindingGroup(first.level, first.word, title, page, rows, len(found) - len(rows))


def _row_page(finding: Finding, site: str, key: int | None) -> str:
    """Return the page of a finding's row: the tenant's page, or a list that shows only the row."""
    if key is None:
        return ""
    if finding.kind == "tenant":
        return address(site, "tenant_change", key)
    # The name of an entry ends with its scope, which a search for the pattern must leave out.
    name = finding.name.partition(" (")[0]
    return _list_page(finding, site, urlencode({"tenant": key, "q": name}))


def _list_page(finding: Finding, site: str, query: str) -> str:
    page = address(site, f"{MODELS[finding.kind]._meta.model_name}_changelist")
    return page and f"{page}?{query}"
