"""nginx with the exported configuration answers as the middleware does."""

import http.client
import io
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from corsadmin.transfer.targets.nginx import SERVER_PART
from tests.databases import folder_for, free_port, wait_until
from tests.factories import OriginFactory, PathRuleFactory, TenantFactory, TenantHostFactory
from tests.transfer.verdicts import HOST, differences

pytestmark = pytest.mark.django_db

CONFIGURATION = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{maps}
    server {{
        listen 127.0.0.1:{port};
        server_name {host};
{server}
        location / {{ return 200 "ok"; }}
    }}
}}
"""


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


@pytest.fixture
def serve():
    """Return a function that starts nginx and returns how to ask it."""
    with folder_for("nginx") as folder:
        started = []

        def serve(configuration):
            maps, server = configuration.split(SERVER_PART)
            port = free_port()
            file = folder / "nginx.conf"
            file.write_text(
                CONFIGURATION.format(folder=folder, maps=maps, port=port, host=HOST, server=server)
            )
            program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
            assert program, "nginx is not installed: scripts/install-system-packages"
            process = subprocess.Popen(
                [program, "-c", str(file), "-p", str(folder), "-e", "stderr"]
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
                    assert process.poll() is None, "nginx ended: its configuration is wrong"
                    return False

            wait_until(is_ready, what="nginx answers")
            return ask

        yield serve
        for process in started:
            process.terminate()
            process.wait(30)


@pytest.mark.slow
def test_nginx_answers_alike(site, serve):
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
    ask = serve(configuration)

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
