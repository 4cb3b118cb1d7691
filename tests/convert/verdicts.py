"""What a browser makes of the answers of two programs that are asked the same."""

import itertools
import operator
import random
from typing import Any

from django.http import HttpResponse
from django.test import RequestFactory

import corsadmin
from corsadmin.engine.headers import SAFELISTED_RESPONSE_HEADERS
from corsadmin.engine.methods import SAFELISTED_METHODS
from corsadmin.middleware import CorsMiddleware

HOST = "acme.localhost"
ORIGINS = [
    f"{scheme}://{host}{port}"
    for scheme in ("http", "https")
    for host in (
        *("app.example.com", "a.b.example.com", "example.com", "evilexample.com", "localhost"),
        *("example.com.evil.net", "a_b.example.org", "x.example.org"),
    )
    for port in ("", ":3000", ":8443")
] + [
    *("https://pr-1.example.net", "https://pr-.example.net", "https://pr-a.b.example.net"),
    *("https://x--a.example.net:3000", "https://--a.example.net", "https://pr-1xexample.net"),
    *("app://Main.1", "app://main.1", "app://Mainx1", "moz-extension://A~b", "moz-extension://a:80"),
]  # fmt: skip
# Few enough to ask everything of them: two that files name, a stranger, and names of previews.
FEW = ["https://app.example.com", "http://localhost:3000", "https://evilexample.com"]
PREVIEWS = [one for one in ORIGINS if "example.net" in one]
PATHS = ["/", "/api/", "/api/x", "/api/v2/x", "/apix", "/other", "/public/a"]
METHODS = ["GET", "PUT", "DELETE", "PATCH"]
HEADERS = ["content-type", "authorization", "x-other"]


def verdict(ask, origin, path, method, header):
    """What a browser makes of the answers: (may send, may read, with credentials, sees headers)."""
    preflight = ask("OPTIONS", path, {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": header,
    })  # fmt: skip
    actual = ask("GET", path, {"Origin": origin})
    return (
        passes(preflight, origin, method, header),
        reads(actual, origin),
        actual.get("access-control-allow-credentials") == "true" and reads(actual, origin),
        # These are read without being exposed.
        tokens(actual, "expose") - SAFELISTED_RESPONSE_HEADERS if reads(actual, origin) else None,
    )


def reads(headers, origin):
    return headers.get("access-control-allow-origin") in (origin, "*")


def passes(headers, origin, method, header):
    granted = headers.get("access-control-allow-credentials") == "true"
    # With credentials a star is no wildcard; and where any origin is allowed there are none.
    star = None if granted and headers.get("access-control-allow-origin") != "*" else "*"
    return (
        headers.get(":status", 204) in (200, 204)
        and reads(headers, origin)
        and (
            method in SAFELISTED_METHODS
            # Browsers compare methods by case.
            or bool({method, star} & tokens(headers, "allow-methods", str))
        )
        # Fetch: the star stands for every header but this one.
        and bool({header, header != "authorization" and star} & tokens(headers, "allow-headers"))
    )


def tokens(headers, name, convert=str.lower):
    names = {"expose": "expose-headers"}.get(name, name)
    value = headers.get(f"access-control-{names}", "")
    return {convert(token.strip()) for token in value.split(",") if token.strip()}


def ask_ours(method, path, headers):
    middleware: Any = CorsMiddleware(lambda request: HttpResponse("ok"))
    request = RequestFactory().generic(method, path, headers={"Host": HOST, **headers})
    return {name.lower(): value for name, value in middleware(request).items()}


def differences(theirs, count=150):
    corsadmin.refresh()
    theirs, ours = remembered(theirs), remembered(ask_ours)
    return [case for case in _cases(count) if verdict(ours, *case) != verdict(theirs, *case)]


def openings(theirs, count=300, origins=ORIGINS):
    """Return the cases in which a browser lets through more of ours than of theirs."""
    corsadmin.refresh()
    theirs, ours = remembered(theirs), remembered(ask_ours)
    return [
        case
        for case in _cases(count, origins)
        if not _is_within(verdict(ours, *case), verdict(theirs, *case))
    ]


def remembered(ask):
    """Ask each question once: the requests after the preflights are few."""
    found: dict[tuple[Any, ...], Any] = {}

    def ask_once(method, path, headers):
        key = (method, path, *headers.items())
        if key not in found:
            found[key] = ask(method, path, headers)
        return found[key]

    return ask_once


def _is_within(ours, theirs):
    *ours, exposed = ours
    *theirs, also = theirs
    # True is more than False.
    return all(map(operator.le, ours, theirs)) and (exposed or set()) <= (also or set())


def _cases(count, origins=ORIGINS):
    every = list(itertools.product(origins, PATHS, METHODS, HEADERS))
    # Enough to meet each origin, path, method and header many times.
    return random.Random(6).sample(every, min(count, len(every)))


def s3(rules):
    """A bucket, as the documentation of S3 describes it."""

    def fits(pattern, text):
        before, star, after = pattern.partition("*")
        if not star:
            return pattern == text
        longest = len(text) >= len(before) + len(after)
        return longest and text.startswith(before) and text.endswith(after)

    def ask(method, path, headers):
        wanted = headers.get("Access-Control-Request-Method", method)
        header = headers.get("Access-Control-Request-Headers")
        for rule in rules:
            origin = next(
                (one for one in rule["AllowedOrigins"] if fits(one, headers["Origin"])), None
            )
            allowed = any(fits(one.lower(), header or "") for one in rule.get("AllowedHeaders", []))
            if origin and wanted in rule["AllowedMethods"] and (header is None or allowed):
                answer = {
                    "access-control-allow-origin": "*" if origin == "*" else headers["Origin"],
                    "access-control-allow-methods": ", ".join(rule["AllowedMethods"]),
                    "access-control-expose-headers": ", ".join(rule.get("ExposeHeaders", [])),
                }
                if header:
                    answer["access-control-allow-headers"] = header
                if origin != "*":
                    answer["access-control-allow-credentials"] = "true"
                return answer
        return {}

    return ask
