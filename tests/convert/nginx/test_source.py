"""nginx's configuration: what is carried over, and that both then answer alike."""

import random

import pytest

from corsadmin.convert.nginx.source import read_policies
from tests.convert.importing import accept_risks, import_into
from tests.convert.nginx.server import serve
from tests.convert.verdicts import HOST, differences, openings

pytestmark = pytest.mark.django_db

ALLOWED = r"""
map $http_origin $allowed {
    default "";
    https://app.example.com $http_origin;
    "~^https?://([\w-]+\.)*example\.org$" $http_origin;
}
map $http_origin $granted { https://APP.example.com true; }
"""
# As enable-cors.org gives it.
WIDE_OPEN = """
location / {
    if ($request_method = 'OPTIONS') {
        add_header 'Access-Control-Allow-Origin' '*';
        add_header 'Access-Control-Allow-Methods' 'GET, POST, PUT, OPTIONS';
        add_header 'Access-Control-Allow-Headers' 'X-Other,Content-Type,Range';
        add_header 'Access-Control-Max-Age' 86400;
        add_header 'Content-Type' 'text/plain; charset=utf-8';
        add_header 'Content-Length' 0;
        return 204;
    }
    if ($request_method = 'POST') {
        add_header 'Access-Control-Allow-Origin' '*' always;
        add_header 'Access-Control-Expose-Headers' 'Content-Length,X-Range' always;
    }
    if ($request_method = 'GET') {
        add_header 'Access-Control-Allow-Origin' '*' always;
        add_header 'Access-Control-Expose-Headers' 'Content-Length,X-Range' always;
    }
    if ($request_method = 'PUT') {
        add_header 'Access-Control-Allow-Origin' '*' always;
    }
    proxy_pass http://site;
}
"""
BY_MAP = """
location / { proxy_pass http://site; }
location /api/ {
    add_header Access-Control-Allow-Origin $allowed always;
    add_header Access-Control-Allow-Credentials $granted always;
    add_header Access-Control-Allow-Methods "GET, PUT, OPTIONS" always;
    add_header Access-Control-Allow-Headers "Authorization,X-Other" always;
    add_header Access-Control-Expose-Headers X-Total-Count always;
    add_header Access-Control-Max-Age 600 always;
    add_header Vary Origin always;
    if ($request_method = OPTIONS) { return 204; }
    proxy_pass http://site;
    proxy_hide_header Access-Control-Allow-Origin;
}
"""
# As many blogs give it.
BY_WORDS = r"""
location ^~ /api/ {
    set $cors '';
    if ($http_origin ~* '^https?://(localhost|APP\.example\.com|pr-[^.]+\.example\.net)(:\d+)?$') { set $cors 'true'; }
    if ($request_method = 'OPTIONS') { set $cors "${cors}options"; }
    if ($cors = 'true') {
        add_header Access-Control-Allow-Origin "$http_origin" always;
        add_header Access-Control-Allow-Credentials 'true' always;
    }
    if ($cors = 'trueoptions') {
        add_header Access-Control-Allow-Origin "$http_origin";
        add_header Access-Control-Allow-Credentials 'true';
        add_header Access-Control-Allow-Methods 'DELETE';
        add_header Access-Control-Allow-Headers content-type;
        return 204;
    }
    proxy_pass http://site;
}
"""
BY_SERVER = """
add_header Access-Control-Allow-Origin https://app.example.com;
add_header Access-Control-Allow-Headers $http_access_control_request_headers;
add_header Access-Control-Allow-Methods $http_access_control_request_method;
if ($request_method = OPTIONS) { return 204; }
location / {
    proxy_pass http://site;
    location = /public/a { proxy_pass http://site; }
}
"""
ECHOED = BY_SERVER.replace("if (", "add_header Access-Control-Allow-Credentials true;\nif (", 1)
BY_IF = """
location = /api/x {
    if ($http_origin = https://app.example.com) {
        add_header Access-Control-Allow-Origin https://app.example.com;
        add_header Access-Control-Expose-Headers X-Total-Count;
    }
    proxy_pass http://site;
}
location ~ ^/(public|other)/ {
    if ($http_origin != https://app.example.com) { return 403; }
    add_header Access-Control-Allow-Origin $http_origin;
    proxy_pass http://site;
}
location ~ /\\. { deny all; }
"""


ONE_PATH = """
location / { proxy_pass http://site; }
location = / { add_header Access-Control-Allow-Origin *; proxy_pass http://site; }
location = /api/ {
    add_header Access-Control-Allow-Origin https://app.example.com;
    proxy_pass http://site;
}
location /public/ {
    add_header Access-Control-Allow-Origin https://app.example.com;
    proxy_pass http://site;
}
"""


