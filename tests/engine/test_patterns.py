"""Entries as people type them: accepted, refused with what to write instead, or risky."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given

from corsadmin.engine.origins import OriginPattern, parse_origin, parse_pattern, risks
from corsadmin.engine.problems import PolicyError, Problem
from tests.engine import strategies

PATTERNS = json.loads((Path(__file__).parent / "vectors" / "patterns.json").read_text())
LONG_NAME = ".".join(["a" * 63] * 3 + ["b" * 60])


def problem_of(text: str) -> Problem:
    with pytest.raises(PolicyError) as caught:
        parse_pattern(text)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize("row", [pytest.param(row, id=row["pattern"]) for row in PATTERNS])
def test_the_corpus_of_patterns(row: dict[str, Any]) -> None:
    if row["pattern"] == "*":
        # Any origin is a path rule's flag, tested with the rules; no entry says it.
        assert problem_of("*") == Problem("pattern", "origin-any", "*")
    elif row["expect"] == "accept":
        assert bool(risks(parse_pattern(row["pattern"]))) is ("with_credentials" in row)
    else:
        assert problem_of(row["pattern"]).value == row["pattern"]


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("https://app.example.com", OriginPattern("https", False, "app.example.com", "")),
        ("https://*.example.org", OriginPattern("https", True, "example.org", "")),
        ("http://localhost:*", OriginPattern("http", False, "localhost", "*")),
        ("https://*.example.org:*", OriginPattern("https", True, "example.org", "*")),
        ("https://*.example.org:8443", OriginPattern("https", True, "example.org", "8443")),
        ("http://[::1]:*", OriginPattern("http", False, "[::1]", "*")),
        ("http://127.0.0.1", OriginPattern("http", False, "127.0.0.1", "")),
        ("https://my_app.example.org", OriginPattern("https", False, "my_app.example.org", "")),
    ],
)
def test_a_pattern_is_taken_apart(text: str, pattern: OriginPattern) -> None:
    assert parse_pattern(text) == pattern


@pytest.mark.parametrize(
    ("text", "code", "suggestion"),
    [
        pytest.param("", "origin-empty", "", id="empty"),
        pytest.param(" \n", "origin-empty", "", id="white space only"),
        pytest.param("*", "origin-any", "", id="any origin"),
        pytest.param("null", "origin-null", "", id="null"),
        pytest.param(" Null", "origin-null", "", id="null in another case"),
        pytest.param("None", "origin-none", "", id="nothing, printed"),
        pytest.param("file://", "origin-scheme-opaque", "", id="file"),
        pytest.param("data:text/html,x", "origin-scheme-opaque", "", id="data with a comma"),
        pytest.param("data:text/html", "origin-scheme-opaque", "", id="data"),
        pytest.param("blob:https://a.example", "origin-scheme-opaque", "", id="blob"),
        pytest.param("JavaScript:alert", "origin-scheme-opaque", "", id="javascript"),
        pytest.param("about:blank", "origin-scheme-opaque", "", id="about"),
        pytest.param(
            "wss://a.example", "origin-scheme-websocket", "https://a.example", id="secure websocket"
        ),
        pytest.param("ws://a.example", "origin-scheme-websocket", "http://a.example", id="websocket"),
        pytest.param("https://a.example https://b.example", "origin-several", "", id="two origins"),
        pytest.param("https://a.example,https://b.example", "origin-several", "", id="a comma"),
        pytest.param("a.example;b.example", "origin-several", "", id="a semicolon"),
        pytest.param(
            "https://a.example/x,y", "origin-path", "https://a.example", id="a comma in a path"
        ),
        pytest.param("\thttps://a.example\r\n", "origin-white-space", "https://a.example",
                     id="white space around it"),
        pytest.param("app.example.com", "origin-scheme-missing", "https://app.example.com",
                     id="no scheme"),
        pytest.param("app.example.com:8443/x", "origin-scheme-missing",
                     "https://app.example.com:8443", id="no scheme, but port and path"),
        pytest.param("//App.example.com", "origin-scheme-missing", "https://app.example.com",
                     id="slashes but no scheme"),
        pytest.param("://a.example", "origin-scheme-missing", "https://a.example",
                     id="empty scheme"),
        pytest.param("localhost:3000", "origin-scheme-missing", "http://localhost:3000",
                     id="no scheme before localhost"),
        pytest.param("[::1]:3000", "origin-scheme-missing", "http://[::1]:3000",
                     id="no scheme before loopback"),
        pytest.param("*.example.org", "origin-scheme-missing", "https://*.example.org",
                     id="no scheme before a wildcard"),
        pytest.param("*://a.example", "origin-scheme-wildcard", "https://a.example",
                     id="any scheme"),
        pytest.param("ht_tp://a.example", "origin-scheme-invalid", "", id="no such scheme"),
        pytest.param("1http://a.example", "origin-scheme-invalid", "", id="scheme with a digit first"),
        pytest.param("éhttp://a.example", "origin-scheme-invalid", "", id="scheme beyond ASCII"),
        pytest.param("https:/a.example", "origin-slashes", "https://a.example", id="one slash"),
        pytest.param("https:a.example", "origin-slashes", "https://a.example", id="no slash"),
        pytest.param("https:///a.example", "origin-slashes", "https://a.example",
                     id="three slashes"),
        pytest.param("https:\\\\demo.example", "origin-backslash", "https://demo.example",
                     id="backslashes"),
        pytest.param("https:/\\a.example", "origin-backslash", "https://a.example",
                     id="slash and backslash"),
        pytest.param("https://a.example/", "origin-trailing-slash", "https://a.example",
                     id="trailing slash"),
        pytest.param("https://*.example.org:*/", "origin-trailing-slash", "https://*.example.org:*",
                     id="trailing slash after wildcards"),
        pytest.param("https://a.example/*", "origin-path", "https://a.example", id="path wildcard"),
        pytest.param("https://a.example//", "origin-path", "https://a.example", id="two slashes"),
        pytest.param("https://a.example?", "origin-query", "https://a.example", id="query"),
        pytest.param("https://a.example/?x=/", "origin-query", "https://a.example",
                     id="query after a slash"),
        pytest.param("https://a.example/#/", "origin-fragment", "https://a.example",
                     id="fragment after a slash"),
        pytest.param("https://a.example#?", "origin-fragment", "https://a.example", id="fragment"),
        pytest.param("https://me:pw@a.example", "origin-userinfo", "https://a.example",
                     id="user and password"),
        pytest.param("https://good.example@evil.example", "origin-userinfo", "https://evil.example",
                     id="user that looks like a host"),
        pytest.param("HTTPS://a.example", "origin-upper-case", "https://a.example",
                     id="upper-case scheme"),
        pytest.param("https://*.Example.org", "origin-upper-case", "https://*.example.org",
                     id="upper-case host"),
        pytest.param("https://straße.example", "origin-unicode-host",
                     "https://xn--strae-oqa.example", id="sharp s is kept"),
        pytest.param("https://*.bücher.example:*", "origin-unicode-host",
                     "https://*.xn--bcher-kva.example:*", id="unicode below a wildcard"),
        pytest.param("https://bü cher.example", "origin-several", "", id="unicode and a space"),
        pytest.param("https://ﬀ⒈example", "origin-unicode-host", "", id="unicode no browser takes"),
        pytest.param("https://a.example.", "origin-trailing-dot", "https://a.example",
                     id="trailing dot"),
        pytest.param("https://a.example.:443", "origin-trailing-dot", "https://a.example",
                     id="trailing dot and default port"),
        pytest.param("https://a.example:443", "origin-default-port", "https://a.example",
                     id="default port of https"),
        pytest.param("http://a.example:80", "origin-default-port", "http://a.example",
                     id="default port of http"),
        pytest.param("https://a.example:0443", "origin-port-leading-zero", "https://a.example",
                     id="default port with a zero"),
        pytest.param("https://a.example:08443", "origin-port-leading-zero",
                     "https://a.example:8443", id="leading zero"),
        pytest.param("https://a.example:", "origin-port-empty", "https://a.example",
                     id="empty port"),
        pytest.param("https://a.example:0", "origin-port-invalid", "", id="port nought"),
        pytest.param("https://a.example:65536", "origin-port-invalid", "", id="port too large"),
        pytest.param("https://a.example:100000", "origin-port-invalid", "", id="port too long"),
        pytest.param("https://a.example:3_000", "origin-port-invalid", "", id="underscore in a port"),
        pytest.param("https://a.example:٣", "origin-port-invalid", "", id="port in other digits"),
        pytest.param("https://a.example:80*", "origin-port-wildcard", "", id="partial port wildcard"),
        pytest.param("https://a.example:8443:*", "origin-host-invalid", "", id="two ports"),
        pytest.param("http://127.1:3000", "origin-ip-form", "http://127.0.0.1:3000",
                     id="short address"),
        pytest.param("http://[::ffff:127.0.0.1]", "origin-ip-form", "http://[::ffff:7f00:1]",
                     id="IPv4 inside IPv6"),
        pytest.param("http://[2001:DB8::1]:8080", "origin-upper-case", "http://[2001:db8::1]:8080",
                     id="upper case in an address"),
        pytest.param("http://[::1%25lo]", "origin-host-invalid", "", id="zone"),
        pytest.param("http://[::1", "origin-host-invalid", "", id="V11 bracket left open"),
        pytest.param("http://::1]:3000", "origin-host-invalid", "", id="V11 bracket never opened"),
        pytest.param("https://*.127.0.0.1", "origin-wildcard-ip", "", id="wildcard on IPv4"),
        pytest.param("https://*.[::1]", "origin-wildcard-ip", "", id="wildcard on IPv6"),
        pytest.param("https://example.com*", "origin-wildcard-position", "",
                     id="V03 wildcard at the end"),
        pytest.param("https://a.*.example.com", "origin-wildcard-position", "",
                     id="wildcard in the middle"),
        pytest.param("https://*.*.example.com", "origin-wildcard-position", "", id="two wildcards"),
        pytest.param("https://pr-*-*.acme.dev", "origin-wildcard-position", "", id="two in a label"),
        pytest.param("ftp://pr-*.acme.dev", "origin-wildcard-position", "", id="a label of FTP"),
        pytest.param("https://-*.acme.dev", "origin-wildcard-part", "", id="a mark beside a wildcard"),
        pytest.param("https://pr-*-.acme.dev", "origin-wildcard-part", "", id="a mark behind a wildcard"),
        pytest.param("https://xn--*.acme.dev", "origin-wildcard-part", "", id="punycode beside a wildcard"),
        pytest.param("https://pr!*.acme.dev", "origin-host-invalid", "", id="a sign beside a wildcard"),
        pytest.param("https://prü-*.acme.dev", "origin-host-invalid", "", id="unicode beside a wildcard"),
        pytest.param("https://" + "a" * 63 + "*.acme.dev", "origin-too-long", "", id="no room in the label"),
        pytest.param("https://pr-*." + LONG_NAME, "origin-too-long", "", id="no room for the label"),
        pytest.param("https://pr-*.127.0.0.1", "origin-wildcard-ip", "", id="an address behind a label"),
        pytest.param("https://1*.0.0.1", "origin-wildcard-ip", "", id="part of an address behind a label"),
        pytest.param("https://pr-*.xn--a.example", "origin-punycode", "", id="broken punycode behind a label"),
        pytest.param("https://pr-*.-.example", "origin-host-marks", "", id="marks behind a label"),
        pytest.param("pr-*.acme.dev", "origin-scheme-missing", "https://pr-*.acme.dev",
                     id="no scheme before a label"),
        pytest.param("https://PR-*.acme.dev/", "origin-trailing-slash", "https://pr-*.acme.dev",
                     id="upper case beside a wildcard, and a slash"),
        pytest.param("https://PR-*.acme.dev", "origin-upper-case", "https://pr-*.acme.dev",
                     id="upper case beside a wildcard"),
        pytest.param("https://pr-*.bücher.example:443", "origin-unicode-host",
                     "https://pr-*.xn--bcher-kva.example", id="unicode behind a label"),
        pytest.param("http://-:8901", "origin-host-marks", "", id="a host of marks"),
        pytest.param("APP://Host", "origin-upper-case", "app://Host", id="upper case before an opaque host"),
        pytest.param("app://./index.html", "origin-path", "app://.", id="a path of an application"),
        pytest.param("chrome-extension://*/*", "origin-path", "chrome-extension://*",
                     id="a match pattern of an extension"),
        pytest.param("app://u@host", "origin-userinfo", "app://host", id="user of an application"),
        pytest.param("app://host:08", "origin-port-leading-zero", "app://host:8",
                     id="leading zero of an application"),
        pytest.param("app://host:", "origin-port-empty", "app://host", id="empty port of an application"),
        pytest.param("app://host:0", "origin-port-invalid", "", id="port nought of an application"),
        pytest.param("app://", "origin-application-host", "", id="no opaque host"),
        pytest.param("app://a%20b", "origin-application-host", "", id="a sign in an opaque host"),
        pytest.param("app://bücher", "origin-application-host", "", id="unicode in an opaque host"),
        pytest.param("app://[::1]", "origin-application-host", "", id="an address with an application"),
        pytest.param("app://" + "a" * 254, "origin-too-long", "", id="an opaque host that is too long"),
        pytest.param("x" * 325 + "://a:80", "origin-too-long", "", id="an application's scheme too long"),
        pytest.param("app://host:*", "origin-application-wildcard", "app://host",
                     id="any port of an application"),
        pytest.param("app://*:*", "origin-application-wildcard", "app://*",
                     id="any host and port of an application"),
        pytest.param("app://*:80", "origin-application-wildcard", "",
                     id="any host with a port of an application"),
        pytest.param("app://*.example.org", "origin-application-wildcard", "",
                     id="subdomains of an application"),
        pytest.param("https://*", "origin-wildcard-position", "", id="wildcard alone"),
        pytest.param("https://*.", "origin-host-invalid", "", id="wildcard before nothing"),
        pytest.param("https://", "origin-host-invalid", "", id="no host"),
        pytest.param("https://-", "origin-host-marks", "", id="label of marks"),
        pytest.param("https://a..example", "origin-host-invalid", "", id="empty label"),
        pytest.param("https://foo.255", "origin-host-invalid", "", id="numeric last label"),
        pytest.param("https://a.example%2eevil", "origin-host-invalid", "", id="percent-encoded"),
        pytest.param("https://xn--a.example", "origin-punycode", "", id="broken punycode"),
        pytest.param("https://*." + LONG_NAME, "origin-too-long", "", id="no room for a subdomain"),
        pytest.param("https://" + "a." * 130 + "b", "origin-too-long", "", id="host too long"),
        pytest.param("x" * 323 + "://abcde", "origin-too-long", "", id="scheme too long"),
        pytest.param("https://a.example/" + "x" * 3000, "origin-too-long", "", id="far too long"),
        pytest.param(r"^https://.*\.example\.org$", "origin-regex", "https://*.example.org",
                     id="V01 anchored regex"),
        pytest.param(r"https://.+\.example\.org(:\d+)?$", "origin-regex",
                     "https://*.example.org:*", id="V01 regex with any port"),
        pytest.param(r"^https://app\.example\.org$", "origin-regex", "https://app.example.org",
                     id="V04 literal regex"),
        pytest.param(r"https:\/\/app\.example\.org", "origin-regex", "https://app.example.org",
                     id="V04 escaped slashes"),
        pytest.param(r"https?://app.example.org", "origin-regex", "", id="optional letter"),
        pytest.param(r"https://(a+)+\.example\.com", "origin-regex", "", id="V13 backtracking"),
    ],
)  # fmt: skip
def test_a_refused_pattern_says_why_and_what_to_write(
    text: str, code: str, suggestion: str
) -> None:
    assert problem_of(text) == Problem("pattern", code, text, suggestion)


@given(strategies.pattern_texts)
@example("https://a.example")
@example("https://*.a.example")
@example("https://a.example/")
@example("")
def test_a_pattern_is_accepted_or_refused_with_a_sound_suggestion(text: str) -> None:
    try:
        pattern = parse_pattern(text)
    except PolicyError as error:
        (problem,) = error.problems
        assert not (problem.suggestion and problem.nearest)
        for offered in filter(None, (problem.suggestion, problem.nearest)):
            parse_pattern(offered)
    else:
        if "*" not in text:
            assert parse_origin(text) == (pattern.scheme, pattern.host, pattern.port)
        label = "*" if pattern.subdomains else pattern.label
        host = f"{label}.{pattern.host}" if label else pattern.host
        assert text == f"{pattern.scheme}://{host}" + (f":{pattern.port}" if pattern.port else "")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param("https://app.example.com", (), id="https"),
        pytest.param("http://localhost:*", (), id="localhost"),
        pytest.param("http://127.0.0.1:3000", (), id="loopback address"),
        pytest.param("http://*.localhost", (), id="below localhost"),
        pytest.param("http://10.0.0.1", ("risk-plain-http",), id="private address"),
        pytest.param("https://github.io", (), id="a public suffix itself"),
        pytest.param("https://*.github.io", ("risk-public-suffix",), id="below a public suffix"),
        pytest.param("https://*.acme.github.io", (), id="below a customer's name"),
        pytest.param("https://*.amazonaws.com", ("risk-public-suffix",), id="above one"),
        pytest.param("http://*.com", ("risk-plain-http", "risk-public-suffix"), id="both"),
        pytest.param("https://pr-*.acme.dev", (), id="a label below an own domain"),
        pytest.param(
            "https://*--a.netlify.app", ("risk-shared-parent",), id="a label that strangers fit"
        ),
        pytest.param("https://pr-*.amazonaws.com", (), id="a label above a public suffix"),
        pytest.param("https://*acme.dev", ("risk-shared-parent",), id="names that only end alike"),
        pytest.param(
            "http://pr-*.co.uk:*",
            ("risk-plain-http", "risk-shared-parent"),
            id="a label and plain http",
        ),
        pytest.param("http://pr-*.localhost:*", (), id="a label below localhost"),
        pytest.param("app://-", (), id="an application"),
        pytest.param("app://*", ("risk-any-application",), id="every application"),
    ],
)
def test_what_is_risky_with_credentials(text: str, codes: tuple[str, ...]) -> None:
    assert risks(parse_pattern(text)) == codes
