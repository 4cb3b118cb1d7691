"""Another program's policies: what is carried over, and that both then answer alike."""

import json
import sys
from types import SimpleNamespace
from typing import Any

import corsheaders.middleware
import flask
import flask_cors
import pytest
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from corsadmin.engine import parse_origin
from corsadmin.models import Tenant
from corsadmin.transfer.applying import Signature, apply
from corsadmin.transfer.documents import walk
from corsadmin.transfer.faults import TransferError
from corsadmin.transfer.importing import Choices, plan_entries
from corsadmin.transfer.kinds import KINDS
from corsadmin.transfer.nested import BrokenTextError, LoadedSource
from corsadmin.transfer.sources.django_cors_headers import carry_settings
from corsadmin.transfer.sources.flask_cors import carry_resources
from corsadmin.transfer.sources.joining import document_of
from corsadmin.transfer.sources.s3 import carry_rules
from tests.factories import TenantHostFactory, make_site
from tests.transfer.verdicts import HOST, ORIGINS, differences, s3

pytestmark = pytest.mark.django_db


def carry_into(carried, slug="acme"):
    """Import what was carried over; the host is acme.localhost."""
    TenantHostFactory(tenant=Tenant.objects.get_or_create(slug=slug)[0], host=HOST)
    with plan_entries(KINDS, walk(LoadedSource(document_of(slug, carried))), Choices()) as made:
        apply(made.plan, Signature())


def ask_django(method, path, headers):
    middleware: Any = corsheaders.middleware.CorsMiddleware(lambda request: HttpResponse("ok"))
    request = RequestFactory().generic(method, path, headers=headers)
    return {name.lower(): value for name, value in middleware(request).items()}


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"CORS_ALLOW_ALL_ORIGINS": True}, id="everybody"),
        pytest.param(
            {
                "CORS_ALLOWED_ORIGINS": ["https://app.example.com", "http://localhost:3000"],
                "CORS_EXPOSE_HEADERS": ["X-Total-Count"],
                "CORS_PREFLIGHT_MAX_AGE": 0,
            },
            id="a list",
        ),
        pytest.param(
            {
                "CORS_ALLOWED_ORIGIN_REGEXES": [
                    r"^https://([\w-]+\.)*example\.com$",
                    r"^https?://localhost(:\d+)?$",
                ],
                "CORS_URLS_REGEX": r"^/(api|public)/.*$",
                "CORS_ALLOW_METHODS": ["GET", "PUT"],
                "CORS_ALLOW_HEADERS": ["X-Other"],
            },
            id="regexes",
        ),
        pytest.param(
            {
                "CORS_ALLOWED_ORIGINS": ["https://app.example.com"],
                "CORS_ALLOW_CREDENTIALS": True,
                "CORS_URLS_REGEX": r"^/api/x$",
            },
            id="credentials",
        ),
        pytest.param({"CORS_ORIGIN_WHITELIST": ["https://app.example.com"]}, id="its older names"),
    ],
)
def test_django_cors_headers_and_this_answer_alike(settings):
    carried = carry_settings(SimpleNamespace(**settings))
    carry_into(carried)

    assert carried.remarks == []
    with override_settings(**settings):
        assert differences(ask_django) == []


@pytest.mark.parametrize(
    ("settings", "remark"),
    [
        ({"CORS_ALLOW_ALL_ORIGINS": True, "CORS_ALLOW_CREDENTIALS": True}, "every website"),
        ({"CORS_ALLOWED_ORIGINS": ["https://A.example"]}, "lower case"),
        ({"CORS_ALLOWED_ORIGINS": ["https://*.example"]}, "no wildcard there"),
        ({"CORS_ALLOWED_ORIGINS": ["null"]}, "CORS_ALLOWED_ORIGINS 'null': "),
        ({"CORS_ALLOWED_ORIGIN_REGEXES": [r"^https://\w+\.a\.com$"]}, "https://*.a.com"),
        ({"CORS_URLS_REGEX": r"^/api"}, "/api or /api/"),
        ({"CORS_ALLOW_PRIVATE_NETWORK": True}, "no browser asks"),
        ({"CORS_ALLOW_METHODS": ["TRACE"]}, "CORS_ALLOW_METHODS 'TRACE': "),
        ({"CORS_PREFLIGHT_MAX_AGE": 100_000}, "86400"),
        ({"CORS_PREFLIGHT_MAX_AGE": "soon"}, "no number of seconds"),
    ],
)
def test_what_django_cors_headers_had_is_told_when_it_is_not_carried_over(settings, remark):
    (found,) = carry_settings(SimpleNamespace(**settings)).remarks

    assert remark in str(found)


