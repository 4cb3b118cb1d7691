"""The demo's API: every answer and every error a caller can meet."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client

from project import views

pytestmark = pytest.mark.django_db

LIMIT = 1_000_000


def padded(size: int) -> bytes:
    """Return a valid body of exactly this many bytes."""
    body = b'{"name": "Ada"}'
    return body + b" " * (size - len(body))


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "STREAM_PAUSE", 0)


@pytest.mark.parametrize(
    ("body", "greeting", "lang"),
    [
        pytest.param({"name": "Ada"}, "Hello, Ada!", "en", id="English unless asked"),
        pytest.param({"name": "Ada", "lang": "en"}, "Hello, Ada!", "en", id="English"),
        pytest.param({"name": "Ada", "lang": "es"}, "¡Hola, Ada!", "es", id="Spanish"),
        pytest.param({"name": "Ada", "lang": "fr"}, "Bonjour, Ada !", "fr", id="French"),
        pytest.param({"name": "  Zoë "}, "Hello, Zoë!", "en", id="spaces around the name go"),
        pytest.param({"name": "{0} <b>"}, "Hello, {0} <b>!", "en", id="the name is only text"),
        pytest.param({"name": "\ud800"}, "Hello, \ud800!", "en", id="half a surrogate pair"),
        pytest.param({"name": "Ada", "age": 36}, "Hello, Ada!", "en", id="other keys are ignored"),
    ],
)
def test_greet_answers_in_the_language_asked_for(
    client: Client, body: object, greeting: str, lang: str
) -> None:
    response = client.post("/greet", json.dumps(body), content_type="application/json")

    assert response.status_code == 200
    assert response.json() == {"greeting": greeting, "lang": lang}


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        pytest.param(b"", 400, "not JSON", id="no body"),
        pytest.param(b"{", 400, "not JSON", id="broken JSON"),
        pytest.param(b'{"name": "\xff"}', 400, "not JSON", id="not UTF-8"),
        pytest.param(b"[" * 100_000, 400, "not JSON", id="brackets without end"),
        pytest.param(b"1" * 100_000, 400, "not JSON", id="a number without end"),
        pytest.param(b'["Ada"]', 400, "not a JSON object", id="a list"),
        pytest.param(b"null", 400, "not a JSON object", id="null"),
        pytest.param(b"{}", 400, "Give a name", id="no name"),
        pytest.param(b'{"name": ""}', 400, "Give a name", id="empty name"),
        pytest.param(b'{"name": " \\t"}', 400, "Give a name", id="blank name"),
        pytest.param(b'{"name": null}', 400, "Give a name", id="name is null"),
        pytest.param(b'{"name": 5}', 400, "Give a name", id="name is a number"),
        pytest.param(b'{"name": ["A"]}', 400, "Give a name", id="name is a list"),
        pytest.param(b'{"name": "A", "lang": "de"}', 400, "en, es, fr", id="other language"),
        pytest.param(b'{"name": "A", "lang": "EN"}', 400, "en, es, fr", id="language in capitals"),
        pytest.param(b'{"name": "A", "lang": ""}', 400, "en, es, fr", id="empty language"),
        pytest.param(b'{"name": "A", "lang": null}', 400, "en, es, fr", id="language is null"),
        pytest.param(b'{"name": "A", "lang": ["en"]}', 400, "en, es, fr", id="language is a list"),
        pytest.param(padded(LIMIT + 1), 413, "over 1,000,000 bytes", id="one byte too many"),
        pytest.param(b"x" * 12 * LIMIT, 413, "over 1,000,000 bytes", id="more than is read"),
    ],
)
def test_greet_refuses_with_an_error_in_json(
    client: Client, body: bytes, status: int, error: str
) -> None:
    response = client.post("/greet", body, content_type="application/json")

    assert response.status_code == status
    assert list(response.json()) == ["error"]
    assert error in response.json()["error"]


def test_greet_reads_a_body_of_exactly_the_limit(client: Client) -> None:
    response = client.post("/greet", padded(LIMIT), content_type="application/json")

    assert response.status_code == 200


class BrokenBody(io.BytesIO):
    def read(self, *_args: object) -> bytes:
        message = "the client went away"
        raise ConnectionResetError(message)


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        pytest.param({"CONTENT_LENGTH": ""}, 400, id="no length: an empty body to Django"),
        pytest.param({"CONTENT_LENGTH": "abc"}, 400, id="length is no number"),
        pytest.param({"CONTENT_LENGTH": "-1"}, 400, id="length is negative"),
        pytest.param({"CONTENT_LENGTH": "4"}, 400, id="length is too short"),
        pytest.param({"CONTENT_LENGTH": "5000000"}, 200, id="length is too long, the body ends"),
        pytest.param(
            {"CONTENT_LENGTH": "", "wsgi.input_terminated": True}, 200, id="chunked, with an end"
        ),
        pytest.param(
            {
                "CONTENT_LENGTH": "",
                "wsgi.input_terminated": True,
                "wsgi.input": io.BytesIO(padded(LIMIT + 1)),
            },
            413,
            id="chunked, over the limit",
        ),
        pytest.param({"wsgi.input": BrokenBody()}, 400, id="the connection breaks"),
    ],
)
def test_greet_counts_what_arrives_whatever_the_length_says(
    environ: dict[str, Any], status: int
) -> None:
    body = padded(100)
    whole: dict[str, Any] = {"wsgi.input": io.BytesIO(body), **environ}

    response = Client().generic("POST", "/greet", body, **whole)

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("size", "status"),
    [
        pytest.param(LIMIT, 200, id="at the limit"),
        pytest.param(LIMIT + 1, 413, id="one byte too many"),
    ],
)
def test_greet_keeps_its_limit_under_asgi(size: int, status: int) -> None:
    post = async_to_sync(AsyncClient().post)

    response = post("/greet", padded(size), content_type="application/json")

    assert response.status_code == status


def test_greet_needs_no_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post("/greet", b'{"name": "Ada"}', content_type="application/json")

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("path", "method", "allow"),
    [
        *[
            pytest.param("/greet", method, "POST", id=f"{method} /greet")
            for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW")
        ],
        *[
            pytest.param(path, method, "GET, HEAD", id=f"{method} {path}")
            for path in ("/orders", "/stream")
            for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW")
        ],
    ],
)
def test_other_methods_are_refused_and_the_right_ones_named(
    client: Client, path: str, method: str, allow: str
) -> None:
    response = client.generic(method, path)

    assert response.status_code == 405
    assert response.headers["Allow"] == allow
    assert response.headers["Content-Type"] == "application/json"


def test_orders_are_listed_with_their_total(client: Client) -> None:
    response = client.get("/orders")

    assert response.status_code == 200
    assert len(response.json()["orders"]) == 3
    assert response.headers["X-Total-Count"] == "3"


def test_orders_say_whether_the_cookie_came_back(client: Client) -> None:
    first, second = client.get("/orders"), client.get("/orders")

    assert first.json()["cookie_seen"] is False
    assert second.json()["cookie_seen"] is True
    assert first.cookies[views.VISITOR_COOKIE]["samesite"] == "Lax"
    assert first.cookies[views.VISITOR_COOKIE]["httponly"]


LINES = [f"line {number} of 5\n" for number in range(1, 6)]


def test_stream_sends_one_line_after_another(client: Client, no_pause: None) -> None:
    response: Any = client.get("/stream")

    assert isinstance(response.streaming_content, Iterator)
    assert [chunk.decode() for chunk in response.streaming_content] == LINES
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_stream_sends_one_line_after_another_under_asgi(no_pause: None) -> None:
    async def read() -> list[str]:
        response: Any = await AsyncClient().get("/stream")
        assert response.is_async
        return [chunk.decode() async for chunk in response.streaming_content]

    assert async_to_sync(read)() == LINES


def test_head_of_the_stream_has_no_body(client: Client) -> None:
    response = client.head("/stream")

    assert response.status_code == 200
    assert response.content == b""


def test_the_index_page_leads_to_the_front_end_and_the_admin(client: Client) -> None:
    response = client.get("/", headers={"host": "localhost:8000"})

    page = response.content.decode()
    assert response.status_code == 200
    assert 'href="http://localhost:1234/?api=http%3A%2F%2Flocalhost%3A8000"' in page
    assert 'href="/admin/"' in page


def test_a_foreign_host_gets_no_page_and_no_crash(client: Client) -> None:
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400
