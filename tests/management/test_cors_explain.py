"""`cors_explain`: exit status, text for people, JSON for programs."""

import json
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.factories import make_site
from tests.management.explaining import APP, LINE, paste, run
from tests.messages.screens import assert_says, assert_silent, pattern
from tests.messages.screens import text as text_of
from tests.servers import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [".example.net"]


STEPS = ["tenant", "rule", "origin", "method", "headers", "credentials"]


def test_an_allowed_call(capsys: pytest.CaptureFixture[str]) -> None:
    make_site(
        origins=[{"pattern": APP, "credentials": True}],
        paths=[{"methods": ["PUT"], "credentials": True}],
    )

    status, text = run(
        capsys, "--credentials", "--header=Content-Type: application/json", method="PUT"
    )

    assert status == 0
    head, steps, preflight, request = text.split("\n\n")
    assert head.startswith(
        "PUT https://acme.example.net/api/x from https://app.example.com\nallowed: "
    )
    assert_says(head, "command-assumed", scheme="https")
    assert re.findall(r"^  (\d)\. (\w+) +ok      .", steps, re.MULTILINE) == [
        (str(number), name) for number, name in enumerate(STEPS, 1)
    ]
    assert re.findall(r"^     ([a-z-]+) +(ok|failed|\?) ", steps, re.MULTILINE) == [
        ("session-cookie", "failed"),
        ("csrf-trusted-origin", "failed"),
        ("csrf-cookie", "failed"),
        ("csrf-token", "failed"),
        ("third-party-cookies", "?"),
        ("other-cookies", "?"),
    ]
    assert preflight.splitlines() == [
        "Preflight: 204",
        "  Access-Control-Allow-Origin: https://app.example.com",
        "  Access-Control-Allow-Credentials: true",
        "  Access-Control-Allow-Methods: PUT",
        "  Access-Control-Allow-Headers: content-type",
        "  Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    ]
    assert request.splitlines()[1:] == [
        "  Access-Control-Allow-Origin: https://app.example.com",
        "  Access-Control-Allow-Credentials: true",
        "  Vary: Origin",
    ]


def test_a_blocked_call(capsys: pytest.CaptureFixture[str]) -> None:
    make_site(origins=[APP], paths=[{"refuse_unlisted": True}])

    status, text = run(capsys, origin="http://app.example.com", scheme="http")

    assert status == 1
    assert "GET http://acme.example.net/api/x from http://app.example.com\nblocked: " in text
    assert "  3. origin       failed  " in text
    assert "  4. method       ok      " in text
    assert "\nRequest: 403\n  Vary: Origin\n" in text
    near, change = text_of("command-near-misses"), text_of("command-what-to-change")
    assert re.search(f"\n{near}:\n  .*https://app.example.com .*\n", text)
    assert "\nChromium's console:\n  Access to fetch at 'http://acme.example.net/api/x'" in text
    assert re.search(f"\n{change}:\n  .*http://app.example.com .*acme", text)


def test_a_path_without_rule_has_no_headers(capsys: pytest.CaptureFixture[str]) -> None:
    make_site(origins=[APP])

    status, text = run(capsys, path="/other")

    assert status == 1
    answered, bare = text_of("command-answered-by-the-view"), text_of("command-no-cors-headers")
    assert f"Request: {answered}\n  {bare}\n" in text


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    make_site(origins=[APP])

    status, text = run(capsys, format="json")
    found = json.loads(text)

    assert status == 0
    assert (found["allowed"], found["reason"], found["tenant"]) == (True, "allowed", "acme")


def test_hostile_text_is_one_line_of_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    make_site(origins=[APP])

    _status, text = run(capsys, origin="https://evil\x85FAKE\x1b[31m\r\nallowed")

    assert "\\x85FAKE\\x1b[31m\\r\\nallowed" in text
    assert text.replace("\n", "").isprintable()


def test_a_header_without_a_value_needs_a_permission(capsys: pytest.CaptureFixture[str]) -> None:
    make_site(origins=[APP], paths=[{"request_headers": []}])

    status, text = run(capsys, "--header=Accept")

    assert status == 1
    change = text_of("command-what-to-change")
    assert re.search(f"\n{change}:\n  .*accept .*/api/ .*acme", text)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        pytest.param({"host": ""}, "--host ''", id="no host"),
        pytest.param({"host": "https://a.example"}, "--host 'https", id="host is a URL"),
        pytest.param({"path": "api"}, "--path 'api'", id="relative path"),
        pytest.param({"path": "/\udcff"}, "--path '/.*UTF-8", id="bytes in a path"),
        pytest.param({"origin": "https://\udcff"}, "--origin '.*UTF-8", id="bytes in an origin"),
        pytest.param({"method": "P UT"}, "--method 'P UT'", id="method"),
        pytest.param({"header": "X A: 1"}, "--header 'X A'", id="header"),
        pytest.param({"format": "xml"}, "--format.* 'xml'", id="format"),
        pytest.param({"scheme": "ftp"}, "--scheme.* 'ftp'", id="scheme"),
    ],
)
def test_usage(capsys: pytest.CaptureFixture[str], options: dict[str, str], named: str) -> None:
    with pytest.raises(CommandError, match=named) as caught:
        run(capsys, **options)

    assert "format" in options or "scheme" in options or caught.value.returncode == 2