def test_an_origin_that_is_listed_twice_is_carried_over_once():
    settings = {"CORS_ALLOWED_ORIGINS": ["https://a.example", "https://a.example"]}

    assert len(carry_settings(SimpleNamespace(**settings)).origins) == 1


def make_flask(resources):
    app = flask.Flask(__name__)
    flask_cors.CORS(app, resources=resources)
    app.add_url_rule(
        "/<path:path>", "any", lambda path: "ok", methods=["GET", "PUT", "DELETE", "PATCH"]
    )
    app.add_url_rule("/", "root", lambda: "ok", methods=["GET", "PUT", "DELETE", "PATCH"])

    def ask(method, path, headers):
        with app.test_client() as client:
            response = client.open(path, method=method, headers=headers)
        return {name.lower(): value for name, value in response.headers}

    return ask


@pytest.mark.parametrize(
    "resources",
    [
        pytest.param({"*": {}}, id="everybody"),
        pytest.param(
            {
                r"^/api/.*$": {
                    "origins": ["https://app.example.com", r"^https://([\w-]+\.)+example\.org$"],
                    "methods": ["GET", "PUT"],
                    "allow_headers": ["Content-Type", "X-Other"],
                    "expose_headers": "X-Total-Count",
                    "supports_credentials": True,
                    "max_age": 60,
                },
                "/public/a": {"origins": "*", "methods": "GET"},
            },
            id="two resources",
        ),
    ],
)
def test_flask_cors_and_this_answer_alike(resources):
    carried = carry_resources(json.dumps(resources))
    carry_into(carried)

    assert carried.remarks == []
    assert differences(make_flask(resources)) == []


@pytest.mark.parametrize(
    ("resources", "remark"),
    [
        ({"/api/*": {"origins": "*"}}, "begins with /api"),
        ({"^/api": {}}, "/api or /api/"),
        (
            {"*": {"origins": "*", "supports_credentials": True, "allow_headers": "a"}},
            "every website",
        ),
        ({"*": {"origins": "https://a.b", "supports_credentials": True}}, "List the headers"),
        ({"*": {"origins": [r"^https://\w+\.a\.com$"]}}, "https://*.a.com"),
        ({"*": {"origins": ["https://a.com:443"]}}, "https://a.com"),
        ({"*": {"resource": 1}}, "not known"),
        (
            {"^/api/.*$": {"origins": "https://a.b"}, "^/api/v2/.*$": {"origins": "https://c.d"}},
            "also be allowed on /api/v2/",
        ),
    ],
)
def test_what_flask_cors_had_is_told_when_it_is_not_carried_over(resources, remark):
    (found,) = carry_resources(json.dumps(resources)).remarks

    assert remark in str(found)


