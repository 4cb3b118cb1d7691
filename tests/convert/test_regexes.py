"""Regexes become entries only where both match the same."""

import re

import pytest

from corsadmin.convert.regexes import (
    finds,
    paths_around,
    translate_origin,
    translate_path,
    translate_searched_origin,
)
from corsadmin.engine.origins import parse_origin
from corsadmin.engine.paths import covers
from tests.engine.wildcard_rows import anchored
from tests.messages.screens import text

HOSTS = [
    *("example.com", "a.example.com", "a-b.example.com", "a_b.example.com", "a.b.example.com"),
    *("www.example.com", "app.example.com", "evilexample.com", "example.com.evil.net"),
    *(
        "pr-1.example.com",
        "pr-.example.com",
        "pr-a.b.example.com",
        "pr-a_b.example.com",
        "pr.example.com",
    ),
    *(
        "pr-a-b.example.com",
        "a--site.example.com",
        "pr-1.evil.com",
        "x-pr-1.example.com",
        "12.example.com",
    ),
    *("example.org", "a.example.org", "localhost", "127.0.0.1", "a1.example.com", "com"),
]
ORIGINS = [
    f"{scheme}://{host}{port}"
    for scheme in ("http", "https", "capacitor")
    for host in HOSTS
    for port in ("", ":8000", ":443", ":80", ":65535")
    if parse_origin(f"{scheme}://{host}{port}")
]
PATHS = [
    *("/", "/a", "/api", "/api/", "/api/a", "/api/a/b", "/apix", "/apix/a", "/graphql", "/v1/api/"),
    *("/graphql/", "/graphql/a", "/api/v1/a", "/api/v2/", "/Api/"),
]


