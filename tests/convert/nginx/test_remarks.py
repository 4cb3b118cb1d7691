"""nginx's configuration: what cannot be carried over is told, with its line."""

import pytest
from django.core.management import call_command

from corsadmin.convert.nginx.source import read_policies
from corsadmin.models import PathRule
from tests.factories import make_site
from tests.messages.screens import filled, text

pytestmark = pytest.mark.django_db

ACAO = "add_header Access-Control-Allow-Origin"
APP = "https://app.example.com"


def remarks(text):
    return [str(remark) for remark in read_policies(text).remarks]


@pytest.mark.parametrize(
    ("location", "remark"),
    [
        (
            f"{ACAO} $http_origin; add_header Access-Control-Allow-Credentials true;",
            "location /a/ (line 1): any origin with credentials: " + text("convert-every-website-list"),
        ),
        (
            f"""if ($http_origin = {APP}) {{ {ACAO} {APP}; }}
            {ACAO} $http_origin; add_header Access-Control-Allow-Credentials true;""",
            "location /a/ (line 1): any origin with credentials: " + text("convert-every-website-list"),
        ),
        (
            f"if ($http_origin = {APP}) {{ return 403; }} {ACAO} *;",
            "location /a/ (line 1): any origin: " + text("convert-nginx-any-or-listed"),
        ),
        (f"{ACAO} '{APP}/';", "Access-Control-Allow-Origin https://app.example.com/: “https://app.example.com/”"),
        (f"{ACAO} https://*.a.com;", text("convert-star-no-wildcard")),
        (f"{ACAO} {APP};\n {ACAO} https://b.com;", f"line 2: {ACAO} https://b.com: " + text("convert-nginx-sent-twice")),
        (f"if ($http_origin = null) {{ {ACAO} null; }}", text("message-origin-null")),
        (
            f"if ($http_origin ~* https?://.*\\.a\\.com$) {{ {ACAO} $http_origin; }}",
            text("convert-no-begin") + " " + filled("convert-nearest", nearest="http://*.a.com or https://*.a.com"),
        ),
        (
            f"if ($http_origin ~* ^https://\\W\\.a\\.com$) {{ {ACAO} $http_origin; }}",
            filled("convert-no-counterpart", sign="\\"),
        ),
        (
            f"""if ($http_origin ~ ^https://.*\\.a\\.com$) {{ set $yes 1; }}
            if ($http_origin = https://x.a.com) {{ set $yes ''; }}
            if ($yes) {{ {ACAO} $http_origin; }}""",
            "https://*.a.com: " + filled("convert-nginx-lets-in", origins="https://x.a.com"),
        ),
        (
            f"""{ACAO} $ok; add_header Access-Control-Allow-Methods $list;
            if ($request_method = OPTIONS) {{ return 204; }}""",
            "https://b.com: " + text("convert-nginx-lists-differ"),
        ),
        (
            f"{ACAO} ${{and_other}};",
            "line 1: ~y *: " + text("convert-no-end"),
        ),
        (
            f"""{ACAO} *; if ($request_method = OPTIONS) {{
            add_header Access-Control-Allow-Methods PUT; return 204; }}""",
            text("convert-nginx-refused"),
        ),
        (f"{ACAO} *; add_header Access-Control-Allow-Methods PUT;", text("convert-nginx-unanswered")),
        (
            f"""if ($request_method = OPTIONS) {{ {ACAO} {APP}; return 204; }}
            {ACAO} {APP}; add_header Access-Control-Allow-Credentials true;""",
            text("convert-nginx-half"),
        ),
        (
            f"""{ACAO} {APP}; add_header Access-Control-Allow-Credentials true;
            add_header Access-Control-Allow-Headers *;
            if ($request_method = OPTIONS) {{ return 204; }}""",
            "Access-Control-Allow-Headers '*': " + text("convert-literal-star"),
        ),
        (
            f"""{ACAO} *; add_header Access-Control-Allow-Methods 'GET, put';
            if ($request_method = OPTIONS) {{ return 204; }}""",
            "Access-Control-Allow-Methods 'put': ",
        ),
        (f"{ACAO} *; add_header Access-Control-Expose-Headers 'A B';", "Access-Control-Expose-Headers 'A B'"),
        (f"{ACAO} $scheme://a.com;", filled("convert-nginx-closed", directive=f"line 1: {ACAO} $scheme://a.com", why=filled("convert-nginx-value", variable="scheme"))),
        (f"set $o $scheme; {ACAO} $o;", filled("convert-nginx-value", variable="scheme")),
        (f"{ACAO} *; limit_except GET {{ deny all; }}", "line 1: limit_except GET: " + text("convert-nginx-refuses-methods")),
        (f"{ACAO} *; more_set_headers 'Server: x';", text("convert-nginx-module")),
        (f"{ACAO} *;\n include own.conf;", "line 2: include own.conf: " + text("convert-nginx-include")),
        (f"{ACAO} *; try_files $uri @app;", filled("convert-nginx-try-files", name="@app")),
        (f"{ACAO} *; rewrite ^/a/(.*) /b/$1 last;", text("convert-nginx-elsewhere")),
        (
            f"{ACAO} *; error_page 418 = @cors; if ($request_method = OPTIONS) {{ return 418; }}",
            text("convert-nginx-error-page"),
        ),
        (f"{ACAO} $by_file;", "line 1: include list: " + text("convert-nginx-contents")),
        ("add_header Access-Control-Allow-Methods PUT;", text("convert-nginx-no-origin")),
        (" ".join(f"if ($arg_{one}) {{ set $ok 1; }}" for one in "abcdefgh") + f"{ACAO} *;", text("convert-nginx-conditions")),
    ],
)  # fmt: skip
def test_what_a_location_says_and_is_not_carried_over(location, remark):
    maps = (
        f"map $http_origin $ok {{ {APP} $http_origin; https://b.com $http_origin; }}"
        f"map $http_origin $list {{ {APP} GET; https://b.com PUT; }}"
        "map $http_origin $by_file { include list; }"
        "map x$http_origin $in_part { ~y *; default *; }"
        "map $in_part $and_other { default $in_part; }"
    )

    found = remarks(f"{maps} server {{ location /a/ {{ {location} }} }}")

    assert [one for one in found if remark in one]


