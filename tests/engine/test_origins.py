"""Origins as browsers send them: taken apart, and told from what only resembles an entry."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corsadmin.engine.hosts import is_host
from corsadmin.engine.origins import MAX_ORIGIN_LENGTH, parse_origin
from corsadmin.engine.schemes import is_application, is_opaque_host
from corsadmin.engine.wildcards import candidates
from tests.engine import strategies

ORIGINS = json.loads((Path(__file__).parent / "vectors" / "origins.json").read_text())
ALLOWLIST = ["https://app.example.com", "https://*.example.org", "http://localhost:*"]


def is_allowed(origin: str, allowlist: list[str]) -> bool:
    """Decide as a snapshot does: look up the origin and its candidates."""
    parsed = parse_origin(origin)
    if parsed is None:
        return False
    return origin in allowlist or any(text in allowlist for text in candidates(*parsed))


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in ORIGINS])
def test_the_corpus_of_origins(row: dict[str, Any]) -> None:
    allowlist = row.get("allowlist", ALLOWLIST)

    assert is_allowed(row["origin"], allowlist) is (row["expect"] == "allow")
    if parse_origin(row["origin"]) is not None:
        assert row["browser"] or row["expect"] == "deny"


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("https://app.example.com", ("https", "app.example.com", "")),
        ("http://localhost:3000", ("http", "localhost", "3000")),
        ("http://[::1]", ("http", "[::1]", "")),
        ("http://[::1]:65535", ("http", "[::1]", "65535")),
        ("capacitor://localhost", ("capacitor", "localhost", "")),
        ("capacitor://localhost:443", ("capacitor", "localhost", "443")),
        ("https://app.example.com:80", ("https", "app.example.com", "80")),
        ("app://Main_1~:80", ("app", "Main_1~", "80")),
        ("a+b-c.1://x", ("a+b-c.1", "x", "")),
        ("x" * 322 + "://abcde", ("x" * 322, "abcde", "")),
    ],
)
def test_a_serialised_origin_is_taken_apart(text: str, parsed: tuple[str, str, str]) -> None:
    assert parse_origin(text) == parsed


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param("https://app.example.com.evil.com", id="V01 host goes on"),
        pytest.param("https://app.example.com-evil.com", id="V01 host goes on with a hyphen"),
        pytest.param("https://foo.example.org.evil.com", id="V01 host goes on below a wildcard"),
        pytest.param("https://evilexample.org", id="V02 no label boundary"),
        pytest.param("https://evilapp.example.com", id="V02 no label boundary before an entry"),
        pytest.param("https://example.community", id="V03 prefix"),
        pytest.param("http://localhost.example.com", id="V03 prefix of localhost"),
        pytest.param("https://appxexample.com", id="V04 dot as any character"),
        pytest.param("https://app.examplexcom", id="V04 last dot as any character"),
        pytest.param("*", id="V06 a star"),
        pytest.param("https://*.example.org", id="V06 the text of a wildcard"),
        pytest.param("http://localhost:*", id="V06 the text of a port wildcard"),
        pytest.param("http://[::1:3000", id="V11 bracket left open"),
        pytest.param("http://::1]:3000", id="V11 bracket never opened"),
        pytest.param("https://app.example.com\u2100", id="V11 a sign urlsplit chokes on"),
        pytest.param("http://192.168.evil.com", id="V12 looks private"),
        pytest.param("http://127.0.0.1.nip.io:3000", id="V12 looks like loopback"),
        pytest.param("https://" + "a" * 28 + "!", id="V13 backtracking"),
        pytest.param("x" * 323 + "://abcde", id="over the bound"),
        pytest.param("https://" + "a." * 5000, id="far over the bound"),
    ],
)
def test_an_origin_that_resembles_an_entry_is_denied(origin: str) -> None:
    assert not is_allowed(origin, ALLOWLIST)


@given(st.lists(st.text("abf", min_size=1, max_size=4), min_size=2, max_size=2))
def test_v05_two_entries_never_join(names: list[str]) -> None:
    allowlist = [f"https://{name}.com" for name in names]
    joined = f"https://{names[0]}{names[1]}.com"

    assert is_allowed(joined, allowlist) is (joined in allowlist)
    assert all(is_allowed(entry, allowlist) for entry in allowlist)


@given(strategies.origin_texts)
@example("https://[")
@example("https://]")
@example("http://a:]")
@example("https://a")
def test_parsing_never_raises_and_adds_nothing(text: str) -> None:
    parsed = parse_origin(text)

    if parsed is not None:
        scheme, host, port = parsed
        assert text == f"{scheme}://{host}" + (f":{port}" if port else "")
        assert text.isascii()
        assert is_opaque_host(host) if is_application(scheme) else is_host(host)
        assert len(text) <= MAX_ORIGIN_LENGTH
