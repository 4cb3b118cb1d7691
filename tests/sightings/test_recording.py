"""What a request leaves in the ring: sync and async, and what it does not."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from corsadmin import sightings
from corsadmin.engine import Decision, Reason
from corsadmin.middleware import CorsMiddleware
from corsadmin.models import Tenant, Traffic
from corsadmin.serving.state import View
from corsadmin.serving.store import process_store
from corsadmin.sightings.recording import recorder
from corsadmin.sightings.ring import Item, process_ring
from tests.conformance.wire import Ask, ask_asgi, ask_wsgi
from tests.factories import make_site

pytestmark = pytest.mark.slow

APP = "https://app.example.com"
EVIL = "https://evil.example"
HOST = "acme.example.net"
NEW = "new.example.net"
PREFLIGHT = {"access-control-request-method": "DELETE", "access-control-request-headers": "x-a"}

PREFLIGHT_GET = {"access-control-request-method": "GET"}

Left = Callable[..., list[Item]]


@pytest.fixture
def acme(db: None, settings: Any, new_process: None) -> Tenant:
    settings.ALLOWED_HOSTS = [".example.net"]
    site: Tenant = make_site(
        origins=[APP, "https://*.wild.example"],
        paths=[{"path": "/api/"}, {"path": "/open/", "any_origin": True}],
    )
    return site


class Held:
    """A store whose policies are those of the moment when it was made."""

    def __init__(self, reason: Reason | None = None) -> None:
        self.view = View(
            None if reason is Reason.NOT_READY else process_store.current().cache, reason
        )

    def current(self) -> View:
        return self.view

    async def acurrent(self) -> View:
        return self.view


@pytest.fixture(params=[ask_wsgi, ask_asgi], ids=["sync", "async"])
def left(request: pytest.FixtureRequest, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> Left:
    """Send a request, and return what it left in the ring."""
    store: list[Held] = []

    def send(
        origin: str | None, path: str = "/api/x", method: str = "GET", host: str = HOST, **more: str
    ) -> list[Item]:
        if not store:
            store.append(Held())
            monkeypatch.setattr("corsadmin.middleware.process_store", store[0])
        # A new string each time, as servers make it.
        given = more if origin is None else {**more, "origin": "".join(list(origin))}
        request.param(Ask(method=method, path=path, host=host, headers=list(given.items())))
        return process_ring.drain()

    return send


def test_an_allowed_call_leaves_the_decision_that_others_share(left: Left) -> None:
    left(APP), left(APP), left(APP)  # kept as soon as it is asked for again

    [first], [second] = left(APP), left(APP)

    assert isinstance(first, Decision)
    assert (first.tenant, first.rule, first.entry) == ("acme", "/api/", APP)
    assert second is first


def test_a_decision_made_for_one_request_leaves_a_text(left: Left, acme: Tenant) -> None:
    acme.origins.create(pattern="https://late.example", scope="/api/late/")
    left(APP), left(APP)

    assert left(APP) == [f"acme\nallowed\ncall\t\n/api/\n\n{APP}\n{APP}"]


@pytest.mark.parametrize(
    ("origin", "request_", "expected"),
    [
        pytest.param(EVIL, {}, f"acme\norigin-not-listed\ncall\t\n/api/\n{EVIL}", id="refused"),
        pytest.param("null", {}, "acme\norigin-null\ncall\t\n/api/\nnull", id="null"),
        pytest.param(
            EVIL, {"method": "OPTIONS", **PREFLIGHT},
            f"acme\norigin-not-listed\npreflight\t\n/api/\n{EVIL}\nDELETE\nx-a", id="a refused preflight",
        ),
        pytest.param(
            APP, {"method": "OPTIONS", "access-control-request-method": "GET"},
            f"acme\nallowed\npreflight\t\n/api/\n\n{APP}\n\nGET\n", id="an allowed preflight",
        ),
        pytest.param(EVIL, {"path": "/none"}, f"acme\nno-rule\ncall\t\n\n{EVIL}", id="no rule"),
        pytest.param(
            "http://acme.example.net:81", {"path": "/none"},
            "acme\nno-rule\ncall\t\n\nhttp://acme.example.net:81", id="another port, no rule",
        ),
        pytest.param(
            EVIL, {"host": NEW}, "\nno-tenant\ncall\t\n\nnew.example.net", id="a host without a tenant"
        ),
    ],
)  # fmt: skip
def test_other_calls_leave_a_text(
    left: Left, origin: str, request_: dict[str, str], expected: str
) -> None:
    assert left(origin, **request_) == [expected]


@pytest.mark.parametrize(
    ("origin", "request_"),
    [
        pytest.param(None, {}, id="no Origin"),
        pytest.param("", {}, id="a blank Origin"),
        pytest.param(None, {"path": "/none"}, id="no Origin where no rule is"),
        pytest.param(None, {"host": NEW}, id="no Origin and no tenant"),
        pytest.param("http://acme.example.net", {}, id="the site's own page"),
        pytest.param("http://acme.example.net", {"path": "/none"}, id="its own page, no rule"),
        pytest.param(
            "https://acme.example.net", {"path": "/none"}, id="its own page, TLS ends before"
        ),
        pytest.param("http://new.example.net", {"host": NEW}, id="an own page, no tenant"),
        pytest.param(None, {"path": "/open/"}, id="no Origin where any may call"),
    ],
)
def test_nothing_is_left(left: Left, origin: str | None, request_: dict[str, str]) -> None:
    assert left(origin, **request_) == []


def test_a_host_that_django_refuses_leaves_no_name(left: Left) -> None:
    assert left(EVIL, host="acme.example.net.evil") == ["\nno-tenant\ncall\t\n\n"]


def test_where_any_origin_may_call_one_in_64_leaves_its_origin(left: Left) -> None:
    items = [left(EVIL, path="/open/x")[0] for _ in range(128)]

    texts = [item for item in items[64:] if isinstance(item, str)]
    assert texts == [f"acme\nallowed\ncall\t\n/open/\n\n*\n{EVIL}"]


@pytest.mark.parametrize(
    ("resolver", "name"),
    [("by_header", ""), ("by_path", ""), ("single", ""), ("by_subdomain", "new.example.net")],
)
def test_a_host_is_unknown_only_where_it_names_the_tenant(
    settings: Any, left: Left, resolver: str, name: str
) -> None:
    settings.CORSADMIN = {
        "TENANT_RESOLVER": f"corsadmin.tenants.{resolver}",
        "TENANT_BASE_DOMAIN": "example.net",
        "REFRESH_SECONDS": 0,
    }
    Tenant.objects.filter(slug="platform").update(is_active=False)

    assert left(EVIL, host=NEW) == [f"\nno-tenant\ncall\t\n\n{name}"]


def test_a_tenant_from_a_header_shares_its_decisions_too(settings: Any, left: Left) -> None:
    settings.CORSADMIN = {"TENANT_RESOLVER": "corsadmin.tenants.by_header", "REFRESH_SECONDS": 0}
    tenant = {"x-tenant": "acme"}
    left(APP, **tenant), left(APP, **tenant), left(APP, **tenant)

    [first], [second] = left(APP, **tenant), left(APP, **tenant)

    assert isinstance(first, Decision)
    assert first.vary == "Origin, X-Tenant"
    assert second is first


def test_where_it_is_off_nothing_is_left(settings: Any, left: Left) -> None:
    settings.CORSADMIN = {"SIGHTINGS": False, "REFRESH_SECONDS": 0}

    assert recorder() is None
    assert left(EVIL) == left(APP) == []


def fail(_request: HttpRequest, _policies: object) -> None:
    raise KeyError("SERVER_NAME")


def test_what_fails_the_resolver_does_not_fail_the_request(settings: Any, acme: Tenant) -> None:
    settings.CORSADMIN = {"TENANT_RESOLVER": f"{__name__}.fail", "REFRESH_SECONDS": 0}
    request = HttpRequest()  # without a host, and without a server's name
    request.META["HTTP_ORIGIN"] = EVIL

    CorsMiddleware(lambda _request: HttpResponse())(request)

    assert process_ring.drain() == ["\nno-tenant\ncall\t\n\n"]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason.NOT_READY, f"\nnot-ready\ncall\t\n\n{APP}"),
        (Reason.TOO_STALE, f"acme\ntoo-stale\ncall\t\n/api/\n{APP}"),
    ],
)
def test_policies_that_cannot_be_trusted(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch, reason: Reason, expected: str
) -> None:
    monkeypatch.setattr("corsadmin.middleware.process_store", Held(reason))

    ask_wsgi(Ask(path="/api/x", host=HOST, headers=[("origin", APP)]))

    assert process_ring.drain() == [expected]


def test_every_allowed_call_is_counted_once(left: Left, acme: Tenant) -> None:
    """Shared decisions, texts and preflights: as many as were sent, and not one more."""
    acme.origins.create(pattern="https://late.example", scope="/api/late/", credentials=True)
    sent = ((APP, "/api/x"), ("https://a.wild.example", "/api/x"), (EVIL, "/open/x"))
    items = [item for origin, path in sent for _ in range(30) for item in left(origin, path=path)]
    for origin, path in sent:
        items += left(origin, path=path, method="OPTIONS", **PREFLIGHT_GET)

    for item in items:
        process_ring.append(item)
    sightings.flush()

    allowed = Traffic.objects.get(tenant=acme, outcome="allowed")
    assert (len(items), allowed.calls, allowed.preflights) == (93, 90, 3)


def test_a_request_that_is_cancelled_is_recorded_once(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corsadmin.middleware.process_store", Held())
    request = HttpRequest()
    request.path_info = "/api/x"
    request.META.update({"HTTP_ORIGIN": EVIL, "HTTP_HOST": HOST})

    async def cancelled() -> None:
        begun = asyncio.Event()

        async def view(_request: HttpRequest) -> HttpResponse:
            begun.set()
            return await asyncio.Future[HttpResponse]()

        answer: Any = CorsMiddleware(view)(request)
        task = asyncio.ensure_future(answer)
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())

    assert process_ring.drain() == [f"acme\norigin-not-listed\ncall\t\n/api/\n{EVIL}"]
