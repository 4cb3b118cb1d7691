"""What the middleware does to every kind of answer a site gives."""

from typing import Any

from corsadmin.engine import Reason
from tests.conformance.case import Case, allowed, get, refused
from tests.conformance.site import APP
from tests.conformance.views import BODY, TEXT

_EVIL = "https://evil.com"
_OPEN = {"origin": "*", "exposed": "x-total-count", "vary": None}
_COMMON = "django.middleware."
_RECORDER = "tests.conformance.recorder."

# An answer that says nothing of CORS must be the same for all but the headers.
_ANSWERS = [
    ("P27 400", "/api/suspicious", 400, True),
    ("P27 403", "/api/denied", 403, True),
    ("P27 404 of a view", "/api/missing", 404, True),
    ("P27 404 of the URL resolver", "/api/no-such-view", 404, False),
    ("P27 413", "/api/status/413", 413, True),
    ("P27 429", "/api/status/429", 429, True),
    ("P27 500", "/api/broken", 500, True),
    ("P27 503", "/api/status/503", 503, True),
    ("P25 301 that adds a slash", "/api/slash", 301, False),
    ("P25 302", "/api/moved", 302, True),
]


def _all_callers(name: str, path: str, status: int, view: bool) -> list[Case]:
    case: dict[str, Any] = {"status": status, "view": view}
    return [
        allowed(name, get(path), **case),
        refused(f"{name}, for a stranger", get(path, origin=_EVIL), **case),
        Case(
            name=f"V45 {name[4:]}, without an Origin",
            ask=get(path, origin=None),
            reason=Reason.NOT_CORS,
            **case,
        ),
        Case(
            name=f"P20 {name[4:]}, where all are allowed",
            ask=get(path, origin=_EVIL, host="open.example.net"),
            reason=Reason.ALLOWED,
            cors=_OPEN,
            **case,
        ),
    ]


