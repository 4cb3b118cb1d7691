"""The admin's page that asks a live server: who may open it, and what it shows of the answers."""

from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import grant, log_in
from tests.admin.live_servers import ADDRESS, ALLOWED, PAGE, ask, server
from tests.asserts import assert_hold
from tests.factories import TenantMemberFactory, UserFactory, make_site
from tests.internet import Internet, internet
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow

__all__ = ["internet", "server"]

WITH_COOKIES = ("Access-Control-Allow-Credentials", "true")

PEOPLE = {
    "the permission and a view of tenants": (["probe_servers", "view_tenant"], "", 200),
    "the permission, as a viewer of a tenant": (["probe_servers"], "viewer", 200),
    "the permission, and no tenant to see": (["probe_servers"], "", 403),
    "all other special permissions": (
        ["view_tenant", "change_platform", "accept_risk", "allow_any_origin"],
        "",
        403,
    ),
    "an editor of a tenant": ([], "editor", 403),
    "nothing": ([], "", 403),
}


@pytest.mark.parametrize(("codenames", "role", "status"), PEOPLE.values(), ids=PEOPLE)
def test_who_may_ask(db: None, server: Any, codenames: list[str], role: str, status: int) -> None:
    user = grant(UserFactory(), *codenames)
    if role:
        TenantMemberFactory(tenant=make_site(), user=user, role=role)
    client = log_in(user)

    opened = client.get(ADDRESS).status_code
    sent = client.post(ADDRESS, {"url": server.url, "origin": PAGE}).status_code

    assert (opened, sent) == (status, status)
    assert bool(server.asked) is (status == 200)


def test_somebody_who_is_not_logged_in_is_sent_to_the_log_in(db: None, server: Any) -> None:
    response = Client().post(ADDRESS, {"url": server.url, "origin": PAGE})

    assert response.status_code == 302
    assert server.asked == []


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
def test_only_a_form_that_was_sent_asks(superuser: Client, server: Any, method: str) -> None:
    getattr(superuser, method)(f"{ADDRESS}?url={server.url}&origin={PAGE}")

    assert server.asked == []


def test_a_form_of_another_site_asks_nobody(db: None, server: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(is_superuser=True))

    response = client.post(ADDRESS, {"url": server.url, "origin": PAGE})

    assert response.status_code == 403
    assert server.asked == []


def test_links_fill_in_the_form(superuser: Client) -> None:
    query = "url=https://api.example/x&origin=https://app.example&method=PUT&credentials=on&q=1"

    form = superuser.get(f"{ADDRESS}?{query}").context["form"]

    assert form.initial == {
        "url": "https://api.example/x",
        "origin": "https://app.example",
        "method": "PUT",
        "credentials": "on",
    }


PUT_ALLOWED = (204, [ALLOWED, ("Access-Control-Allow-Methods", "PUT")])
VERDICTS = {
    "allowed": (
        {"GET": (200, [ALLOWED])},
        {},
        ("Allowed", "probe-readable", {"method": "GET", "status": 200}),
    ),
    "blocked": (
        {"GET": (200, [])},
        {},
        ("Blocked", "probe-hidden", {"method": "GET", "status": 200}),
    ),
    "not sent": (
        {"OPTIONS": PUT_ALLOWED},
        {"method": "PUT"},
        ("Undecided", "probe-preflight-allowed", {"method": "PUT"}),
    ),
    "sent": (
        {"OPTIONS": PUT_ALLOWED, "PUT": (502, [])},
        {"method": "PUT", "send": "on"},
        ("Blocked", "probe-hidden", {"method": "PUT", "status": 502}),
    ),
}


@pytest.mark.parametrize(("answers", "fields", "expected"), VERDICTS.values(), ids=VERDICTS)
def test_verdicts(superuser: Client, server: Any, answers: Any, fields: Any, expected: Any) -> None:
    word, code, values = expected
    server.script = answers

    shown = ask(superuser, server.url, **fields)

    assert str(shown["verdict"].word) == word
    assert_says(shown["verdict"].sentence, code, **values)
    assert bool(shown["verdict"].more) is (word == "Undecided")


def test_what_is_sent_is_what_the_form_says(superuser: Client, server: Any) -> None:
    server.script = {
        "OPTIONS": (
            204,
            [ALLOWED, WITH_COOKIES, ("Access-Control-Allow-Headers", "x-a,x-b,authorization")],
        ),
        "GET": (200, [ALLOWED, WITH_COOKIES]),
    }
    lines = "X-A: 1\nX-B\nAuthorization: Bearer secret\nCookie: a=b"

    shown = ask(superuser, f"{server.url}/api/?page=2", headers=lines, credentials="on")

    (_, path, preflight), (method, _, sent), *_ = server.asked
    assert (path, method, sent["X-A"], sent["X-B"]) == ("/api/?page=2", "GET", "1", "")
    assert preflight["Access-Control-Request-Headers"] == "authorization,x-a,x-b"
    assert {"Authorization", "Cookie"}.isdisjoint(sent)
    assert (shown["outcome"].left_out, shown["outcome"].dropped) == (
        ["authorization", "cookies"],
        ["Cookie"],
    )


