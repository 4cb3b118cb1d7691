"""Random policies and calls: what explain says of each, and what the middleware really sends.

`scripts/compare-enforcement 100000` compares so many calls.
"""

import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.test import override_settings

from corsadmin.diagnose.explain import Question
from corsadmin.diagnose.explain.judgment import judge_call
from corsadmin.engine import Snapshot, browser
from corsadmin.engine.packing import Allowance
from corsadmin.middleware import CorsMiddleware
from corsadmin.serving.decision_cache import DecisionCache
from corsadmin.serving.store import View
from tests.asserts import cors_headers
from tests.engine.policies import record, snapshot

CALLS = 20  # of each set of policies
RESOLVERS = (
    "corsadmin.tenants.by_host",
    "corsadmin.tenants.by_subdomain",
    "corsadmin.tenants.by_path",
    "corsadmin.tenants.by_header",
    "corsadmin.tenants.single",
    "tests.serving.enforcement.by_query_of_path",
)
APP, OWN = "https://app.example.com", "https://acme.example.net"
ORIGINS = (
    APP, APP, APP, OWN, "http://acme.example.net", "https://a.example.com", "http://localhost:3000",
    "https://evil.example", "null", "", "https://app.example.com/", "x", "app://-",
)  # fmt: skip
PATTERNS = (APP, APP, APP, OWN, "https://*.example.com", "http://localhost:*", "app://*", "rubbish")
PATHS = ("/", "/api/", "/api/{$}", "/api/x", "/api/x/", "/*/x", "/t/acme/", "/app/api/", "bad")
ASKED = (
    "/",
    "/api/",
    "/api/x",
    "/api/x/1",
    "/t/acme/x",
    "/t/rival/x",
    "/%61pi/x",
    "/./x",
    "/o?x=1",
)
METHODS = ("GET", "GET", "POST", "HEAD", "PUT", "PATCH", "patch", "DELETE", "OPTIONS", "PURGE")
LISTED: tuple[list[str], ...] = ([], ["GET"], ["PUT", "PATCH"], ["*"], ["DELETE", "*"])
NAMES: tuple[list[str], ...] = ([], ["x-a"], ["content-type"], ["*"], ["authorization"])
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {},
    {"X-A": "1"},
    {"Content-Type": "application/json"},
    {"x-a": "1", "Authorization": "Bearer x"},
    {"Accept": "a" * 200},
    {"Host": "rival.example.net", "Origin": "https://evil.example", "Cookie": "a=b"},
)
HOSTS = ("acme.example.net", "rival.example.net")


class Mount(NamedTuple):
    """Where the project is mounted: by its settings, by its server, or at the root."""

    forced: str | None
    served: str


MOUNTS = (Mount(None, ""), Mount("/app", ""), Mount(None, "/app"))


def by_query_of_path(request: Any, policies: Any) -> Any:
    """Find the tenant in the path's last character: a resolver of a project's own."""
    return policies.policy("acme" if request.path_info.endswith("x") else "rival")


@contextmanager
def site(resolver: str, mount: Mount) -> Iterator[None]:
    """Use the settings of a site that finds its tenants so, and is mounted there."""
    keys = {
        "TENANT_RESOLVER": resolver,
        "TENANT_BASE_DOMAIN": "example.net",
        "TENANT_PATH_PREFIX": "/t/",
        "TENANT_HEADER": "X-Tenant",
    }
    found = {**settings.CORSADMIN, **keys}
    with override_settings(
        ALLOWED_HOSTS=[".example.net"], CORSADMIN=found, FORCE_SCRIPT_NAME=mount.forced
    ):
        yield


def policies(rng: random.Random) -> Any:
    """Return a snapshot of the platform and two tenants."""
    slugs = ("platform", "acme", "rival")
    hosts: tuple[list[str], ...] = ([], [HOSTS[0]], [HOSTS[1]])
    return snapshot(
        *(
            record(slug, rules=_rules(rng), origins=_entries(rng), hosts=own, inherits=_maybe(rng))
            for slug, own in zip(slugs, hosts, strict=True)
        )
    )


def call(rng: random.Random, mount: Mount) -> Question:
    """Return a call, with the address that a browser shows."""
    prefix = mount.forced or mount.served
    tenant = rng.choice(["", "acme", "acme", "rival", "ACME"])
    return Question(
        host=rng.choice(
            [*HOSTS, *HOSTS, *HOSTS, "ACME.example.net:443", "no.example.net", "evil.example"]
        ),
        path=prefix + rng.choice(ASKED),
        origin=rng.choice(ORIGINS),
        method=rng.choice(METHODS),
        headers=rng.choice(HEADERS) | ({"X-Tenant": tenant} if tenant else {}),
        scheme=rng.choice(["https", "https", "http"]),
        credentials=_maybe(rng),
        script_prefix=mount.served,
    )


