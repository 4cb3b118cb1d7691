"""Which origins are allowed: every way in which another CORS middleware let a stranger in."""

from corsadmin.engine import Reason
from tests.conformance.case import Case, allowed, get, granted, options, refused, stopped
from tests.conformance.site import APP

_MALFORMED = Reason.ORIGIN_MALFORMED

_STRANGERS = [
    ("V01 a listed origin as a prefix of another name", "https://app.example.com.evil.com"),
    ("V01 a listed origin before a hyphen", "https://app.example.com-evil.com"),
    ("V01 a name below the wildcard before another domain", "https://foo.example.org.evil.com"),
    ("V02 the wildcard's domain at the end of a longer label", "https://evilexample.org"),
    ("V02 a listed name at the end of a longer label", "https://evilapp.example.com"),
    ("V02 the wildcard's own apex", "https://example.org"),
    ("V03 a listed name that goes on", "https://app.example.community"),
    ("V03 localhost as a label", "http://localhost.example.com"),
    ("V04 any character for the dot of a listed name", "https://appxexample.com"),
    ("V04 any character for a later dot", "https://app.examplexcom"),
    ("V04 any character for the dot of a wildcard", "https://a.examplexorg"),
    ("V08 a stranger", "https://evil.com"),
    ("V12 a private address as a prefix", "http://192.168.evil.com"),
    ("V12 a loopback address as a prefix", "http://127.0.0.1.nip.io:3000"),
    ("another scheme", "http://app.example.com"),
    ("another port", "https://app.example.com:8443"),
    ("another port below a wildcard", "https://foo.example.org:8443"),
]

_NO_ORIGINS = [
    ("V06 a star as an origin", "*"),
    ("V06 a stored wildcard as an origin", "https://*.example.org"),
    ("V06 a stored port wildcard as an origin", "http://localhost:*"),
    ("V11 an address that urlsplit refuses", "http://[::1:3000"),
    ("V11 a bracket that nothing opens", "http://::1]:3000"),
    ("V11 a character that urlsplit refuses", "https://app.example.com\xbd"),
    ("V13 an origin on which a regular expression would backtrack", "https://" + "a" * 28 + "!"),
    ("P17 two Origin lines as a server joins them", f"{APP},https://evil.com"),
    ("a listed origin in upper case", "https://APP.example.com"),
    ("a listed origin with its default port", f"{APP}:443"),
    ("a listed origin with a closing slash", f"{APP}/"),
    ("a listed origin after a space", f" {APP}"),
    ("an origin of which the scheme alone is too long", "a" * 400 + "://localhost"),
    ("an origin of 16 kB", "https://" + "a." * 8000 + "example.org"),
]

