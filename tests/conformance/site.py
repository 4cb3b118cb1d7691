"""The tenants that the cases speak of; each owns the host `<slug>.example.net`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from corsadmin.engine import PLATFORM
from corsadmin.models import Origin, PathRule, Tenant, TenantHost

Rows = Sequence[str | Mapping[str, Any]]

APP = "https://app.example.com"
FIXTURE = (APP, "https://*.example.org", "http://localhost:*")
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
REQUEST_HEADERS = ["authorization", "content-type", "x-a", "x-b"]

# What the tenant `t` sends to an allowed origin.
T_ACTUAL: dict[str, Any] = {"credentials": True, "exposed": "x-total-count"}
T_PREFLIGHT: dict[str, Any] = {
    "credentials": True,
    "methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "request_headers": "authorization, content-type, x-a, x-b",
    "max_age": "600",
}

RULE = {
    "path": "/api/",
    "credentials": True,
    "methods": METHODS,
    "request_headers": REQUEST_HEADERS,
    "exposed_headers": ["x-total-count"],
    "max_age": 600,
}


HOUR = timedelta(hours=1)


class Tenants(NamedTuple):
    """Rows of tenants that are not stored yet."""

    tenants: list[Tenant]
    hosts: list[TenantHost]
    origins: list[Origin]
    paths: list[PathRule]

    def add(self, slug: str, origins: Rows = (), paths: Rows = ({},), **tenant: Any) -> None:
        """Add a tenant; a text among the origins is a pattern, a path rule is on /api/."""
        row = Tenant(slug=slug, **{"inherits_platform": False, **tenant})
        self.tenants.append(row)
        self.hosts.append(TenantHost(tenant=row, host=f"{slug}.example.net"))
        for origin in origins:
            fields = {"pattern": origin} if isinstance(origin, str) else origin
            self.origins.append(Origin(tenant=row, **fields))
        for path in paths:
            assert not isinstance(path, str)
            self.paths.append(PathRule(tenant=row, **{"path": "/api/", **path}))

    def store(self) -> None:
        """Store all, in few statements: every case of the table begins with this."""
        Tenant.objects.filter(slug=PLATFORM).delete()
        Tenant.objects.bulk_create(self.tenants)
        TenantHost.objects.bulk_create(self.hosts)
        Origin.objects.bulk_create(self.origins)
        PathRule.objects.bulk_create(self.paths)


def make_tenants() -> None:
    """Store every tenant of the cases."""
    made = Tenants([], [], [], [])
    _add_plain(made)
    _add_limited(made)
    _add_paths(made)
    made.store()


def _add_plain(made: Tenants) -> None:
    with_credentials = [{"pattern": pattern, "credentials": True} for pattern in FIXTURE]
    made.add("t", with_credentials, [RULE])
    made.add("rival", ["https://app.rival.example"], [{"methods": ["GET"], "request_headers": []}])
    made.add("quiet", with_credentials[:1])
    # One entry grants no credentials, and below one path another entry does.
    some = {"pattern": APP, "credentials": True, "scope": "/api/status/"}
    made.add("some", [APP, some], [{"credentials": True}])
    made.add("pair", ["https://foo.com", "https://bar.com"])
    made.add("strict", [APP], [{"refuse_unlisted": True}])
    any_origin = {
        "any_origin": True,
        "methods": ["GET", "PUT", "*"],
        "request_headers": ["*"],
        "exposed_headers": ["x-total-count"],
        "max_age": 0,
    }
    # What a listed origin asks for is named, whether or not its entry grants credentials.
    stars = {"credentials": True, "methods": ["PUT", "*"], "request_headers": ["x-a", "*"]}
    made.add("echo", [{"pattern": APP, "credentials": True}, "https://plain.example.com"], [stars])
    made.add("open", [], [any_origin, {"path": "/api/admin/", "methods": ["GET"]}])


def _add_limited(made: Tenants) -> None:
    now = datetime.now(UTC)
    made.add("empty")
    made.add("off", [{"pattern": APP, "enabled": False}])
    made.add("idle", [APP], is_active=False)
    window = {"valid_from": now - HOUR, "valid_until": now + HOUR}
    made.add(
        "times",
        [
            {"pattern": "https://past.example.com", "valid_until": now - HOUR},
            {"pattern": "https://coming.example.com", "valid_from": now + HOUR},
            {"pattern": "https://present.example.com", **window},
            {"pattern": "https://scoped.example.com", "scope": "/api/status/"},
        ],
    )


def _add_paths(made: Tenants) -> None:
    made.add(
        "ways",
        [
            {"pattern": "https://plus.example.com", "scope": "/service+path"},
            {"pattern": "https://space.example.com", "scope": "/service path"},
            APP,
        ],
        [
            {"path": path}
            for path in (
                *("/public/", "/service+path", "/service path", "/a/b", "/v/*/things"),
                *("/only/{$}", "/each/*/{$}"),
            )
        ],
    )
    # Partners on /api/, and the tenant itself alone on /api/admin/.
    own = "https://own.example.com"
    made.add(
        "fenced",
        [APP, own, {"pattern": own, "scope": "/api/admin/"}],
        [{}, {"path": "/api/admin/", "exclusive": True}],
    )
    # A tenant with a rule of its own for a part of what the platform's rule covers.
    child = {"path": "/shared/own", "max_age": 5}
    made.add("child", ["https://child.example.com"], [child], inherits_platform=True)
    shared = {"path": "/shared/", "methods": ["GET", "POST"]}
    made.add(PLATFORM, ["https://support.example.com"], [shared])