def test_the_walk_of_redirects_and_the_observations_are_shown(
    superuser: Client, server: Any
) -> None:
    server.script = {
        "GET /": (302, [ALLOWED, WITH_COOKIES, ("Location", "/next")]),
        "GET /next": (200, [("Access-Control-Allow-Origin", "*")]),
    }

    response = superuser.post(ADDRESS, {"url": server.url, "origin": PAGE, "credentials": "on"})

    assert str(response.context["verdict"].word) == "Blocked"
    assert f"redirected from &#x27;{server.url}/&#x27;" in response.content.decode()
    assert [
        (str(step.kind), step.url, step.status, step.headers) for step in response.context["steps"]
    ] == [
        (
            "Request",
            f"{server.url}/",
            302,
            {
                "access-control-allow-origin": PAGE,
                "access-control-allow-credentials": "true",
                "location": "/next",
            },
        ),
        ("Request", f"{server.url}/next", 200, {"access-control-allow-origin": "*"}),
        ("Comparison", f"{server.url}/next", 200, {"access-control-allow-origin": "*"}),
        ("Comparison", f"{server.url}/next", 200, {"access-control-allow-origin": "*"}),
    ]
    assert [step.origin for step in response.context["steps"]] == [
        f"Origin: {PAGE}",
        f"Origin: {PAGE}",
        "Origin: https://corsadmin-probe.invalid",
        "",
    ]
    assert [found.code for found in response.context["outcome"].observations] == [
        "wildcard-credentials"
    ]


def test_nothing_of_an_answer_becomes_markup(superuser: Client, server: Any) -> None:
    hostile = "<script>alert(1)</script>"
    server.script = {
        "GET": (302, [ALLOWED, ("Location", f"/{hostile}"), ("Vary", hostile)]),
        f"GET /{hostile}": (200, [("Access-Control-Allow-Origin", hostile)]),
    }

    response = superuser.post(ADDRESS, {"url": server.url, "origin": PAGE})

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in response.content.decode()
    assert hostile not in response.content.decode()


def test_many_paths_become_a_table(superuser: Client, server: Any) -> None:
    server.script = {
        "GET /open": (200, [ALLOWED]),
        "OPTIONS /open": (204, [ALLOWED, ("Access-Control-Allow-Methods", "PUT")]),
    }
    paths = "/open\nPUT /open\n/<b>closed"

    shown = ask(superuser, server.url, paths=paths)

    assert [
        (str(verdict.word), call.method, call.path, statuses, len(observed))
        for verdict, call, statuses, observed in shown["rows"]
    ] == [
        ("Allowed", "GET", "/open", "200", 0),
        ("Undecided", "PUT", "/open", "204", 0),
        ("Blocked", "GET", "/<b>closed", "404", 1),
    ]
    assert [count for _mark, _word, count in shown["counts"]] == [1, 1, 1]


@pytest.mark.parametrize(
    ("field", "fields", "values"),
    [
        pytest.param("origin", {"origin": ""}, [], id="no page"),
        pytest.param("origin", {"origin": "https://ä.example\x1b"}, [], id="not a page"),
        pytest.param("method", {"method": "G T"}, [], id="not a method"),
        pytest.param("url", {"method": "TRACE"}, ["TRACE"], id="no page can send it"),
        pytest.param("headers", {"headers": "a b: c"}, [], id="not a header"),
        pytest.param("headers", {"headers": "x-a: ä"}, [], id="not a value"),
        pytest.param("paths", {"paths": "orders"}, ["Line 1", "orders"], id="not a path"),
        pytest.param("paths", {"paths": "/a\n" * 201}, ["201", "200"], id="too many paths"),
        pytest.param("url", {"url": "https://api.example/x", "paths": "/a"}, ["/x"], id="no site"),
        pytest.param("url", {"url": "https://" + "a" * 4096}, ["4096"], id="a long URL"),
    ],
)
def test_forms_that_ask_nobody(
    superuser: Client, internet: Internet, field: str, fields: dict[str, str], values: list[str]
) -> None:
    given = {"url": "https://api.example", "origin": PAGE, **fields}

    form = superuser.post(ADDRESS, given).context["form"]

    assert list(form.errors) == [field]
    assert_hold(form.errors[field], [values])
    assert internet.connected == []
