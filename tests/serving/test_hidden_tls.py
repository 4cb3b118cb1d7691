"""A proxy that ends TLS and says so, while Django sees http."""

import logging

import pytest
from django.test import RequestFactory

from corsadmin.serving.request import HIDDEN_TLS, _warn_of_hidden_tls, cors_request, tls_header

HOST = "t.example.net"


@pytest.fixture(autouse=True)
def nobody_was_warned():
    _warn_of_hidden_tls.cache_clear()
    yield
    _warn_of_hidden_tls.cache_clear()


def own(**extra):
    return RequestFactory().post("/", headers={"host": HOST, "origin": f"https://{HOST}"}, **extra)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        pytest.param("X-Forwarded-Proto", "https", "X-Forwarded-Proto", id="the usual header"),
        pytest.param("X-Forwarded-Proto", "HTTPS, http", "X-Forwarded-Proto", id="two proxies"),
        pytest.param("X-Forwarded-Proto", "http", "", id="no TLS"),
        pytest.param("X-Forwarded-Ssl", "on", "X-Forwarded-Ssl", id="Ssl: on"),
        pytest.param("Front-End-Https", "On", "Front-End-Https", id="Microsoft's"),
        pytest.param("X-Other", "https", "", id="another header"),
    ],
)
def test_the_header_of_a_proxy_says_that_there_was_tls(name, value, expected):
    request = RequestFactory().get("/", headers={name: value})

    assert tls_header(request.META) == expected


def test_the_log_names_the_setting_once(caplog, settings):
    settings.ALLOWED_HOSTS = [HOST]

    for _ in range(3):
        assert cors_request(own(HTTP_X_FORWARDED_PROTO="https")).site == f"http://{HOST}"

    assert [found.getMessage() for found in caplog.records] == [HIDDEN_TLS]
    assert caplog.records[0].levelno == logging.WARNING
    assert "SECURE_PROXY_SSL_HEADER" in HIDDEN_TLS


@pytest.mark.parametrize(
    ("header", "site"),
    [
        pytest.param(("HTTP_X_FORWARDED_PROTO", "https"), f"https://{HOST}", id="it is set"),
        pytest.param(None, f"http://{HOST}", id="there is no TLS"),
    ],
)
def test_nobody_is_warned_where_django_sees_what_browsers_use(caplog, settings, header, site):
    settings.ALLOWED_HOSTS = [HOST]
    settings.SECURE_PROXY_SSL_HEADER = header
    extra = {header[0]: header[1]} if header else {}

    assert cors_request(own(**extra)).site == site
    assert caplog.records == []
