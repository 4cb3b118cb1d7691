"""`cors_probe`: exit status, text for people, JSON for programs, against this very site."""

import json
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_site
from tests.messages.screens import assert_says, filled
from tests.messages.screens import text as text_of
from tests.scripted import scripted_server

APP = "https://app.example.com"
URL = "https://api.example.com/orders"


def run(capsys: pytest.CaptureFixture[str], url: str, *options: str) -> tuple[int, str]:
    """Run the command; return its exit status and what it printed."""
    status = 0
    try:
        call_command("cors_probe", url, *options)
    except SystemExit as end:
        status = int(end.code or 0)
    return status, capsys.readouterr().out


@pytest.fixture
def site(live_server: Any, settings: Any, transactional_db: None) -> str:
    """Serve acme from a real server on this machine, under a name of its own."""
    settings.ALLOWED_HOSTS = [".localhost"]
    acme = make_site(
        origins=[{"pattern": APP, "credentials": True}],
        paths=[{"methods": ["PUT"], "credentials": True, "path": "/orders"}],
    )
    acme.hosts.update(host="acme.localhost")
    return f"http://acme.localhost:{live_server.url.rpartition(':')[2]}/orders"


@pytest.mark.slow
def test_a_live_site_that_allows(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, text = run(capsys, site, f"--origin={APP}", "--allow-private", "--credentials")

    assert status == 0
    judged = filled("probe-readable", method="GET", status=200)
    assert text == (
        f"""\
{site} at 127.0.0.1

Request GET: 200
  access-control-allow-origin: https://app.example.com
  access-control-allow-credentials: true
  vary: Origin

Comparison GET with Origin: https://corsadmin-probe.invalid: 200
  vary: Origin

Comparison GET without Origin: 200
  vary: Origin

allowed: {judged}
  {filled("command-sent-without", names="cookies")}
"""
    )


@pytest.mark.slow
def test_a_live_site_that_blocks(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, text = run(
        capsys, site, "--origin=https://evil.example", "--allow-private", "--header=x-a: 1"
    )

    assert status == 1
    judged = filled("probe-preflight-refused", method="GET")
    assert text == (
        f"""\
{site} at 127.0.0.1

Preflight OPTIONS: 403
  vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers

blocked: {judged}
  Access to fetch at '{site}' from origin 'https://evil.example' has been blocked by CORS policy: \
Response to preflight request doesn't pass access control check: No 'Access-Control-Allow-Origin' \
header is present on the requested resource.
"""
    )


@pytest.mark.slow
def test_a_path_without_rule_has_no_headers(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, text = run(capsys, f"{site}-", f"--origin={APP}", "--allow-private")

    assert status == 1
    bare = text_of("command-no-cors-headers")
    assert f"Request GET: 404\n  {bare}\n" in text


@pytest.mark.slow
def test_json(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, text = run(
        capsys, site, f"--origin={APP}", "--allow-private", "--method=put", "--format=json"
    )

    assert status == 2
    assert json.loads(text) == {
        "url": site,
        "address": "127.0.0.1",
        "verdict": "cannot-be-told",
        "allowed": None,
        "sentence": filled("probe-preflight-allowed", method="PUT"),
        "missing_option": "send",
        "left_out": [],
        "dropped": [],
        "exchanges": [
            {
                "kind": "preflight",
                "method": "OPTIONS",
                "url": site,
                "origin": APP,
                "status": 204,
                "headers": {
                    "access-control-allow-origin": APP,
                    "access-control-allow-credentials": "true",
                    "access-control-allow-methods": "PUT",
                    "access-control-allow-headers": "content-type",
                    "vary": (
                        "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
                    ),
                },
                "fault": "",
            }
        ],
        "console": "",
        "comparisons": [],
        "observations": [],
    }


@pytest.mark.slow
def test_what_is_wrong_with_the_answers_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with scripted_server() as server:
        server.script = {"GET": (200, [("Access-Control-Allow-Origin", "null")])}
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        options = ["--origin=null", "--allow-private", "--no-compare", "--header=Cookie: a=b"]
        status, text = run(capsys, url, *options)
        _, compared = run(capsys, url, "--origin=null", "--allow-private")

    assert (status, len(server.asked)) == (0, 1 + 3)
    assert re.search(r"\n\nObservations:\n  [^\n]+ \[null-allowed\]\n$", text)
    assert "Request GET with Origin: null: 200" in text
    assert_says(text, "command-dropped", names="Cookie")
    assert "Comparison" in compared


@pytest.mark.slow
def test_a_redirect_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    allowed = ("Access-Control-Allow-Origin", "*")
    with scripted_server() as server:
        server.script = {"GET": (200, [allowed])}
        server.script["GET /"] = (301, [allowed, ("Location", "/new")])
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        status, text = run(capsys, url, f"--origin={APP}", "--allow-private")

    assert status == 0
    assert "Request GET: 301\n  access-control-allow-origin: *\n  location: /new\n" in text
    assert f"\nRequest GET {url}new: 200\n" in text


@pytest.mark.parametrize(
    ("options", "named"),
    [
        pytest.param(["--origin="], "--origin ''", id="no origin"),
        pytest.param(["--origin=https://a\r\nX: b"], "--origin 'https://a", id="line break"),
        pytest.param([f"--origin={APP}", "--method=P UT"], "--method 'P UT'", id="method"),
        pytest.param([f"--origin={APP}", "--header=x a: 1"], "--header 'x a: 1'", id="header name"),
        pytest.param([f"--origin={APP}", "--header=x: a\nb"], "--header 'x: a", id="header value"),
        pytest.param([f"--origin={APP}", "--timeout=0"], "--timeout", id="no time"),
        pytest.param([f"--origin={APP}", "--timeout=61"], "--timeout.* 60", id="too much time"),
        pytest.param([f"--origin={APP}", "--total-timeout=3601"], "3600", id="too much in all"),
        pytest.param([f"--origin={APP}", "--timeout=soon"], "--timeout", id="time"),
        pytest.param([f"--origin={APP}", "--method=TRACE"], "TRACE", id="forbidden method"),
    ],
)
def test_usage(options: list[str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match=named) as caught:
        run(capsys, URL, *options)

    assert "timeout=" in str(options) or caught.value.returncode == 2


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/", "http://127.0.0.1:8000/", "file:///etc/passwd"]
)
def test_what_is_refused_is_no_verdict(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError) as caught:
        run(capsys, url, f"--origin={APP}")

    assert caught.value.returncode == 2


def test_a_time_within_bounds_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    said = filled("probe-private-address", host="localhost")
    option = text_of("command-add-allow-private")
    with pytest.raises(CommandError, match=f"^{re.escape(said)} {re.escape(option)}$"):
        run(capsys, "http://localhost/", f"--origin={APP}", "--timeout=2.5")
