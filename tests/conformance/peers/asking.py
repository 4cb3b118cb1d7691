"""Store the policies of all cases through the gate, and ask the middleware what it answers."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from corsadmin.middleware import CorsMiddleware
from corsadmin.models import Origin, PathRule, Tenant, TenantHost, generation
from corsadmin.serving.decision_cache import DecisionCache
from corsadmin.serving.loader import load
from corsadmin.serving.store import View
from tests.conformance.peers.cases import FIELDS, Answer, Call, Case, Rule, value

DOMAIN = "peers.example.net"


def ask_all(cases: Iterable[Case]) -> list[Answer]:
    """Return the middleware's answer to each case, in order. Every policy is a tenant of its own."""
    tenants: dict[tuple[Rule, ...], str] = {}
    cases = list(cases)
    with generation.change():  # one for all: of its own it costs more than a row
        for case in cases:
            if case.rules not in tenants:
                tenants[case.rules] = _store(f"peer-{len(tenants)}", case.rules)
    view = View(DecisionCache(load("default")), None)
    with override_settings(ALLOWED_HOSTS=[f".{DOMAIN}"]):
        return [_ask(case.call, tenants[case.rules], view) for case in cases]


def refusals(pattern: str) -> list[str]:
    """Return the codes for which the gate refuses an origin pattern, none when it takes it."""
    try:
        Origin(pattern=pattern).full_clean(exclude={"tenant"})
    except ValidationError as error:
        return [str(found.code) for found in error.error_dict["pattern"]]
    return []


def _store(slug: str, rules: tuple[Rule, ...]) -> str:
    """Store a policy row by row, as the admin would, and return the host that it governs."""
    tenant = Tenant(slug=slug, inherits_platform=False)
    _save(tenant)
    host = TenantHost(tenant=tenant, host=f"{slug}.{DOMAIN}")
    _save(host)
    for rule in rules:
        _save(
            PathRule(
                tenant=tenant,
                path=rule.path,
                any_origin=rule.any_origin,
                # No row says this of any origin: the nearest that can be said goes without.
                credentials=rule.credentials and not rule.any_origin,
                refuse_unlisted=rule.refuse,
                exclusive=rule.exclusive,
                methods=list(rule.methods),
                request_headers=list(rule.headers),
                exposed_headers=list(rule.exposed),
                max_age=rule.age,
            )
        )
        for origin in rule.origins:
            _save(
                Origin(
                    tenant=tenant,
                    pattern=origin,
                    credentials=rule.credentials,
                    risk_accepted=rule.credentials,
                    scope=rule.path if rule.exclusive else "",
                )
            )
    return host.host


def _save(row: Tenant | TenantHost | PathRule | Origin) -> None:
    row.full_clean()
    row.save()


def _ask(call: Call, host: str, view: View) -> Answer:
    def page(_request: HttpRequest) -> HttpResponse:
        response = HttpResponse(b"fine")
        if call.page_sets_vary:
            response["Vary"] = call.page_sets_vary
        return response

    headers = {
        "Host": host,
        "Origin": call.origin and call.origin.replace("{host}", host),
        "Access-Control-Request-Method": call.requested_method,
        "Access-Control-Request-Headers": call.requested_headers,
    }
    sent = {name: text for name, text in headers.items() if text is not None}
    middleware = CorsMiddleware(page)
    middleware.current = lambda: view
    response = middleware(RequestFactory().generic(call.method, call.path, headers=sent))
    assert isinstance(response, HttpResponse)
    seen = {field: value(field, response.headers.get(name)) for field, name in FIELDS.items()}
    return {"status": response.status_code, **seen}
