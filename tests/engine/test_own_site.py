"""Which pages are the site's own, as far as a server can tell that sits behind a proxy."""

import pytest

from corsadmin.engine import CorsRequest

HTTP = "http://api.test"
HTTPS = "https://api.test"


@pytest.mark.parametrize(
    ("site", "origin", "expected"),
    [
        pytest.param(HTTPS, HTTPS, True, id="the same"),
        pytest.param(HTTP, HTTP, True, id="the same without TLS"),
        pytest.param(HTTP, HTTPS, True, id="TLS ends before the server"),
        pytest.param(HTTPS, HTTP, False, id="an http page never, where the server sees https"),
        pytest.param(f"{HTTPS}:443", HTTPS, True, id="the port of https in Host"),
        pytest.param(f"{HTTP}:80", HTTP, True, id="the port of http in Host"),
        pytest.param(f"{HTTP}:443", HTTPS, True, id="TLS ends before, its port stays in Host"),
        pytest.param(f"{HTTP}:80", HTTPS, True, id="TLS ends before, the proxy names its own port"),
        pytest.param(f"{HTTP}:443", HTTP, False, id="an http page is not on the port of https"),
        pytest.param(f"{HTTPS}:80", HTTPS, False, id="an https page is not on the port of http"),
        pytest.param(f"{HTTPS}:80", HTTP, False, id="not even an http page, where TLS is seen"),
        pytest.param(f"{HTTP}:8443", f"{HTTPS}:8443", True, id="TLS ends before, an odd port"),
        pytest.param(HTTP, f"{HTTPS}:8443", False, id="a port that the proxy drops"),
        pytest.param(f"{HTTP}:8000", f"{HTTP}:8000", True, id="an odd port"),
        pytest.param(f"{HTTP}:8000", HTTP, False, id="another port"),
        pytest.param(f"{HTTP}:8000", HTTPS, False, id="another port, with TLS"),
        pytest.param(HTTPS, "https://evil.api.test", False, id="a name below the host"),
        pytest.param(HTTP, "https://test", False, id="a name above the host"),
        pytest.param(HTTP, "ftp://api.test", False, id="another scheme"),
        pytest.param("http://[::1]:80", "https://[::1]", True, id="an address"),
        pytest.param("", "", False, id="no site and no origin"),
        pytest.param("", HTTPS, False, id="no site"),
        pytest.param("odd://api.test", "odd://api.test", True, id="a scheme of the server's own"),
    ],
)
def test_a_page_is_the_sites_own(site: str, origin: str, expected: bool) -> None:
    request = CorsRequest("/", "POST", origin, None, None, site)

    assert request.is_from_own_site is expected
