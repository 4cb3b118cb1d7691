"""What is a preflight, and how one is answered."""

from corsadmin.engine import Reason
from tests.asserts import PREFLIGHT_VARY
from tests.conformance.case import Case, allowed, get, granted, options, refused, stopped
from tests.conformance.site import APP
from tests.conformance.wire import Ask

_METHOD = Reason.METHOD_NOT_ALLOWED
_HEADER = Reason.HEADER_NOT_ALLOWED
_STATIC_VARY = "Access-Control-Request-Method, Access-Control-Request-Headers"

_BAD_METHODS = [
    ("P07 put, which a browser would have upper-cased", "put"),
    ("P07 Delete in mixed case", "Delete"),
    ("P08 lower-case patch is refused", "patch"),
    ("P10 CONNECT", "CONNECT"),
    ("P10 TRACE", "TRACE"),
    ("P10 track in lower case", "track"),
    ("P11 an empty method", ""),
    ("P11 two methods", "GET, PUT"),
    ("P11 a method with a space in it", "P UT"),
    ("P11 a method after a space", " PUT"),
    ("P11 a method that is not ASCII", "PUT\x80"),
    ("P11 a method of 4 kB", "P" * 4096),
    ("P11 two method lines as a server joins them", "PUT,PUT"),
    ("a method that is not listed", "REPORT"),
]

_GOOD_HEADERS = [
    ("P13 names as browsers send them", ["x-a,x-b"]),
    ("P14 upper case", ["X-A"]),
    ("P14 not sorted", ["x-b,x-a"]),
    ("P14 one name twice", ["x-a,x-a"]),
    ("P14 spaces round the comma", ["x-a , x-b"]),
    ("P14 a tab after the comma", ["x-a,\tx-b"]),
    ("P14 two header lines", ["x-a", "x-b"]),
    ("P15 a few empty elements", [",,x-a,"]),
    ("P15 sixteen empty elements", ["x-a" + "," * 16]),
    ("P15 nothing but a comma", [","]),
    ("P16 sixty-four names", [",".join(["x-a"] * 64)]),
    ("P18 authorization, listed by name", ["authorization,content-type"]),
]

_BAD_HEADERS = [
    ("P15 seventeen empty elements", ["x-a" + "," * 17]),
    ("P16 sixty-five names", [",".join(["x-a"] * 65)]),
    ("P16 more than 4 kB", ["x-a," * 1025]),
    ("P17 a name that is not listed", ["x-c"]),
    ("P17 a listed name and one that is not", ["x-a,x-c"]),
    ("P17 a name with a colon and a value", ["x-a: y"]),
    ("P17 two names without a comma", ["x a"]),
    ("P17 a name that is not ASCII", ["x-\xe1"]),
    ("P17 a letter that lower-cases to ASCII", ["x-a\xaa"]),
    ("P17 a vertical tab before another header", ["x-a\x0bSet-Cookie"]),
    ("P17 a star", ["*"]),
    ("V42 eight thousand commas", ["," * 8000]),
    ("V42 five thousand names", [",".join(f"x-{number}" for number in range(5000))]),
    ("V43 eight thousand spaces", ["b" + " " * 8000 + "x"]),
    ("V62 five thousand header lines", ["x-a"] * 5000),
]


def _open(name: str, ask: Ask) -> Case:
    """Return the case of a preflight that the tenant `open` allows: never with credentials."""
    cors = {
        "origin": "*",
        "methods": "GET, PUT, *",
        "request_headers": "*",
        "max_age": "0",
        "vary": _STATIC_VARY,
    }
    return Case(
        name=name, ask=ask, reason=Reason.ALLOWED, status=204, view=False, cors=cors, body=b""
    )


def _echo(
    name: str, methods: str, names: str, *asked: str, origin: str = APP, credentials: bool = True
) -> Case:
    """Return the case of a preflight that the tenant `echo` allows by naming what was asked."""
    cors = {
        "origin": origin,
        "credentials": credentials,
        "methods": methods,
        "request_headers": names,
        "vary": PREFLIGHT_VARY,
    }
    ask = options(*asked, origin=origin, host="echo.example.net")
    return Case(
        name=name, ask=ask, reason=Reason.ALLOWED, status=204, view=False, cors=cors, body=b""
    )


