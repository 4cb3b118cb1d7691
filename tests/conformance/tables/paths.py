"""Which path rule governs a path: exactly the one that the URL resolver would see."""

from corsadmin.engine import Reason
from tests.conformance.case import Case, get, options, refused, stopped
from tests.conformance.site import APP

_OPEN = {"origin": "*", "exposed": "x-total-count", "vary": None}


def _way(name: str, path: str, origin: str = APP) -> Case:
    return Case(
        name=name,
        ask=get(path, origin=origin, host="ways.example.net"),
        reason=Reason.ALLOWED,
        cors={"origin": origin},
    )


def _uncovered(name: str, path: str) -> Case:
    """Return the case of a path that no rule covers: the middleware leaves it alone."""
    return Case(
        name=name,
        ask=get(path, host="ways.example.net"),
        reason=Reason.NO_RULE,
        cors={"vary": None},
    )


CASES: list[Case] = [
    Case(
        name="V20 a path that is open to all",
        ask=get(origin="https://any.example", host="open.example.net"),
        reason=Reason.ALLOWED,
        cors=_OPEN,
    ),
    refused(
        "V20 a closed path below an open one",
        get("/api/admin/x", origin="https://any.example", host="open.example.net"),
    ),
    stopped(
        "V29 a preflight to a closed path below an open one",
        options("GET", path="/api/admin/x", host="open.example.net"),
        Reason.ORIGIN_NOT_LISTED,
    ),
    refused(
        "V29 a closed path's own prefix below an open one",
        get("/api/admin/", host="open.example.net"),
    ),
    # Decoded once, by the server, and never again.
    _way("V21 a plus in a path", "/service+path", "https://plus.example.com"),
    _way("V21 a space in a path", "/service%20path", "https://space.example.com"),
    refused(
        "V21 a plus is not a space",
        get("/service+path", origin="https://space.example.com", host="ways.example.net"),
        Reason.ORIGIN_OUT_OF_SCOPE,
    ),
    refused(
        "V21 a space is not a plus",
        get("/service%20path", origin="https://plus.example.com", host="ways.example.net"),
        Reason.ORIGIN_OUT_OF_SCOPE,
    ),
    _way("V22 a path as it is written", "/a/b"),
    _way("V22 a path that is encoded once", "/%61/b"),
    _uncovered("V22 a path that is encoded twice", "/a%252Fb"),
    _uncovered("V22 a letter that is encoded twice", "/%2561/b"),
    _way("V23 a path in its own case", "/public/x"),
    _uncovered("V23 a path in upper case", "/PUBLIC/x"),
    _uncovered("V23 a path with one upper-case letter", "/Public/"),
    _uncovered("V24 dot segments", "/public/../private/x"),
    _uncovered("V24 encoded dot segments", "/public/%2e%2e/private/x"),
    _uncovered("V24 half encoded dot segments", "/public/.%2e/private/x"),
    _uncovered("V24 a single dot", "/public/./x"),
    _uncovered("V24 dots at the end", "/public/.."),
    _uncovered("V24 encoded backslashes", "/public/%5c..%5cprivate"),
    _uncovered("V24 a lone backslash", "/public/a%5Cb"),
    _uncovered("V24 a NUL", "/public/a%00b"),
    # A double slash and a semicolon are ordinary to Django's resolver, so they are here too.
    _way("V24 a double slash below a prefix", "/public//x"),
    _way("V24 a path parameter below a prefix", "/public/x;y"),
    _uncovered("V24 a path parameter after an exact path", "/a/b;y"),
    _uncovered("V24 a slash after an exact path", "/a/b/"),
    _uncovered("V24 an encoded slash opens no deeper level", "/v/1%2F2/things"),
    _uncovered("a star stands for one segment, not for two", "/v/1/2/things"),
    _uncovered("a star stands for a segment that is there", "/v//things"),
    _way("a star stands for one segment", "/v/17/things"),
    _way("a path that ends in its slash, alone", "/only/"),
    _uncovered("what is below a path alone", "/only/x"),
    _uncovered("a second slash after a path alone", "/only//"),
    _uncovered("a path alone without its slash", "/only"),
    _uncovered("the text of the pattern itself", "/only/%7B$%7D"),
    _way("a star before the last slash, alone", "/each/17/"),
    _uncovered("what is below a star and a last slash", "/each/17/x"),
    _uncovered("a path that no rule covers", "/other"),
    Case(
        name="V53 headers of a view where no rule reigns",
        ask=get("/uncovered", host="t.example.net"),
        reason=Reason.NO_RULE,
        cors={"vary": None},
    ),
    # An exclusive rule lets in only what is scoped to it.
    refused(
        "an exclusive path and an origin that is listed for every path",
        get("/api/admin/x", host="fenced.example.net"),
    ),
    stopped(
        "a preflight to an exclusive path",
        options("GET", path="/api/admin/x", host="fenced.example.net"),
        Reason.ORIGIN_NOT_LISTED,
    ),
    Case(
        name="an exclusive path and an origin that is scoped to it",
        ask=get("/api/admin/x", origin="https://own.example.com", host="fenced.example.net"),
        reason=Reason.ALLOWED,
        cors={"origin": "https://own.example.com"},
    ),
    Case(
        name="the path around an exclusive one",
        ask=get("/api/x", host="fenced.example.net"),
        reason=Reason.ALLOWED,
        cors={"origin": APP},
    ),
    # The platform's rules, which a tenant inherits or replaces.
    Case(
        name="V25 a tenant inherits the platform's rule and origins",
        ask=get("/shared/x", origin="https://support.example.com", host="child.example.net"),
        reason=Reason.ALLOWED,
        cors={"origin": "https://support.example.com"},
    ),
    Case(
        name="V25 a rule that sets only max_age keeps the tenant's origins",
        ask=get("/shared/own", origin="https://child.example.com", host="child.example.net"),
        reason=Reason.ALLOWED,
        cors={"origin": "https://child.example.com"},
    ),
    refused(
        "V25 a rule that sets only max_age is not open to others",
        get("/shared/own", host="child.example.net"),
    ),
    Case(
        name="V25 a tenant that inherits nothing is not governed by the platform",
        ask=get("/shared/x", origin="https://support.example.com", host="t.example.net"),
        reason=Reason.NO_RULE,
        cors={"vary": None},
    ),
    # V59: the admin is a path like another, open to nobody until a rule names it.
    Case(
        name="V59 the admin without a rule",
        ask=get("/admin/", host="open.example.net"),
        reason=Reason.NO_RULE,
        cors={"vary": None},
    ),
]