@pytest.mark.parametrize(
    ("server", "remark"),
    [
        (f"location ~ \\.woff$ {{ {ACAO} *; }}", "location ~ \\.woff$ (line 1): " + text("convert-no-path-pattern")),
        (f"location ~ ^/a {{ {ACAO} *; }}", filled("convert-nearest", nearest="/a or /a/")),
        (f"location = /a//b {{ {ACAO} *; }}", text("convert-no-path-pattern")),
        (f"location = /a/* {{ {ACAO} *; }}", text("convert-no-path-pattern")),
        (f'location = "/a/{{$}}" {{ {ACAO} *; }}', text("convert-no-path-pattern")),
        (f"location @app {{ {ACAO} *; }} location @other {{ }}", "location @app (line 1): " + text("convert-nginx-no-path")),
        (f"location /a {{ {ACAO} *; }}", "/a: " + filled("convert-without-slash", path="/a")),
        (f"{ACAO} *; location ~ \\.php$ {{ add_header A b; }}", "/: " + filled("convert-closed-around", what="location ~ \\.php$ (line 1)")),
        (f"{ACAO} *; location ~ ^/a/|/b/ {{ add_header A b; }}", "/: " + filled("convert-closed-around", what="location ~ ^/a/|/b/ (line 1)")),
        (f"{ACAO} *; rewrite ^/a /b break; location / {{ }}", filled("convert-nginx-closed", directive="line 1: rewrite ^/a /b break", why=text("convert-nginx-elsewhere"))),
    ],
)  # fmt: skip
def test_what_a_server_says_and_is_not_carried_over(server, remark):
    assert [one for one in remarks(f"server {{ {server} }}") if remark in one]


@pytest.mark.parametrize(
    "location",
    [
        pytest.param(f"{ACAO} *; proxy_hide_header Access-Control-Allow-Origin;", id="what hides"),
        pytest.param(f"{ACAO} *; include /etc/nginx/proxy_params;", id="usual files"),
        pytest.param(f"{ACAO} *; try_files $uri =404;", id="files or nothing"),
        pytest.param(f"if ($host = a) {{ return 301 https://b; }} {ACAO} *;", id="redirects"),
        pytest.param(f"rewrite ^/old https://a.com/; {ACAO} *;", id="redirects of paths"),
        pytest.param(f"rewrite ^/a/(.*) /$1 break; {ACAO} *;", id="other paths for the site"),
        pytest.param(f"if (-f $request_filename) {{ break; }} {ACAO} *;", id="files"),
        pytest.param(f"{ACAO} *; error_page 500 /50x.html;", id="pages for errors"),
        pytest.param(f"{ACAO} $all;", id="a map of another variable"),
        pytest.param(
            f"if ($all = none) {{ set $unset 1; }} {ACAO} $unset*;", id="a variable that is not set"
        ),
        pytest.param(f"if ($host ~ a) {{ set $b ''; }} {ACAO} $known;", id="by the method"),
        pytest.param(f"{ACAO} $asked;", id="by the requested method"),
    ],
)
def test_what_is_no_affair_of_cors_stands_not_in_the_way(location):
    maps = "map $request_method $all { volatile; default *; \\PUT *; ~^O *; } "
    maps += "map $request_method $known { ~*^(get|post)$ *; OPTIONS ''; } "
    maps += "map $http_access_control_request_method $asked { PUT *; default *; } "

    conversion = read_policies(f"{maps} server {{ location / {{ {location} }} }}")

    assert conversion.remarks == []
    assert [rule["any_origin"] for rule in conversion.paths] == [True]