CASES: list[Case] = [
    # What is one.
    granted("P01 a preflight is answered without the view", options()),
    granted("P05 204 without a length", options("DELETE")),
    allowed("P02 OPTIONS without a requested method goes to the view", options(None)),
    allowed("P02 OPTIONS with requested headers only goes to the view", options(None, "x-a")),
    Case(
        name="P03 OPTIONS without an Origin goes to the view",
        ask=options(origin=None),
        reason=Reason.NOT_CORS,
    ),
    Case(
        name="V50 OPTIONS with an empty Origin goes to the view",
        ask=options(origin=""),
        reason=Reason.NOT_CORS,
    ),
    allowed(
        "a GET that carries a requested method is not a preflight",
        get(more=[("Access-Control-Request-Method", "PUT")]),
    ),
    Case(
        name="V48 a preflight where no rule reigns goes to the view",
        ask=options(path="/other"),
        reason=Reason.NO_RULE,
        cors={"vary": None},
    ),
    Case(
        name="V48 a preflight to nobody's host goes to the view",
        ask=options(host="nobody.example.net"),
        reason=Reason.NO_TENANT,
        cors={"vary": None},
    ),
    # Refused: 403 without any Access-Control header.
    stopped(
        "V48 a preflight from a stranger stops before the view",
        options(origin="https://evil.com"),
        Reason.ORIGIN_NOT_LISTED,
    ),
    stopped(
        "V49 a stranger's preflight to a view that changes state",
        options("POST", path="/api/session", origin="https://evil.com"),
        Reason.ORIGIN_NOT_LISTED,
    ),
    granted(
        "V49 an allowed preflight to a view that changes state touches no session",
        options("POST", path="/api/session"),
        middleware=("django.contrib.sessions.middleware.SessionMiddleware",),
    ),
    stopped(
        "P04 a preflight of a same-origin page is never needed",
        options(origin="http://t.example.net"),
        Reason.ORIGIN_NOT_LISTED,
    ),
    # Never a redirect.
    granted("P06 a path without its closing slash", options(path="/api/slash")),
    granted(
        "P06 plain http where TLS is forced",
        options(),
        settings={"SECURE_SSL_REDIRECT": True},
        middleware=("django.middleware.security.SecurityMiddleware",),
    ),
    stopped(
        "P06 a refused preflight of a path without its closing slash",
        options("REPORT", path="/api/slash"),
        _METHOD,
    ),
    # Methods.
    *(stopped(name, options(method), _METHOD) for name, method in _BAD_METHODS),
    *(
        granted(f"P09 {method} needs no listing", options(method))
        for method in ("GET", "HEAD", "POST")
    ),
    Case(
        name="P09 HEAD where only GET is listed",
        ask=options("HEAD", origin="https://app.rival.example", host="rival.example.net"),
        reason=Reason.ALLOWED,
        status=204,
        view=False,
        cors={"origin": "https://app.rival.example", "methods": "GET", "vary": PREFLIGHT_VARY},
    ),
    stopped(
        "P04 PUT where only GET is listed",
        options("PUT", origin="https://app.rival.example", host="rival.example.net"),
        _METHOD,
    ),
    # Headers.
    granted("P12 no requested headers", options()),
    granted("P12 empty requested headers", options("PUT", "")),
    *(granted(name, options("PUT", *lines)) for name, lines in _GOOD_HEADERS),
    *(stopped(name, options("PUT", *lines), _HEADER) for name, lines in _BAD_HEADERS),
    stopped(
        "P04 a header where none is listed",
        options("GET", "x-a", origin="https://app.rival.example", host="rival.example.net"),
        _HEADER,
    ),
    # Stars.
    _open("P20 any origin, asked first", options("PUT", host="open.example.net")),
    _open("P20 any origin, null too", options("PUT", origin="null", host="open.example.net")),
    _open("P19 a star covers any method", options("REPORT", host="open.example.net")),
    _open("P19 a star covers any header", options("PUT", "x-any", host="open.example.net")),
    stopped(
        "P10 a star does not cover TRACE",
        options("TRACE", host="open.example.net"),
        _METHOD,
        cors={"vary": _STATIC_VARY},
    ),
    stopped(
        "P11 a star does not cover what is not a method",
        options("P UT", host="open.example.net"),
        _METHOD,
        cors={"vary": _STATIC_VARY},
    ),
    stopped(
        "P18 a star does not cover authorization",
        options("PUT", "authorization", host="open.example.net"),
        _HEADER,
        cors={"vary": _STATIC_VARY},
    ),
    # Stars with credentials.
    _echo("P19 what is asked is named", "PUT, PATCH", "x-a, x-c, x-b", "PATCH", "x-c,X-B,x-c"),
    _echo("P19 the named ones alone", "PUT", "x-a", "PUT"),
    _echo("P19 a lower-case patch keeps its case", "PUT, patch", "x-a", "patch"),
    _echo("P18 authorization is named", "PUT, GET", "x-a, authorization", "GET", "authorization"),
    _echo(
        "P19 also for an entry without credentials",
        "PUT, DELETE",
        "x-a, authorization",
        "DELETE",
        "authorization",
        origin="https://plain.example.com",
        credentials=False,
    ),
    stopped(
        "P19 nothing is named to a stranger",
        options("PUT", "x-a", origin="https://evil.com", host="echo.example.net"),
        Reason.ORIGIN_NOT_LISTED,
    ),
    stopped("P10 TRACE is not named", options("TRACE", host="echo.example.net"), _METHOD),
    stopped(
        "P11 a method that is not a token is not named",
        options("P UT", host="echo.example.net"),
        _METHOD,
    ),
    stopped(
        "P17 a header name that is not a token is not named",
        options("PUT", "x a", host="echo.example.net"),
        _HEADER,
    ),
    stopped(
        "P16 more names than are read are not named",
        options("PUT", ",".join(f"x{number}" for number in range(65)), host="echo.example.net"),
        _HEADER,
    ),
    # Credentials, and how long an answer may be kept.
    Case(
        name="P21 no credentials unless rule and entry grant them",
        ask=options("POST", "content-type", host="quiet.example.net"),
        reason=Reason.ALLOWED,
        status=204,
        view=False,
        cors={
            "origin": APP,
            "methods": "GET, HEAD, POST",
            "request_headers": "content-type",
            "vary": PREFLIGHT_VARY,
        },
    ),
    Case(
        name="P21 no credentials on a preflight whose entry grants none",
        ask=options("POST", host="some.example.net"),
        reason=Reason.ALLOWED,
        status=204,
        view=False,
        cors={
            "origin": APP,
            "methods": "GET, HEAD, POST",
            "request_headers": "content-type",
            "vary": PREFLIGHT_VARY,
        },
    ),
    granted("P23 max-age only on an allowed preflight", options("PUT", "x-a")),
    # Private and local network access.
    granted(
        "V51 private network access is not granted",
        options(more=[("Access-Control-Request-Private-Network", "true")]),
    ),
    granted(
        "P35 local network access has no header",
        options(more=[("Access-Control-Request-Local-Network", "true")]),
    ),
    refused(
        "P26 Vary on what is no preflight names Origin alone",
        options(None, origin="https://evil.com"),
    ),
]
