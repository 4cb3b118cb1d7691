"""nginx with the exported configuration answers as the middleware does."""

from datetime import UTC, datetime

import pytest

from corsadmin.convert.nginx.target import SERVER_PART
from tests.convert.nginx.server import serve
from tests.convert.policies import exported, fill
from tests.convert.verdicts import HOST, differences
from tests.factories import OriginFactory, PathRuleFactory, TenantFactory, TenantHostFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return TenantHostFactory(tenant=TenantFactory(slug="acme-inc"), host=HOST).tenant


def rendered():
    """Return the configuration and what was said."""
    return exported("acme-inc", "nginx")


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
def test_nginx_answers_alike(site):
    fill(site, "/café/")

    configuration, told = rendered()
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

    configuration, told = rendered()

    assert [line.split(": ")[1] for line in told] == [
        *("path /a", "path /b", "origin https://a.example", "origin https://b.example"),
    ]
    assert "FOO" not in configuration
    assert "/off" not in configuration
    # It has no number: a rule for what is around it is not taken in its place.
    assert '"~^/b$" "";' in configuration
