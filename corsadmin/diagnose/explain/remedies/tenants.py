"""Remedies that give a request a tenant: a host, an active tenant, or a setting."""

from collections.abc import Iterator

from django.http.request import split_domain_port
from django.utils.translation import gettext as _

from corsadmin.diagnose.explain.context import Case
from corsadmin.diagnose.explain.draft import Draft
from corsadmin.diagnose.explain.near_misses.hosts import named_slug
from corsadmin.diagnose.explain.remedies.remedy import Remedy, RemedyKind, change_row
from corsadmin.messages import shown
from corsadmin.models import Tenant, TenantHost
from corsadmin.tenants import finds_by_host, resolver_name

STEP = "tenant"


def called_tenant(case: Case) -> Tenant | None:
    """Return the tenant that a call is for, if it may be named; None if that is unknown."""
    if case.decision.tenant:
        return case.tenant
    rows = Tenant.objects.using(case.using)
    if finds_by_host():
        host = case.host or split_domain_port(case.question.host)[0]
        owner = rows.filter(hosts__host=host).first() if host else None
        if owner is not None and case.may_name(owner):
            return owner
        slug = case.question.tenant
    else:
        slug = named_slug(case)[0] if case.host else ""
    found = rows.filter(slug=slug).first()
    return found if found is not None and case.may_name(found) else None


def remedies_for_tenant(case: Case, draft: Draft | None) -> Iterator[Remedy]:
    """Yield the remedies for a request without a tenant."""
    if not case.host:
        yield _allowed_hosts(case, draft)
    elif draft is not None and finds_by_host() and not any(draft.hosts):
        text = _("Add the host %(host)s to %(tenant)s.")
        facts = {"host": shown(case.host), "tenant": draft.tenant.slug}
        row = TenantHost(tenant=draft.tenant, host=case.host)
        yield Remedy(
            kind=RemedyKind.HOST, step=STEP, sentence=text % facts, row=row, fields=("host",)
        )
    elif draft is not None and not draft.tenant.is_active:
        yield _activate(draft.tenant)
    elif finds_by_host():
        yield from _unknown_host(case)
    else:
        facts = {"resolver": resolver_name()}
        text = _("Call a host or path of an active tenant: TENANT_RESOLVER is %(resolver)s.")
        yield Remedy(kind=RemedyKind.ADDRESS, step=STEP, sentence=text % facts)


def _allowed_hosts(case: Case, draft: Draft | None) -> Remedy:
    if draft is not None and not draft.tenant.is_active:
        return _activate(draft.tenant)
    facts = {"host": shown(case.question.host)}
    return Remedy(
        kind=RemedyKind.ALLOWED_HOSTS,
        step=STEP,
        sentence=_("Add %(host)s to ALLOWED_HOSTS: Django refuses this host.") % facts,
        tenant="" if draft is None else draft.tenant.slug,
    )


def _activate(tenant: Tenant) -> Remedy:
    sentence = _("Activate the tenant %(tenant)s.") % {"tenant": tenant.slug}
    return change_row(RemedyKind.TENANT_ACTIVE, STEP, sentence, tenant, is_active=True)


def _unknown_host(case: Case) -> Iterator[Remedy]:
    text = _("Add the host %(host)s to its tenant.") % {"host": shown(case.host)}
    yield Remedy(kind=RemedyKind.HOST, step=STEP, sentence=text)
    if not TenantHost.objects.using(case.using).exists():
        text = _(
            "If this is a single site, set TENANT_RESOLVER to corsadmin.tenants.single instead."
        )
        yield Remedy(kind=RemedyKind.TENANT_RESOLVER, step=STEP, sentence=text)