def test_a_location_without_headers_of_cors_is_not_told():
    other = "location /b/ { try_files $uri @app; }"

    assert remarks(f"server {{ location /a/ {{ set $o {APP}; {ACAO} $o; }} {other} }}") == []


SERVERS = f"""
http {{
    include conf.d/*.conf;
    server {{ server_name www.example.com *.wild.example tail.*; location /www/ {{ {ACAO} *; }} }}
    server {{ server_name api.example.com; location /api/ {{ {ACAO} *; }} }}
    server {{ server_name _; location /all/ {{ {ACAO} *; }} }}
    server {{ server_name none.example.com; }}
}}
"""


@pytest.mark.parametrize(
    ("hosts", "path"),
    [
        ([], "/www/"),
        (["api.example.com"], "/api/"),
        (["x.wild.example"], "/www/"),
        (["tail.example"], "/www/"),
        (["www.example.com", "api.example.com"], "/all/"),
    ],
)
def test_the_server_is_that_of_the_hosts(hosts, path):
    conversion = read_policies(SERVERS, hosts)

    assert [rule["path"] for rule in conversion.paths] == [path]
    assert [str(one).partition(":")[0] for one in conversion.remarks[-1:]] == ["line 3"]
    assert len(conversion.remarks) == 3


def _maps(count: int, value: str, first: str) -> str:
    """Return maps of which each but the first leads to the one before it."""
    names = [
        f"map $http_origin $a{at} {{ default {value.format(at - 1)}; }}" for at in range(count)
    ]
    return " ".join([f"map $http_origin $a0 {{ default '{first}'; }}", *names[1:]])


@pytest.mark.parametrize(
    ("maps", "location"),
    [
        pytest.param("map $b $a { default $a; }", f"{ACAO} $a;", id="a map of itself"),
        pytest.param("map $b $a { } map $a $b { }", f"{ACAO} $a;", id="maps in a circle"),
        pytest.param(_maps(400, "$a{}", "*"), f"{ACAO} $a399;", id="map upon map"),
        pytest.param(_maps(20, "$a{0}$a{0}$a{0}", "*"), f"{ACAO} $a19;", id="a text that grows"),
        pytest.param(_maps(20, "$a{0}$a{0}$a{0}", ""), f"{ACAO} $a19;", id="work that grows"),
        pytest.param(
            "", f"set $o '{APP}';" + " set $o $o$o$o$o;" * 20 + f" {ACAO} $o;", id="sets that grow"
        ),
        pytest.param("", f"{ACAO} ${{http_origin;", id="a brace that is not closed"),
        pytest.param("", f"{ACAO} *; return 9{'9' * 5_000};", id="a status of many digits"),
        pytest.param("", f"{ACAO} *; return ٢٠٤;", id="a status in other digits"),
    ],
)
def test_what_nginx_would_not_run_opens_nothing(maps, location):
    conversion = read_policies(f"{maps} server {{ location /a/ {{ {location} }} }}")

    assert (conversion.origins, conversion.paths) == ([], [])
    assert "location /a/" in str(conversion.remarks[-1])


def test_the_command_reads_what_belongs_into_a_server(capsys, tmp_path):
    make_site("acme", paths=[])
    path = tmp_path / "cors.conf"
    path.write_text(f"location /api/ {{\n    {ACAO} $a;\n    {ACAO} *;\n}}\n")

    call_command("cors_import", str(path), "--from", "nginx", "--into", "acme")
    path.write_text(f"location /api/ {{\n    {ACAO} *;\n}}\n")
    call_command("cors_import", str(path), "--from", "nginx", "--into", "acme")

    directive, why = f"line 2: {ACAO} $a", filled("convert-nginx-value", variable="a")
    closed = filled("convert-nginx-closed", directive=directive, why=why)
    assert f"location /api/ (line 1): {closed}" in capsys.readouterr().err
    assert [rule.path for rule in PathRule.objects.all()] == ["/api/"]


def test_a_path_without_a_pattern_is_closed_whether_it_has_cors_or_not():
    other = "location = /a*b {{ {} }}"
    server = f"server {{ server_name a; location / {{ {ACAO} *; }} %s }}"

    silent = read_policies(server % other.format("return 404;"))
    told = read_policies(server % other.format(f"{ACAO} {APP};"))

    assert silent.paths == told.paths == []
    assert len(told.remarks) == len(silent.remarks) + 1
