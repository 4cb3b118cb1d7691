"""Lint tenants and path rules: those that no request reaches, and those that open the admin."""

from collections.abc import Iterator, Mapping

from django.apps import apps
from django.conf import settings
from django.http.request import validate_host
from django.urls import NoReverseMatch, get_script_prefix, reverse

from corsadmin.diagnose.lint.findings import Finding
from corsadmin.diagnose.lint.reading import Holding, Policy
from corsadmin.diagnose.lint.risks import rule_risks
from corsadmin.engine.paths import covers, overlaps, specificity
from corsadmin.engine.rules import RuleText
from corsadmin.messages import shown
from corsadmin.tenants import finds_by_host, reach


def lint_tenant(holding: Holding, inherited: Policy) -> Iterator[Finding]:
    """Yield a finding for each thing that hides a tenant from requests or disables its origins."""
    slug = holding.tenant.slug
    if finds_by_host():
        if not holding.hosts and not holding.tenant.is_platform:
            yield Finding(slug, "tenant", slug, "tenant-without-host")
        for host in holding.hosts:
            if settings.ALLOWED_HOSTS and not validate_host(host, settings.ALLOWED_HOSTS):
                yield Finding(slug, "host", shown(host), "host-not-allowed")
    has_rules = holding.policy.rules or inherited.rules or holding.has_broken_rules
    # The platform needs no rule: its origins also apply to the rules of its heirs.
    if holding.policy.entries and not has_rules and not holding.tenant.is_platform:
        yield Finding(slug, "tenant", slug, "tenant-without-rule")


def lint_rules(holding: Holding, inherited: Policy) -> Iterator[Finding]:
    """Yield a finding for each rule that no request reaches, that adds nothing or covers the admin."""
    slug, own = holding.tenant.slug, holding.policy.rules
    limit = reach(holding.tenant.slug)
    for path, rule in own.items():
        if not overlaps(path, limit):
            yield Finding(slug, "rule", path, "unreachable-rule")
        elif inherited.rules.get(path) == rule:
            yield Finding(slug, "rule", path, "redundant-rule")
        elif rule.exclusive and path == "/":
            yield Finding(slug, "rule", path, "exclusive-everywhere")
        else:
            for other in _reopened(rule, own, inherited):
                yield Finding(slug, "rule", path, "exclusive-reopened", other)
    yield from _lint_openings(slug, own, inherited)


def _reopened(rule: RuleText, own: Mapping[str, RuleText], inherited: Policy) -> Iterator[str]:
    """Yield the paths of the exclusive rules that an ordinary rule of the tenant overrides."""
    if rule.exclusive:
        return
    for other in (*own.values(), *inherited.rules.values()):
        # An equal path belongs to the platform's rule, which the tenant's own replaces.
        is_before = specificity(rule.path) <= specificity(other.path)
        if other.exclusive and is_before and overlaps(rule.path, other.path):
            yield other.path


def _lint_openings(slug: str, own: Mapping[str, RuleText], inherited: Policy) -> Iterator[Finding]:
    told = set()
    for rule, admin_path in rules_on_admin({**inherited.rules, **own}):
        if own.get(rule.path) is rule:
            told.add(rule.path)
            code = "admin-any-origin" if rule.any_origin else "admin-covered"
            yield Finding(slug, "rule", rule.path, code, admin_path)
    for path, rule in own.items():
        for risk in rule_risks(rule) if path not in told else ():
            yield Finding(slug, "rule", path, "exposed", risk.graded)


def rules_on_admin(rules: Mapping[str, RuleText]) -> Iterator[tuple[RuleText, str]]:
    """Yield each rule that lets other origins read pages of an admin site, and the site's path."""
    for admin_path in _admin_paths():
        covering = (path for path in rules if covers(path, admin_path))
        of_front_page = min(covering, key=specificity, default="")
        for path, rule in rules.items():
            # The rule that decides for the admin's front page, and every narrower rule.
            counts = path == of_front_page or (
                overlaps(path, admin_path) and specificity(path) < specificity(admin_path)
            )
            if counts and (rule.any_origin or rule.credentials):
                yield rule, admin_path


def _admin_paths() -> list[str]:
    """Return the paths of the admin sites, in the form of path_info."""
    if not apps.is_installed("django.contrib.admin"):
        return []
    # Imported late: the module needs apps that only a project with an admin installs.
    from django.contrib.admin.sites import all_sites  # noqa: PLC0415

    found = set()
    # A copy, because reverse() may import URL modules that create another site.
    for site in [*all_sites]:
        try:
            found.add("/" + reverse(f"{site.name}:index").removeprefix(get_script_prefix()))
        except NoReverseMatch:
            continue
    return sorted(found)