@pytest.mark.parametrize(
    ("regex", "exact", "nearest"),
    [
        (r"^https://.*\.example\.com$", ["https://*.example.com"], []),
        (r"^https://.+\.example\.com\Z", ["https://*.example.com"], []),
        (r"\Ahttps:\/\/(.+\.)example\.com$", ["https://*.example.com"], []),
        (
            r"^https://([\w-]+\.)*example\.com$",
            ["https://example.com", "https://*.example.com"],
            [],
        ),
        (r"^https://(?:[^.]+\.)+example\.com$", ["https://*.example.com"], []),
        (r"^https://(app|www)\.example\.com$", ["https://app.example.com", "https://www.example.com"], []),
        (r"^https?://localhost(:\d+)?$", ["http://localhost:*", "https://localhost:*"], []),
        (r"^http://localhost:8000$", ["http://localhost:8000"], []),
        (r"^https://a\.example\.com$|^http://localhost$", ["https://a.example.com", "http://localhost"], []),
        (r"^https://\w+\.example\.com$", [], ["https://*.example.com"]),
        (r"^https://[a-z0-9-]+\.example\.com$", [], ["https://*.example.com"]),
        (r"^https://[^.]+\.example\.com$", [], ["https://*.example.com"]),
        (r"^https://.*example\.com$", [], ["https://*.example.com"]),
        (r"^https://.*\.example\.com", [], ["https://*.example.com"]),
        (r"^https://a.example.com$", [], ["https://a.example.com"]),
        (r"^http://localhost:[0-9]+$", [], ["http://localhost:*"]),
        (r"^https://a\.example\.com|https://b\.example\.com$", ["https://b.example.com"], ["https://a.example.com"]),
        (r"^https://pr-[a-z0-9_-]+\.example\.com$", ["https://pr-*.example.com"], []),
        (r"^https://pr-[^.]+\.example\.com(:\d+)?$", ["https://pr-*.example.com:*"], []),
        (r"^https://(pr|rev)-([\w-]+)\.example\.com$", ["https://pr-*.example.com", "https://rev-*.example.com"], []),
        (r"^https://[\w-]+--site\.example\.com$", ["https://*--site.example.com"], []),
        (r"^https://pr-[\w-]+b\.example\.com$", ["https://pr-*b.example.com"], []),
        # Narrower than the regex, so carried over with a remark.
        (r"^https://pr-.*\.example\.com$", ["https://pr-*.example.com"], []),
        (r"^https://pr-.+\.example\.com$", ["https://pr-*.example.com"], []),
        (r"^https://pr-[^/]+\.example\.com$", ["https://pr-*.example.com"], []),
        (r"^https://pr-[^.]*\.example\.com$", ["https://pr-*.example.com"], []),
        # Wider than the regex, so only named.
        (r"^https://pr-\d+\.example\.com$", [], ["https://pr-*.example.com"]),
        (r"^https://pr-\d{1,4}\.example\.com$", [], ["https://pr-*.example.com"]),
        (r"^https://pr-[0-9a-f]{8}\.example\.com$", [], ["https://pr-*.example.com"]),
        (r"^https://pr-\w+\.example\.com$", [], ["https://pr-*.example.com"]),
        (r"^https://pr-\w*\.example\.com$", [], ["https://pr-*.example.com"]),
        (r"^https://pr-[a-z0-9-]+\.example\.com$", [], ["https://pr-*.example.com"]),
        (r"^https://\d+\.example\.com$", [], ["https://*.example.com"]),
        (r"^https://pr-.*-.*\.example\.com$", [], []),
        (r"^https://a\.pr-.*\.example\.com$", [], []),
        (r"^http://localhost(:\d{4})?$", ["http://localhost"], []),
        (r"^https://pr-[^.]+\.example\.com", [], ["https://pr-*.example.com"]),
        (r".*", [], []),
        (r"^https://.*$", [], []),
        (r"^https://(?!evil).*\.example\.com$", [], []),
        (r"^https://(?i:a)\.example\.com$", [], []),
        (r"^https://a{3}\.example\.com$", [], []),
        (r"^https://[abc]\.example\.com$", [], []),
        (r"^https://\w\.example\.com$", [], []),
        (r"^https://(a|b)+\.example\.com$", [], []),
        (r"^https://(a\.example\.com$", [], []),
        (r"^https://a\.example\.com)$", [], []),
        (r"^https://a\.example\.com\$", [], []),
        (r"^https://\d?\.example\.com$", [], []),
        (r"^https://\*\.example\.com$", [], []),
        (r"^https://[^/]+$", [], []),
        (r"^https://(?P<name>app|www)\.example\.com$", ["https://app.example.com", "https://www.example.com"], []),
        (r"^https://(a|b|c|d)(a|b|c|d)(a|b|c|d)(a|b|c|d)\.example\.com$", [], []),
        ("", [], []),
    ],
)  # fmt: skip
def test_a_regex_of_origins(regex, exact, nearest):
    found = translate_origin(regex)

    assert (list(found.exact), list(found.nearest)) == (exact, nearest)
    if not found.why:
        assert [
            origin for origin in ORIGINS if any(allows(pattern, origin) for pattern in exact)
        ] == [origin for origin in ORIGINS if re.match(regex, origin)]
    for pattern in exact:
        assert all(re.match(regex, origin) for origin in ORIGINS if allows(pattern, origin))


def allows(pattern, origin):
    """A naive matcher."""
    return parse_origin(origin) is not None and re.fullmatch(anchored(pattern), origin) is not None


@pytest.mark.parametrize(
    ("regex", "exact", "nearest"),
    [
        (r"^.*$", ["/"], []),
        (r".*", ["/"], []),
        (r"^/.*$", ["/"], []),
        (r"^/api/.*$", ["/api/"], []),
        (r"^/api/", ["/api/"], []),
        (r"^/api/a$", ["/api/a"], []),
        (r"^/(api|graphql)/.*$", ["/api/", "/graphql/"], []),
        (r"^/api/.*$|^/graphql$", ["/api/", "/graphql"], []),
        (r"^/api", [], ["/api", "/api/"]),
        (r"^/api/$", ["/api/{$}"], []),
        (r"^/$", ["/{$}"], []),
        (r"^/(api/)?$", ["/{$}", "/api/{$}"], []),
        (r"^/api/[^/]+/$", ["/api/*/{$}"], []),
        (r"^/api/\{\$\}$", [], []),
        (r"^/api/.+$", [], ["/api/"]),
        (r"^/api/a.+", [], ["/api/a", "/api/a/"]),
        (r"^/api/v\d+/.*$", [], []),
        (r"^/api/[^/]+/a$", ["/api/*/a"], []),
        (r"^/api/[^/]+$", ["/api/*"], []),
        (r"^/api/[^/]$", [], []),
        (r"^/api/[^/]?$", [], []),
        (r"^/api/v[^/]+/a$", [], []),
        (r"^/api/(?P<one>[^/]+)/", ["/api/*/"], []),
        (r"^/(?!admin).*$", [], []),
        (r"^api$", [], []),
    ],
)
def test_a_regex_of_paths(regex, exact, nearest):
    found = translate_path(regex)

    assert (list(found.exact), list(found.nearest)) == (exact, nearest)
    if not found.why:
        assert [path for path in PATHS if any(covers(pattern, path) for pattern in exact)] == [
            path for path in PATHS if re.match(regex, path)
        ]