CASES: list[Case] = [
    allowed("P01 an origin that is listed", get()),
    allowed("V04 a name below a wildcard", get(origin="https://foo.example.org")),
    allowed("V04 a name two labels below a wildcard", get(origin="https://a.b.example.org")),
    allowed("V03 any port of localhost", get(origin="http://localhost:3000")),
    allowed("V03 no port of localhost", get(origin="http://localhost")),
    *(refused(name, get(origin=origin)) for name, origin in _STRANGERS),
    *(
        stopped(f"{name}, asked first", options(origin=origin), Reason.ORIGIN_NOT_LISTED)
        for name, origin in _STRANGERS
    ),
    *(refused(name, get(origin=origin), _MALFORMED) for name, origin in _NO_ORIGINS),
    *(
        stopped(f"{name}, asked first", options(origin=origin), _MALFORMED)
        for name, origin in _NO_ORIGINS
    ),
    # Two entries that share a suffix.
    refused("V05 two listed names in one", get(origin="https://barfoo.com", host="pair.example.net")),
    refused("V05 the other way round", get(origin="https://foobar.com", host="pair.example.net")),
    refused("V05 one above the other", get(origin="https://foo.bar.com", host="pair.example.net")),
    *(
        Case(
            name=f"V05 each listed name by itself: {origin}",
            ask=get(origin=origin, host="pair.example.net"),
            reason=Reason.ALLOWED,
            cors={"origin": origin},
        )
        for origin in ("https://foo.com", "https://bar.com")
    ),
    # Nothing listed means nobody.
    refused("V09 a tenant without origins", get(host="empty.example.net")),
    refused("V09 a tenant whose only origin is disabled", get(host="off.example.net")),
    stopped(
        "V09 a preflight to a tenant without origins",
        options("POST", host="empty.example.net"),
        Reason.ORIGIN_NOT_LISTED,
    ),
    refused(
        "V09 an origin whose time is over",
        get(origin="https://past.example.com", host="times.example.net"),
        Reason.ORIGIN_EXPIRED,
    ),
    refused(
        "an origin whose time is to come",
        get(origin="https://coming.example.com", host="times.example.net"),
        Reason.ORIGIN_NOT_YET_VALID,
    ),
    Case(
        name="an origin in its time",
        ask=get(origin="https://present.example.com", host="times.example.net"),
        reason=Reason.ALLOWED,
        cors={"origin": "https://present.example.com"},
    ),
    refused(
        "an origin outside its scope",
        get(origin="https://scoped.example.com", host="times.example.net"),
        Reason.ORIGIN_OUT_OF_SCOPE,
    ),
    Case(
        name="an origin in its scope",
        ask=get("/api/status/200", origin="https://scoped.example.com", host="times.example.net"),
        reason=Reason.ALLOWED,
        cors={"origin": "https://scoped.example.com"},
    ),
    # No Origin, or none to speak of.
    Case(name="V10 an empty Origin", ask=get(origin=""), reason=Reason.NOT_CORS, body=b"fine"),
    Case(name="P25 no Origin", ask=get(origin=None), reason=Reason.NOT_CORS, body=b"fine"),
    refused("P34 the origin null", get(origin="null"), Reason.ORIGIN_NULL),
    refused("P34 the origin NULL", get(origin="NULL"), _MALFORMED),
    stopped("P32 a preflight of null", options(origin="null"), Reason.ORIGIN_NULL),
    # A page of the API's own origin.
    refused(
        "P33 a same-origin POST",
        get(origin="http://t.example.net", method="POST"),
        Reason.SAME_ORIGIN,
    ),
    refused(
        "P33 a same-origin POST over TLS",
        get(origin="https://t.example.net", method="POST", secure=True),
        Reason.SAME_ORIGIN,
    ),
    refused(
        "P33 an https page of the same host where TLS ends before Django",
        get(origin="https://t.example.net", method="POST"),
        Reason.SAME_ORIGIN,
    ),
    refused(
        "P33 an http page of the same host where Django sees https",
        get(origin="http://t.example.net", method="POST", secure=True),
        Reason.ORIGIN_NOT_LISTED,
    ),
    refused(
        "P33 a same-origin POST whose Host names the default port",
        get(origin="https://t.example.net", host="t.example.net:443", method="POST"),
        Reason.SAME_ORIGIN,
    ),
    refused(
        "P33 an https page of the same host by another port",
        get(origin="https://t.example.net:8443", method="POST"),
        Reason.ORIGIN_NOT_LISTED,
    ),
    refused(
        "P33 a same-origin POST with a port",
        get(origin="http://t.example.net:8000", host="t.example.net:8000", method="POST"),
        Reason.SAME_ORIGIN,
    ),
    refused(
        "P33 the same host by another port",
        get(origin="http://t.example.net:8001", host="t.example.net:8000", method="POST"),
        Reason.ORIGIN_NOT_LISTED,
    ),
    refused(
        "P33 a same-origin POST behind a proxy that is trusted",
        get(
            origin="http://t.example.net",
            host="10.0.0.7:8000",
            method="POST",
            more=[("X-Forwarded-Host", "t.example.net")],
        ),
        Reason.SAME_ORIGIN,
        settings={"USE_X_FORWARDED_HOST": True},
    ),
    granted("P13 a preflight of a name below a wildcard", options(origin="https://x.example.org")),
]  # fmt: skip
