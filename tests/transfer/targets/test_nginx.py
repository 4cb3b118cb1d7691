"""nginx with the exported configuration answers as the middleware does."""

import io
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from corsadmin.transfer.targets.nginx import SERVER_PART
from tests.factories import OriginFactory, PathRuleFactory, TenantFactory, TenantHostFactory
from tests.transfer.nginx import serve
from tests.transfer.verdicts import HOST, differences

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return TenantHostFactory(tenant=TenantFactory(slug="acme-inc"), host=HOST).tenant


def express():
    """Return the configuration and what was said."""
    out, told = io.StringIO(), io.StringIO()
    call_command(
        *("cors_export", "--format", "nginx", "--tenant", "acme-inc"), stdout=out, stderr=told
    )
    return out.getvalue(), told.getvalue().splitlines()


@pytest.mark.slow
def test_nginx_answers_alike(site):
    PathRuleFactory(
        tenant=site,
        path="/api/",
        credentials=True,
        methods=["GET", "PUT"],
        request_headers=["content-type", "x-other"],
        exposed_headers=["x-total-count"],
        max_age=60,
    )
    PathRuleFactory(tenant=site, path="/api/*/x", methods=["DELETE"], request_headers=[])
    PathRuleFactory(tenant=site, path="/café/", any_origin=True)
    PathRuleFactory(
        tenant=site, path="/public/a", any_origin=True, methods=["*"], request_headers=["*"]
    )
    OriginFactory(tenant=site, pattern="https://app.example.com", credentials=True)
    OriginFactory(tenant=site, pattern="https://*.example.org")
    OriginFactory(tenant=site, pattern="http://localhost:*")
    OriginFactory(tenant=site, pattern="https://off.example.com", enabled=False)

    configuration, told = express()
    maps, server = configuration.split(SERVER_PART)
    with serve(maps, server + 'location / { return 200 "ok"; }') as (ask,):
        assert told == []
        assert differences(ask) == []
        preflight = ask("OPTIONS", "/api/x", {
            "Origin": "https://app.example.com",
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "content-type,x-other",
        })  # fmt: skip
        assert preflight[":status"] == 204
        assert preflight["vary"] == (
            "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
        )
        assert preflight["access-control-max-age"] == "60"
        refused = ask(
            "OPTIONS",
            "/api/x",
            {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"},
        )
        assert refused[":status"] == 403
        assert not [name for name in refused if name.startswith("access-control")]
        assert ask("GET", "/api/x", {})["vary"] == "Origin"
        assert ask("GET", "/caf%C3%A9/", {"Origin": "x"})["access-control-allow-origin"] == "*"
        assert "vary" not in ask("GET", "/other", {"Origin": "https://app.example.com"})


def test_what_nginx_cannot_express_is_told(site):
    PathRuleFactory(tenant=site, path="/a", refuse_unlisted=True, max_age=None)
    PathRuleFactory(tenant=site, path="/b", methods=["GET", "FOO$BAR"])
    PathRuleFactory(tenant=site, path="/off", enabled=False)
    OriginFactory(tenant=site, pattern="https://a.example", scope="/a")
    OriginFactory(
        tenant=site, pattern="https://b.example", valid_until=datetime(2027, 1, 31, tzinfo=UTC)
    )

    configuration, told = express()

    assert [line.split(": ")[1] for line in told] == [
        *("path /a", "path /b", "origin https://a.example", "origin https://b.example"),
    ]
    assert "FOO" not in configuration
    assert "/off" not in configuration
