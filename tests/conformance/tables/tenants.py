"""Whose policy governs a request: its host's and nobody else's, whatever the caller claims."""

from typing import Any

from corsadmin.engine import Reason
from tests.conformance.case import Case, allowed, get, granted, options, refused
from tests.conformance.site import APP

_RIVAL = "https://app.rival.example"
_TENANTS = "corsadmin.tenants."


def _stranger(name: str, host: str | None, status: int = 200, **case: Any) -> Case:
    """Return the case of a host that is no tenant's."""
    return Case(
        name=name,
        ask=get(host=host, **case.pop("ask", {})),
        reason=Reason.NO_TENANT,
        status=status,
        view=status == 200,
        cors={"vary": None},
        **case,
    )


def _by(resolver: str, **more: Any) -> dict[str, Any]:
    return {"CORSADMIN": {"REFRESH_SECONDS": 0, "TENANT_RESOLVER": _TENANTS + resolver, **more}}


_SUBDOMAIN = _by("by_subdomain", TENANT_BASE_DOMAIN="example.net")
_PATH = _by("by_path", TENANT_PATH_PREFIX="/api/")
_HEADER = _by("by_header", TENANT_HEADER="X-Customer")

CASES: list[Case] = [
    Case(
        name="V26 another tenant's host gets that tenant's policy",
        ask=get(origin=_RIVAL, host="rival.example.net"),
        reason=Reason.ALLOWED,
        cors={"origin": _RIVAL},
    ),
    refused("V26 a tenant's origin at another tenant's host", get(host="rival.example.net")),
    refused("V26 the other tenant's origin at this one's host", get(origin=_RIVAL)),
    allowed(
        "V26 forwarded headers choose no tenant",
        get(
            more=[
                ("X-Forwarded-Host", "rival.example.net"),
                ("Forwarded", "host=rival.example.net"),
            ],
        ),
    ),
    refused(
        "V26 forwarded headers open no other tenant",
        get(origin=_RIVAL, more=[("X-Forwarded-Host", "rival.example.net")]),
    ),
    Case(
        name="V26 the forwarded host counts where a proxy is trusted",
        ask=get(origin=_RIVAL, more=[("X-Forwarded-Host", "rival.example.net")]),
        reason=Reason.ALLOWED,
        cors={"origin": _RIVAL},
        settings={"USE_X_FORWARDED_HOST": True},
    ),
    _stranger(
        "V26 a forwarded host that is not allowed, where a proxy is trusted",
        "t.example.net",
        status=400,
        ask={"more": [("X-Forwarded-Host", "evil.test")]},
        settings={"USE_X_FORWARDED_HOST": True},
    ),
    _stranger("V26 a host that belongs to nobody", "nobody.example.net"),
    _stranger("V26 an inactive tenant", "idle.example.net"),
    *(
        refused(name, get(origin=_RIVAL, **ask))
        for name, ask in (
            ("V28 a forged token", {"more": [("Authorization", "Bearer eyJ0ZW5hbnQiOiJyaXZhbCJ9")]}),
            ("V28 a tenant header that nobody reads", {"more": [("X-Tenant", "rival")]}),
            ("V28 a tenant in the query", {"query": "tenant=rival"}),
            ("V28 a tenant in a cookie", {"more": [("Cookie", "tenant=rival")]}),
        )
    ),
    # Hosts that Django refuses: its own 400, and nothing of ours (R40).
    _stranger("V60 a name that an attacker rebinds to us", "attacker.test", status=400),
    *(
        _stranger(name, host, status=400)
        for name, host in (
            ("R40 a bare word as host", "evil"),
            ("R40 user information in the host", "t.example.net@evil"),
            ("R40 a bracket that nothing closes", "[::1"),
            ("R40 a host of 8 kB", "a." * 4096 + "test"),
            ("R40 a host that is not ASCII", "t\xff.example.net"),
            ("R40 a port that is no number", "t.example.net:https"),
            ("R40 a port that is missing", "t.example.net:"),
            ("R40 two hosts as a server joins them", "t.example.net,rival.example.net"),
            ("R40 a host with a path", "t.example.net/x"),
        )
    ),
    _stranger("R40 no host at all (HTTP/1.0)", None, status=400),
    # Forms of one name.
    *(
        allowed(name, get(host=host))
        for name, host in (
            ("R41 a host in upper case", "T.EXAMPLE.NET"),
            ("R41 a host with a closing dot", "t.example.net."),
            ("R41 a host with a port", "t.example.net:443"),
            ("R40 a host with a port beyond all ports", "t.example.net:99999"),
        )
    ),
    # The other ways to name a tenant.
    allowed("P31 by subdomain", get(), settings=_SUBDOMAIN),
    granted("P31 by subdomain, asked first", options(), settings=_SUBDOMAIN),
    _stranger("P31 two labels are no subdomain", "t.t.example.net", settings=_SUBDOMAIN),
    _stranger("P31 the base domain itself", "example.net", settings=_SUBDOMAIN),
    allowed("P31 by path", get("/api/t/plain"), settings=_PATH),
    granted("P31 by path, asked first", options(path="/api/t/plain"), settings=_PATH),
    refused("P31 by path, another tenant", get("/api/rival/plain"), settings=_PATH),
    Case(
        name="P31 by path, nobody",
        ask=get("/api/nobody/plain"),
        reason=Reason.NO_TENANT,
        cors={"vary": None},
        settings=_PATH,
    ),
    Case(
        name="V46 by header, which is in Vary",
        ask=get(origin=_RIVAL, more=[("X-Customer", "rival")]),
        reason=Reason.ALLOWED,
        cors={"origin": _RIVAL, "vary": "Origin, X-Customer"},
        settings=_HEADER,
    ),
    Case(
        name="V46 by header, which is in Vary even where any origin is allowed",
        ask=get(origin=None, more=[("X-Customer", "open")]),
        reason=Reason.NOT_CORS,
        cors={"origin": "*", "exposed": "x-total-count", "vary": "X-Customer"},
        settings=_HEADER,
    ),
    Case(
        name="V46 by header, with a header that names nobody",
        ask=get(more=[("X-Customer", APP)]),
        reason=Reason.NO_TENANT,
        cors={"vary": None},
        settings=_HEADER,
    ),
    Case(
        name="P31 single: every host is the platform's",
        ask=get("/shared/x", origin="https://support.example.com", host="nobody.example.net"),
        reason=Reason.ALLOWED,
        cors={"origin": "https://support.example.com"},
        settings=_by("single"),
    ),
]  # fmt: skip