@pytest.mark.parametrize(
    ("regex", "around"),
    [
        (r"/api/v\d+/a$", ["/api/*/a"]),
        (r"/api/v\d+$", ["/api/*"]),
        (r"/api/v\d+", ["/api/"]),
        (r"/api/.*\.php$", ["/api/"]),
        (r"/api/.+$", ["/api/"]),
        (r"/(api|graphql)/\d+/", ["/api/*/", "/graphql/*/"]),
        (r"/api/a", ["/api/"]),
        (r"/api/$", ["/api/"]),
        (r"/api/\{\$\}$", ["/"]),
        (r"(?!x)", ["/"]),
        (r"api/a$", ["/"]),
    ],
)
def test_the_patterns_around_a_regex_of_paths(regex, around):
    assert list(paths_around(regex)) == around
    for path in PATHS:
        assert not re.match(regex, path) or any(covers(one, path) for one in around)


@pytest.mark.parametrize(
    ("regex", "found"),
    [
        ("PUT", ["PUT", "PUTS", "INPUT", "X-PUT-X"]),
        ("^PUT", ["PUT", "PUTS"]),
        ("PUT$", ["PUT", "INPUT"]),
        ("^(GET|PUT)$", ["GET", "PUT"]),
        ("^GET$|S$", ["GET", "PUTS"]),
        ("^P.*$", None),
        ("^(?!P)", None),
    ],
)
def test_what_a_regex_of_literals_finds(regex, found):
    texts = ["GET", "PUT", "PUTS", "INPUT", "X-PUT-X"]

    assert {text: finds(regex, text) for text in texts} == {
        text: None if found is None else text in found for text in texts
    }
    assert found is None or found == [text for text in texts if re.search(regex, text)]


@pytest.mark.parametrize(
    ("regex", "exact", "nearest"),
    [
        (r"^https://a\.com$", ["https://a.com"], []),
        (r"^https://a\.com$|^https://b\.com$", ["https://a.com", "https://b.com"], []),
        (r"^https://a\.com$|https://b\.com$", [], ["https://a.com", "https://b.com"]),
        (r"https://(.*)\.a\.com$", [], ["https://*.a.com"]),
        (r"(?!a)", [], []),
    ],
)
def test_a_regex_that_is_looked_for_anywhere(regex, exact, nearest):
    found = translate_searched_origin(regex)

    assert (list(found.exact), list(found.nearest)) == (exact, nearest)
    assert bool(found.why) == (not exact)


@pytest.mark.parametrize(
    ("regex", "why"),
    [
        pytest.param("^/a" + "(b|c)" * 1_000 + "$", text("convert-regex-long"), id="long"),
        pytest.param(
            "^/" + "(" * 500 + "a" + ")" * 500 + "$",
            text("convert-regex-deep"),
            id="deep",
        ),
        # One stands for labels with their dots where a regex is read.
        pytest.param("^/\x05a$", text("convert-regex-control"), id="what stands for others"),
    ],
)
def test_a_regex_that_is_meant_badly_becomes_nothing(regex, why):
    for translate in (translate_origin, translate_searched_origin, translate_path):
        found = translate(regex)
        assert (found.exact, found.nearest, found.why) == ((), (), why)

    assert paths_around(regex) == ("/",)
    assert finds(regex, "/a") is None


def test_brackets_side_by_side_are_not_nested():
    assert translate_path("^/" + "(a)" * 50 + "$").exact == ("/" + "a" * 50,)
