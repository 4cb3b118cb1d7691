"""Comparisons that tests share: all CORS headers of a response, and the values that sentences hold."""

from collections.abc import Iterable, Mapping, Sequence

PREFLIGHT_VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"


def cors_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return every Access-Control-* header and Vary, names in lower case."""
    return {
        name.lower(): value
        for name, value in headers.items()
        if name.lower().startswith("access-control-") or name.lower() == "vary"
    }


def assert_cors(
    headers: Mapping[str, str],
    *,
    origin: str | None = None,
    credentials: bool = False,
    methods: str | None = None,
    request_headers: str | None = None,
    exposed: str | None = None,
    max_age: str | None = None,
    vary: str | None = "Origin",
) -> None:
    """Assert that exactly these CORS headers are there, and no other one."""
    expected = {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true" if credentials else None,
        "access-control-allow-methods": methods,
        "access-control-allow-headers": request_headers,
        "access-control-expose-headers": exposed,
        "access-control-max-age": max_age,
        "vary": vary,
    }
    found = cors_headers(headers)

    assert found == {name: value for name, value in expected.items() if value is not None}


def assert_no_cors(headers: Mapping[str, str], *, vary: str | None = "Origin") -> None:
    """Assert that no Access-Control-* header is there and Vary is what is expected."""
    assert_cors(headers, vary=vary)


def assert_hold(sentences: Sequence[str], expected: Iterable[Iterable[str]]) -> None:
    """Assert that there is a sentence for each group of values, in this order, and holds them.

    Wording is for tests/messages to review; tests look for the values of the case.
    """
    for sentence, values in zip(sentences, expected, strict=True):
        assert [value for value in values if value not in sentence] == []