CASES: list[Case] = [
    *(case for answer in _ANSWERS for case in _all_callers(*answer)),
    allowed(
        "P06 a redirect to TLS carries the headers",
        get(),
        status=301,
        view=False,
        settings={"SECURE_SSL_REDIRECT": True},
        middleware=(f"{_COMMON}security.SecurityMiddleware",),
    ),
    refused("V58 a stranger's request reaches the view", get(origin=_EVIL), body=BODY),
    refused("V08 no header at all for a stranger, not even null", get(origin=_EVIL)),
    Case(
        name="V58 refuse_unlisted stops a stranger before the view",
        ask=get(origin=_EVIL, host="strict.example.net"),
        reason=Reason.ORIGIN_NOT_LISTED,
        status=403,
        view=False,
        body=b"",
    ),
    Case(
        name="V58 refuse_unlisted lets the listed in",
        ask=get(host="strict.example.net"),
        reason=Reason.ALLOWED,
        cors={"origin": APP},
    ),
    Case(
        name="P33 refuse_unlisted lets the site's own pages in",
        ask=get(origin="http://strict.example.net", host="strict.example.net", method="POST"),
        reason=Reason.SAME_ORIGIN,
    ),
    Case(
        name="V58 refuse_unlisted lets in who sends no Origin",
        ask=get(origin=None, host="strict.example.net"),
        reason=Reason.NOT_CORS,
    ),
    # Credentials and what may be read.
    allowed("P21 credentials are `true` where both grant them", get()),
    Case(
        name="P21 credentials are absent where the rule does not grant them",
        ask=get(host="quiet.example.net"),
        reason=Reason.ALLOWED,
        cors={"origin": APP},
    ),
    Case(
        name="P21 credentials are absent where the entry does not grant them",
        ask=get(host="some.example.net"),
        reason=Reason.ALLOWED,
        cors={"origin": APP},
    ),
    Case(
        name="P21 of two entries the one with credentials counts",
        ask=get("/api/status/200", host="some.example.net"),
        reason=Reason.ALLOWED,
        cors={"origin": APP, "credentials": True},
    ),
    allowed("P22 exposed headers on an actual response", get("/api/cookie")),
    Case(
        name="P20 any origin, without an Origin",
        ask=get(origin=None, host="open.example.net"),
        reason=Reason.NOT_CORS,
        cors=_OPEN,
    ),
    Case(
        name="V07 any origin with a cookie is still a star without credentials",
        ask=get(origin=_EVIL, host="open.example.net", more=[("Cookie", "sessionid=1")]),
        reason=Reason.ALLOWED,
        cors=_OPEN,
    ),
    Case(
        name="V07 any origin is never null's own name",
        ask=get(origin="null", host="open.example.net"),
        reason=Reason.ALLOWED,
        cors=_OPEN,
    ),
    # Vary.
    allowed("V44 Vary of the view is kept", get("/api/vary/Accept"), cors={"vary": "Accept, Origin"}),
    allowed(
        "V44 Vary of the request is not copied",
        get(more=[("Vary", "X-Evil")]),
    ),
    allowed("P25 Vary repeats no name", get("/api/vary/origin"), cors={"vary": "origin"}),
    allowed(
        "P25 Vary is merged without regard to case",
        get("/api/vary/ORIGIN, Accept"),
        cors={"vary": "ORIGIN, Accept"},
    ),
    allowed("P25 a star in Vary says it all", get("/api/vary/*"), cors={"vary": "*"}),
    refused(
        "P25 a star in Vary says it all to a stranger too",
        get("/api/vary/*", origin=_EVIL),
        cors={"vary": "*"},
    ),
    Case(
        name="V44 Vary of the view where any origin is allowed",
        ask=get("/api/vary/Accept", host="open.example.net"),
        reason=Reason.ALLOWED,
        cors={**_OPEN, "vary": "Accept"},
    ),
    # The only author.
    allowed("V54 the view's own headers are replaced", get("/api/own-headers")),
    refused("V53 the view's own headers are removed", get("/api/own-headers", origin=_EVIL)),
    Case(
        name="V53 the view's own headers are removed without an Origin",
        ask=get("/api/own-headers", origin=None),
        reason=Reason.NOT_CORS,
    ),
    Case(
        name="V53 the view's own headers are removed for a tenant without origins",
        ask=get("/api/own-headers", host="empty.example.net"),
        reason=Reason.ORIGIN_NOT_LISTED,
    ),
    # Decided before anything else sees the request.
    allowed(
        "V47 an inner middleware deletes the Origin",
        get("/api/echo-origin"),
        middleware=(f"{_RECORDER}forget_origin",),
        body=b"none",
    ),
    refused(
        "V47 an inner middleware replaces the Origin",
        get("/api/echo-origin", origin=_EVIL),
        middleware=(f"{_RECORDER}rewrite_origin",),
        body=APP.encode(),
    ),
    # Bodies of every kind.
    allowed("P29 a stream that has not begun", get("/api/stream"), body=BODY),
    refused("P29 a stream for a stranger", get("/api/stream", origin=_EVIL), body=BODY),
    allowed(
        "P29 a file",
        get("/api/file"),
        body=TEXT.read_bytes(),
        others={"content-length": str(TEXT.stat().st_size)},
    ),
    allowed(
        "P29 part of a body",
        get("/api/part"),
        status=206,
        body=BODY[:2],
        others={"content-range": "bytes 0-1/4", "content-length": "2"},
    ),
    allowed(
        "P29 HEAD",
        get("/api/length", method="HEAD"),
        body=b"",
        others={"content-length": "4"},
    ),
    allowed(
        "P28 304 of a page that has not changed",
        get(more=[("If-None-Match", "*")]),
        status=304,
        body=b"",
        middleware=(f"{_COMMON}http.ConditionalGetMiddleware",),
    ),
    allowed(
        "V44 a page that is compressed",
        get("/api/long-text", more=[("Accept-Encoding", "gzip")]),
        cors={"vary": "Accept-Encoding, Origin"},
        others={"content-encoding": "gzip"},
        middleware=(f"{_COMMON}gzip.GZipMiddleware",),
    ),
    refused(
        "V44 a page that is compressed for a stranger",
        get("/api/long-text", origin=_EVIL, more=[("Accept-Encoding", "gzip")]),
        cors={"vary": "Accept-Encoding, Origin"},
        others={"content-encoding": "gzip"},
        middleware=(f"{_COMMON}gzip.GZipMiddleware",),
    ),
    allowed(
        "V49 the request itself reaches its session",
        get("/api/session"),
        cors={"vary": "Cookie, Origin"},
        middleware=("django.contrib.sessions.middleware.SessionMiddleware",),
    ),
    # Not a guard against forged requests.
    allowed(
        "V57 an allowed origin does not pass the CSRF check",
        get(
            "/api/protected",
            method="POST",
            body=b"amount=10",
            more=[("Cookie", "csrftoken=" + "a" * 32)],
        ),
        status=403,
        view=False,
    ),
]  # fmt: skip
