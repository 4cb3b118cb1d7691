"""What is kept of an origin, and of the names that a preflight asks for."""

import pytest

from corsadmin.engine import Reason
from corsadmin.engine.origins import parse_origin
from corsadmin.sightings.claims import LOCAL_ORIGIN, asked_headers, asked_method, kept_origin


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "https://localhost:8443",
        "http://127.0.0.1",
        "http://127.0.0.1:5173",
        "http://192.168.0.17:8080",
        "https://10.1.2.3",
        "http://172.16.9.9:3000",
        "http://169.254.1.1",
        "http://[::1]:3000",
        "http://[fd00::1]",
        "http://[fe80::1]",
    ],
)
def test_a_developers_machine_is_one_origin(origin: str) -> None:
    assert kept(origin) == LOCAL_ORIGIN


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param("https://localhost", id="an application's page"),
        pytest.param("http://localhost", id="another application's page"),
        "capacitor://localhost",
        "http://tauri.localhost",
        pytest.param("app://127.0.0.1", id="an application's host"),
        "https://app.example.com",
        "https://app.example.com:8443",
        "https://8.8.8.8",
        pytest.param("https://10.example.com", id="a name that begins like an address"),
    ],
)
def test_any_other_origin_stays_itself(origin: str) -> None:
    assert kept(origin) == origin


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://a.b.example.co.uk:8443", "https://example.co.uk"),
        ("https://me.github.io", "https://me.github.io"),
        ("http://8.8.8.8:81", "http://8.8.8.8"),
        ("http://localhost:3000", LOCAL_ORIGIN),
        ("app://x.y", "app://x.y"),
    ],
)
def test_without_a_rule_only_the_registrable_domain_is_kept(origin: str, expected: str) -> None:
    assert kept(origin, Reason.NO_RULE) == expected


def test_a_kept_origin_is_one_that_browsers_send() -> None:
    assert parse_origin(LOCAL_ORIGIN) == ("http", "127.0.0.1", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PUT", "PUT"),
        ("patch", "patch"),
        ("", ""),
        ("P T", ""),
        ("X" * 64, "X" * 64),
        ("X" * 65, ""),
    ],
)
def test_methods(text: str, expected: str) -> None:
    assert asked_method(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param("X-A, x-b,x-a", ("x-a", "x-b"), id="lower case, once each"),
        pytest.param("x a", (), id="malformed"),
        pytest.param("x-" + "a" * 38 + ",x-" + "b" * 39, ("x-" + "a" * 38,), id="one too long"),
    ],
)
def test_header_names(text: str, expected: tuple[str, ...]) -> None:
    assert asked_headers(text) == expected


def kept(origin: str, reason: Reason = Reason.ORIGIN_NOT_LISTED) -> str:
    parts = parse_origin(origin)
    assert parts is not None
    return kept_origin(origin, parts, reason)