def requests_of(
    question: Question, mount: Mount, gateway: tuple[str, ...]
) -> Iterator[WSGIRequest]:
    """Yield what reaches Django of a call: the preflight, where a browser sends one, and the call."""
    passed = {name: value for name, value in question.headers.items() if name in gateway}
    page = {name: value for name, value in question.headers.items() if name not in gateway}
    page = {name: value for name, value in page.items() if browser.is_settable(name)}
    asked = browser.fetch_request(question.origin, question.method, page)
    if asked.needs_preflight and question.origin and not question.is_same_origin:
        names = {"Access-Control-Request-Headers": ",".join(asked.unsafe)} if asked.unsafe else {}
        flight = {"Access-Control-Request-Method": asked.method, **names}
        yield _received(question, mount, "OPTIONS", {**passed, **flight})
    yield _received(question, mount, asked.method, {**passed, **page})


class Compared(NamedTuple):
    """A call with the answers that are said and that are sent, and whether the page may read."""

    question: Question
    said: list[tuple[object, int, dict[str, str]]]
    sent: list[tuple[object, int, dict[str, str]]]
    is_allowed: bool
    may_read: bool

    @property
    def agrees(self) -> bool:
        """Report whether everything that is said of the call is true."""
        return self.said == self.sent and self.is_allowed == self.may_read


def compare(rng: random.Random, resolver: str, mount: Mount, sets: int) -> Iterator[Compared]:
    """Yield CALLS calls for each of so many sets of policies, on one kind of site."""
    with site(resolver, mount):
        middleware: Any = CorsMiddleware(lambda _request: HttpResponse(status=299))
        for _number in range(sets):
            held = policies(rng)
            # The store would read the policies from the database.
            middleware.current = partial(View, DecisionCache(held), None)
            for _call in range(CALLS):
                yield _compared(call(rng, mount), mount, held, middleware)


def _compared(question: Question, mount: Mount, held: Snapshot, middleware: Any) -> Compared:
    said = judge_call(question, held, using="default", visible=None)
    answers = [one for one in (said.preflight, said.actual) if one is not None]
    sent = []
    for request in requests_of(question, mount, middleware.resolver.vary):
        response = middleware(request)
        decision: Any = request.cors  # type: ignore[attr-defined]
        sent.append((decision, response.status_code, cors_headers(response.headers)))
    return Compared(
        question,
        [(one.decision, one.status or 299, cors_headers(one.headers)) for one in answers],
        sent,
        said.is_allowed,
        _may_read(question, sent),
    )


def _may_read(question: Question, sent: list[tuple[Any, int, dict[str, str]]]) -> bool:
    """Report whether a browser lets the page read, by the headers alone."""
    if not question.origin or question.is_same_origin:
        return True
    for _decision, _status, headers in sent:
        origin = headers.get("access-control-allow-origin")
        allowed = {question.origin} if question.credentials else {question.origin, "*"}
        if origin not in allowed:
            return False
        if question.credentials and headers.get("access-control-allow-credentials") != "true":
            return False
    return len(sent) == 1 or sent[0][1] == 204


def _received(
    question: Question, mount: Mount, method: str, headers: dict[str, str]
) -> WSGIRequest:
    """Return a request as a server hands it to Django, after a proxy took off a forced prefix."""
    path = question.path.partition("?")[0].removeprefix(mount.forced or mount.served)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": mount.served,
        "PATH_INFO": path.replace("%61", "a"),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "wsgi.url_scheme": question.scheme,
        "wsgi.input": io.BytesIO(),
        "HTTP_HOST": question.host,
    }
    if question.origin:
        environ["HTTP_ORIGIN"] = question.origin
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return WSGIRequest(environ)


def _rules(rng: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "path": path,
            "methods": rng.choice(LISTED) if rng.random() < 0.98 else ["get"],
            "request_headers": rng.choice(NAMES) if rng.random() < 0.98 else ["X-A:"],
            "exposed_headers": rng.choice([[], [], ["x-total"], ["*"]]),
            "credentials": _maybe(rng),
            "exclusive": rng.random() < 0.2,
            "any_origin": rng.random() < 0.15,
            "refuse_unlisted": _maybe(rng),
            "max_age": rng.choice([None, 0, 600]),
        }
        for path in sorted(
            {*rng.sample(PATHS, rng.randrange(4)), rng.choice(["/", "/api/", "bad"])}
        )
    ]


def _entries(rng: random.Random) -> list[tuple[str, Allowance]]:
    scopes, moments = ["", "", "", "/api/", "/api/x"], [None, None, None, 10.0, 9e9]
    return [
        (
            rng.choice(PATTERNS),
            Allowance(_maybe(rng), rng.choice(scopes), rng.choice(moments), rng.choice(moments)),
        )
        for _number in range(rng.randrange(5))
    ]


def _maybe(rng: random.Random) -> bool:
    return rng.random() < 0.5
