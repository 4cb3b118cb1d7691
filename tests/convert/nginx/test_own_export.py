"""What cors_export writes for nginx is read back as the same policy."""

import io

import pytest
from django.core.management import CommandError, call_command

from corsadmin.models import Origin, PathRule, Tenant
from tests.factories import make_site
from tests.messages.screens import assert_says, pattern

pytestmark = pytest.mark.django_db

PATHS = [
    {
        "path": "/api/",
        "credentials": True,
        "methods": ["GET", "PUT"],
        "request_headers": ["content-type", "x-other"],
        "exposed_headers": ["x-total-count"],
        "max_age": 60,
    },
    {"path": "/api/*/x", "methods": ["DELETE"], "request_headers": [], "max_age": None},
    {"path": "/api/{$}", "methods": ["PUT"], "max_age": None},
    {"path": "/café/", "any_origin": True},
    {"path": "/z/", "exclusive": True},
    {"path": "/public/a", "any_origin": True, "methods": ["*"], "request_headers": ["*"]},
    {
        "path": "/stars/",
        "credentials": True,
        "methods": ["*", "PUT"],
        "request_headers": ["x-other", "*"],
    },
]
ORIGINS = [
    {"pattern": "https://app.example.com", "credentials": True},
    *("https://*.example.org", "http://localhost:*", "https://*.example.net:8443"),
    *("https://pr-*.acme.dev", "https://*--site.acme.dev:*", "https://a-*_b.acme.dev:8443"),
    *("app://-", "safari-web-extension://03A7", "moz-extension://*"),
]


@pytest.fixture
def exported():
    make_site("acme-inc", paths=PATHS, origins=ORIGINS)
    out = io.StringIO()
    call_command("cors_export", "--format", "nginx", "--tenant", "acme-inc", stdout=out)
    return out.getvalue()


def take_in(folder, text, *options):
    path = folder / "nginx.conf"
    path.write_text(text)
    call_command("cors_import", str(path), "--from", "nginx", "--into", "acme-inc", *options)


def test_export_and_import_change_nothing(exported, tmp_path, capsys):
    take_in(tmp_path, exported, "--prune")

    printed = capsys.readouterr()
    assert printed.err == ""
    assert_says(printed.out, "command-nothing-to-change")


def test_without_origins_no_rule_is_taken_for_an_exclusive_one(tmp_path, capsys):
    make_site("acme-inc", paths=PATHS[1:2])
    out = io.StringIO()
    call_command("cors_export", "--format", "nginx", "--tenant", "acme-inc", stdout=out)

    take_in(tmp_path, out.getvalue(), "--prune")

    assert_says(capsys.readouterr().out, "command-nothing-to-change")


def test_it_is_read_out_of_a_whole_configuration(exported, tmp_path):
    before = [[*model.objects.order_by("pk").values()] for model in (Origin, PathRule)]
    maps, server = exported.split("\n\n")
    Tenant.objects.get(slug="acme-inc").paths.all().delete()

    take_in(
        tmp_path,
        f"""
        events {{ }}
        http {{ include mime.types; {maps}
        server {{ listen 80; server_name elsewhere.example; add_header X-Own 5; }}
        server {{
            listen 443 ssl; server_name .example.net; root /srv;
            {server}
            location / {{ proxy_pass http://site; }}
        }} }}""",
    )

    fields = [
        *("path", "any_origin", "credentials", "methods", "request_headers"),
        *("exposed_headers", "max_age"),
    ]
    assert [*PathRule.objects.order_by("path").values_list(*fields)] == [
        tuple(row[name] for name in fields)
        for row in sorted(before[1], key=lambda row: row["path"])
    ]
    assert [*Origin.objects.order_by("pk").values()] == before[0]


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        pytest.param("return 403", "return 401", pattern("convert-changed-export"), id="an answer"),
        pytest.param("GET, PUT", "GET", pattern("convert-changed-export"), id="a list"),
        pytest.param(
            '"204|3" 60', '"204|9" 60', pattern("convert-changed-export"), id="the number of a rule"
        ),
        pytest.param(
            "# A location",
            "location /x { add_header A b; }\n# A location",
            "(?=.*location /x: )" + pattern("convert-header-of-its-own"),
            id="a location with a header of its own",
        ),
        pytest.param(
            "# A location",
            "if ($host) { return 403; }\n#",
            pattern("convert-changed-export"),
            id="another if",
        ),
    ],
)
def test_what_was_changed_since_is_refused(exported, tmp_path, before, after, reason):
    with pytest.raises(CommandError, match=reason):
        take_in(tmp_path, exported.replace(before, after))
