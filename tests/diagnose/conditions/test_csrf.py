"""CSRF_TRUSTED_ORIGINS covers the origins that Django's own check lets pass."""

import pytest
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.test import RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st

from corsadmin.diagnose.conditions.csrf import is_trusted

ORIGINS = [
    "https://app.example.com",
    "https://app.example.com:8443",
    "http://app.example.com",
    "https://example.com",
    "https://a.b.example.com",
    "https://badexample.com",
    "https://example.com.evil.example",
    "capacitor://localhost",
    "null",
]
TRUSTED = [
    "https://app.example.com",
    "https://*.example.com",
    "https://*.EXAMPLE.com",
    "https://*.example.com:8443",
    "http://*.example.com",
    "capacitor://localhost",
    "https://example.com",
    "https://*example.com",
]


def django_trusts(origin: str, trusted: list[str]) -> bool:
    """Ask Django's own middleware; it answers with the missing cookie once the origin has passed."""
    with override_settings(CSRF_TRUSTED_ORIGINS=trusted, ALLOWED_HOSTS=["api.example.org"]):
        request = RequestFactory().post("/", HTTP_HOST="api.example.org", HTTP_ORIGIN=origin)
        check = CsrfViewMiddleware(lambda _request: HttpResponse())
        answer = check.process_view(request, lambda _request: HttpResponse(), (), {})
    assert answer is not None
    return b"cookie" in answer.content.lower()


@pytest.mark.slow
@given(st.sampled_from(ORIGINS), st.lists(st.sampled_from(TRUSTED), max_size=3))
def test_an_origin_is_trusted_as_django_trusts_it(origin, trusted):
    assert is_trusted(origin, trusted) is django_trusts(origin, trusted)


@pytest.mark.parametrize(
    ("origin", "trusted", "expected"),
    [
        pytest.param("https://example.com", ["https://*.example.com"], True, id="the apex"),
        pytest.param("https://a.example.com:81", ["https://*.example.com"], False, id="a port"),
        pytest.param("http://a.example.com", ["https://*.example.com"], False, id="a scheme"),
        pytest.param("https://a.example.com", ["https://*.EXAMPLE.com"], True, id="upper case"),
        pytest.param("https://a.example.com", [], False, id="none"),
    ],
)
def test_examples(origin, trusted, expected):
    assert is_trusted(origin, trusted) is expected