NESTED = """
location / {
    add_header Access-Control-Allow-Origin $allowed always;
    add_header Access-Control-Allow-Credentials $granted always;
    proxy_pass http://site;
}
location /api/ {
    add_header Access-Control-Allow-Origin http://localhost:3000 always;
    proxy_pass http://site;
}
location = /api/ { proxy_pass http://site; }
location /public/ { proxy_pass http://site; }
"""


RECIPES = {
    "wide open": WIDE_OPEN,
    "by a map": BY_MAP,
    "by words put together": BY_WORDS,
    "by the server": BY_SERVER,
    "what is asked for, with credentials": ECHOED,
    "by if": BY_IF,
    "one path with its slash": ONE_PATH,
    "locations within locations": NESTED,
}
HEADERS = [
    *("$allowed always", "$http_origin", "$a", "*", "https://app.example.com", "$allowed"),
]
LISTS = [
    "add_header Access-Control-Allow-Methods 'GET, PUT';",
    "add_header Access-Control-Allow-Methods $http_access_control_request_method;",
    "add_header Access-Control-Allow-Headers 'x-other, content-type' always;",
    "add_header Access-Control-Allow-Headers '*';",
    "add_header Access-Control-Allow-Headers $http_access_control_request_headers;",
    "add_header Access-Control-Expose-Headers X-Total-Count;",
    "add_header Access-Control-Allow-Credentials true;",
    "add_header Access-Control-Allow-Credentials $granted;",
]
CONDITIONS = [
    "if ($request_method = OPTIONS) { add_header Access-Control-Allow-Origin *; return 204; }",
    "if ($request_method ~ ^(PUT|DELETE)$) { return 405; }",
    "if ($http_origin ~ example) { set $a ''; }",
    "if ($http_origin ~ ^https://.*example\\.org$) { return 403; }",
    "if ($http_origin = https://app.example.com) { add_header Access-Control-Allow-Origin *; }",
    "if ($allowed) { add_header Access-Control-Allow-Origin $http_origin; }",
    "if ($allowed = '') { return 403; }",
    "if ($http_x_other) { return 403; }",
    "if ($allowed = '') { break; }",
    "if ($host != acme.localhost) { set $a 1; }",
    "rewrite ^/api/v2/x$ /api/x break;",
    "set $a $http_origin;",
    *("limit_except GET { deny all; }", "add_header X-Own 1;", "", "", ""),
]
PATHS = [
    *("/api/", "/api/", "/public/", "/public/a", "/api", "/apix", "= /api/x", "= /"),
    *("^~ /api/v2/", "~ ^/api/[^/]+$", "~ \\.php$", "~ ^/api", "~* ^/public/A$"),
]


def invented(seed):
    """Return a server that somebody may have written."""
    choose = random.Random(seed)

    def content(conditions):
        parts = [*choose.sample(LISTS, 3), *choose.sample(conditions, 2)]
        parts.append(f"add_header Access-Control-Allow-Origin {choose.choice(HEADERS)};")
        parts.append(choose.choice(["if ($request_method = OPTIONS) { return 204; }", ""]))
        choose.shuffle(parts)
        return " ".join(parts)

    # The ifs of a server hold no headers, and it refuses no methods.
    of_servers = [one for one in CONDITIONS if "{ add_header" not in one and "deny" not in one]
    paths = dict.fromkeys(["/", *choose.sample(PATHS, 3)])
    contents = [content(CONDITIONS), *(choose.choice([content(CONDITIONS), ""]) for _ in range(3))]
    choose.shuffle(contents)
    locations = [
        f"location {path} {{ {parts} proxy_pass http://site; }}"
        for path, parts in zip(paths, contents, strict=False)
    ]
    return "set $a ''; " + " ".join([choose.choice([content(of_servers), ""]), *locations])


INVENTED = {f"invented {seed}": invented(seed) for seed in range(8)}


@pytest.fixture(scope="module")
def asks():
    """Return how to ask a real nginx with each of these."""
    servers = RECIPES | INVENTED
    with serve(ALLOWED, *servers.values()) as found:
        yield dict(zip(servers, found, strict=True))


def carry_over(server):
    conversion = read_policies(f"{ALLOWED} server {{ {server} }}", [HOST])
    accept_risks(conversion)
    import_into(conversion)
    return conversion


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_nginx_and_this_answer_alike(asks, name):
    conversion = carry_over(RECIPES[name])

    assert conversion.remarks == []
    assert differences(asks[name]) == []


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
@pytest.mark.parametrize("name", INVENTED)
def test_nothing_is_opened_that_nginx_keeps_closed(asks, name):
    carry_over(INVENTED[name])

    assert openings(asks[name], 100) == []