def test_missing_tables_are_no_refusal(capsys: pytest.CaptureFixture[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE corsadmin_tenant RENAME TO gone")

    with pytest.raises(CommandError, match="corsadmin_tenant") as caught:
        run(capsys)

    assert caught.value.returncode == 2


def test_a_resolver_that_cannot_be_had(capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    settings.CORSADMIN = {**settings.CORSADMIN, "TENANT_RESOLVER": "no.such.resolver"}

    with pytest.raises(CommandError, match=r"no\.such\.resolver") as caught:
        run(capsys)

    assert caught.value.returncode == 2


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("cors_explain", "--help")

    assert "\nexamples:\n  manage.py cors_explain --host" in capsys.readouterr().out


def test_a_pasted_preflight_is_never_judged_as_a_plain_get(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_site(origins=[APP])

    status, text = paste(monkeypatch, capsys, LINE)

    assert status == 2
    assert text.startswith("? https://acme.example.net/api/x from https://app.example.com\n")
    question, unknown = text_of("verdict-which-preflight"), text_of("verdict-not-known-yet")
    assert f": {question}\n" in text
    assert "  kind: no-acao\n  page: https://app.example.com\n" in text
    assert_says(text, "command-not-said", names="method, header, credentials")
    assert "  3. origin       ok  " in text
    assert f"  4. method       -       {unknown}" in text
    assert "Request:" not in text
    assert_silent(text, "command-assumed")


def test_options_complete_a_pasted_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_site(origins=[APP], paths=[{"methods": ["PUT"]}])
    whole = ["--method=PUT", "--no-header", "--no-credentials"]

    status, text = paste(monkeypatch, capsys, LINE, *whole)

    assert status == 0
    assert "\nPreflight: 204\n" in text
    allowed = text_of("verdict-allowed-by-policies")
    assert f"\nBut:\n  {allowed}\n" in text
    assert text.endswith(
        "cors_probe https://acme.example.net/api/x --origin https://app.example.com --method PUT\n"
    )
    assert paste(monkeypatch, capsys, LINE, *whole, "--origin=https://new.example")[0] == 1
    assert paste(monkeypatch, capsys, LINE, *whole, "--path=/other")[0] == 1
    assert paste(monkeypatch, capsys, "no call", *whole)[0] == 2


def test_a_pasted_cause_that_is_not_cors_needs_no_policy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text = paste(
        monkeypatch, capsys, "GET https://acme.example.net/x net::ERR_CONNECTION_REFUSED"
    )

    assert status == 1
    assert text.startswith("blocked: ")
    assert_says(text, "cause-connection")


def test_the_json_of_a_pasted_text_has_the_reading(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_site(origins=[APP])

    found = json.loads(paste(monkeypatch, capsys, LINE, "--format=json")[1])

    assert (found["verdict"], found["allowed"], found["asks"]) == ("cannot-be-told", None, "method")
    assert found["reading"]["kind"] == "no-acao"
    assert found["reading"]["missing"] == ["method", "header", "credentials"]
    plain = json.loads(run(capsys, format="json")[1])
    assert (plain["verdict"], plain["reading"], plain["unknown"]) == ("allowed", None, [])
    assert set(plain) == set(found)


def test_without_a_text_the_options_name_the_call() -> None:
    with pytest.raises(CommandError, match=pattern("command-give-the-call")) as caught:
        call_command("cors_explain", "--host=acme.example.net", "--path=/x")

    assert caught.value.returncode == 2


def test_every_field_of_the_json_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    make_site(origins=[APP])
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    section = page.split("\n## The JSON of cors_explain\n")[1]
    section = section.split("\n## ")[0].split("\nEach of the `remedies` has:\n")[0]
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE))

    assert documented == set(json.loads(run(capsys, format="json")[1]))