RULE = {
    "AllowedOrigins": ["https://*.example.com", "https://app.example.org"],
    "AllowedMethods": ["GET", "PUT"],
    "AllowedHeaders": ["authorization"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 3000,
}
XML = """<?xml version="1.0"?>
<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
 <CORSRule>
  <AllowedOrigin>https://*.example.com</AllowedOrigin>
  <AllowedOrigin>https://app.example.org</AllowedOrigin>
  <AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>
  <AllowedHeader>authorization</AllowedHeader>
  <ExposeHeader>ETag</ExposeHeader>
  <MaxAgeSeconds>3000</MaxAgeSeconds>
 </CORSRule>
</CORSConfiguration>"""


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        pytest.param(json.dumps({"CORSRules": [RULE]}), [RULE], id="JSON of the API"),
        pytest.param(json.dumps([RULE]), [RULE], id="JSON of the console"),
        pytest.param(XML, [RULE], id="XML"),
        pytest.param(
            json.dumps([RULE, {**RULE, "AllowedOrigins": ["http://localhost:3000"]}]),
            [RULE, {**RULE, "AllowedOrigins": ["http://localhost:3000"]}],
            id="two rules that differ in origins only",
        ),
        pytest.param(
            json.dumps([{**RULE, "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}]),
            [{**RULE, "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}],
            id="everybody",
        ),
    ],
)
def test_s3_and_this_answer_alike(text, rules):
    carried = carry_rules(text)
    # S3 gives credentials to plain http too, of which the risk is told when it is imported.
    for origin in carried.origins:
        origin["risk_accepted"] = True
    carry_into(carried)

    assert carried.remarks == []
    assert differences(s3(rules)) == []


@pytest.mark.parametrize(
    ("rules", "remark"),
    [
        ([RULE, {**RULE, "AllowedMethods": ["DELETE"]}], "rules 2 and on"),
        ([{**RULE, "AllowedOrigins": ["https://a.com", "https://*a.com"]}], "'https://*a.com': "),
        ([{**RULE, "AllowedOrigins": ["http://localhost:*"]}], "asks for a port"),
        ([{**RULE, "AllowedHeaders": ["*", "authorization"]}], "List the headers"),
    ],
)
def test_what_s3_had_is_told_when_it_is_not_carried_over(rules, remark):
    (found,) = carry_rules(json.dumps(rules)).remarks

    assert remark in str(found)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (carry_rules, "{"),
        (carry_rules, "3"),
        (carry_rules, "[3]"),
        (carry_rules, '[{"AllowedOrigins": "*"}]'),
        (carry_rules, "<CORSConfiguration>"),
        (carry_rules, '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        (carry_rules, "[" * 100_000),
        (carry_resources, "{"),
        (carry_resources, "[]"),
        (carry_resources, '{"/": 3}'),
    ],
)
def test_what_cannot_be_read_is_refused(read, text):
    with pytest.raises(BrokenTextError):
        read(text)


def test_without_defusedxml_the_way_out_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "defusedxml", None)

    with pytest.raises(BrokenTextError, match="pip install"):
        carry_rules(XML)


def test_the_command_carries_over_into_a_tenant(capsys, tmp_path):
    site = make_site("acme", name="Acme", paths=[], note="stays")
    path = tmp_path / "cors.json"
    path.write_text(json.dumps([{**RULE, "AllowedHeaders": ["*"]}]))

    call_command("cors_import", str(path), "--from", "s3", "--into", "acme", "--prune")

    printed = capsys.readouterr()
    assert printed.err.startswith("Not carried over: AllowedHeaders '*': ")
    assert "+ acme: origin https://app.example.org: credentials true" in printed.out
    site.refresh_from_db()
    assert (site.name, site.note, site.hosts.count()) == ("Acme", "stays", 1)


def test_the_command_reads_the_settings_of_this_project_or_of_a_module(capsys, monkeypatch):
    module = SimpleNamespace(CORS_ALLOWED_ORIGINS=["https://theirs.example"])
    monkeypatch.setitem(sys.modules, "theirs_settings", module)
    command = ("cors_import", "--from", "django-cors-headers", "--into", "acme", "--dry-run")

    with override_settings(CORS_ALLOWED_ORIGINS=["https://ours.example"]):
        call_command(*command)
        call_command(*command, "theirs_settings")
    call_command(*command, "theirs_settings.py", "--format", "json")

    printed = capsys.readouterr().out
    assert printed.index("https://ours.example") < printed.index("https://theirs.example")
    assert '"not_carried_over": []' in printed


def test_the_command_writes_a_file_instead(tmp_path, capsys):
    source, target = tmp_path / "cors.xml", tmp_path / "acme.json"
    source.write_text(XML)
    command = ("cors_import", str(source), "--from", "s3", "--into", "acme")

    call_command(*command, "--convert", str(target))
    call_command(*command, "--convert", str(target), "--force", verbosity=0)

    assert capsys.readouterr().err == f"Wrote {target}. Nothing was imported.\n"
    assert not Tenant.objects.filter(slug="acme").exists()
    with pytest.raises(CommandError, match="Choose another name, or --force"):
        call_command(*command, "--convert", str(target))
    call_command("cors_import", str(target))
    assert Tenant.objects.get(slug="acme").origins.count() == 2


@pytest.mark.parametrize(
    ("arguments", "message", "status"),
    [
        ([], "Name a file", 2),
        (["--from", "s3"], "--into SLUG", 2),
        (["x.json", "--convert", "y.json"], "needs --from", 2),
        (["--from", "s3", "--into", "acme"], "name a file", 1),
        (["--from", "s3", "--into", "acme", "missing.xml"], "No such file", 1),
        (["--from", "django-cors-headers", "--into", "acme", "nowhere"], "no module", 1),
    ],
)
def test_wrong_usage_is_told(arguments, message, status):
    with pytest.raises(CommandError, match=message) as raised:
        call_command("cors_import", *arguments)

    assert raised.value.returncode == status


def test_a_dangerous_origin_still_needs_its_risk_accepted():
    carried = carry_rules(json.dumps([{**RULE, "AllowedOrigins": ["http://a.example"]}]))

    with pytest.raises(TransferError, match=r"tenants\[0\]\.origins\[0\]\.pattern"):
        carry_into(carried)


def test_the_origins_of_these_tests_are_what_browsers_send():
    assert all(map(parse_origin, ORIGINS))
