"""What a call needs besides the policies, by what the settings say: each met, not met or not known."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsadmin.diagnose.conditions import BrowserCall, conditions_of
from corsadmin.diagnose.conditions.project_settings import CookieSettings, ProjectSettings
from tests.messages.screens import assert_says

APP = "https://app.example.com"
API = "https://api.example.com"
ELSEWHERE = "https://shop.example.org"


def project(
    samesite: str = "Lax",
    *,
    secure: bool = False,
    session: bool = True,
    csrf: bool = True,
    rest_framework: bool = False,
    csrf_cookie: bool = True,
    trusted: tuple[str, ...] = (),
) -> ProjectSettings:
    """Return settings in which both cookies are alike."""
    return ProjectSettings(
        session_cookie=CookieSettings("SESSION_COOKIE", samesite, secure) if session else None,
        csrf_cookie=CookieSettings("CSRF_COOKIE", samesite, secure) if csrf_cookie else None,
        trusted_origins=trusted,
        csrf_header="x-csrftoken",
        checks_csrf=csrf,
        has_rest_framework=rest_framework,
    )


def met(call: BrowserCall, settings: ProjectSettings) -> dict[str, bool | None]:
    return {found.code: found.met for found in conditions_of(call, settings)}


def sentence(call: BrowserCall, settings: ProjectSettings, code: str) -> str:
    return next(found.sentence for found in conditions_of(call, settings) if found.code == code)


def asking(page: str, address: str = API, method: str = "GET", **more: Any) -> BrowserCall:
    return BrowserCall(page, address, method, credentials=True, **more)


@pytest.mark.parametrize(
    ("page", "address", "settings", "expected", "said", "values"),
    [
        pytest.param(APP, API, project(), True, "condition-same-site", {"site": "https://example.com"}, id="one site"),
        pytest.param(
            APP, f"{API}:8443", project("Strict"), True, "condition-same-site", {}, id="one site, another port"
        ),
        pytest.param(APP, API, project(""), True, "condition-same-site", {}, id="one site, no attribute"),
        pytest.param(
            "http://localhost:3000", "http://localhost:8000", project(), True, "condition-same-site", {},
            id="two ports of localhost",
        ),
        pytest.param(
            "http://app.acme.localhost", "http://acme.localhost", project(), True, "condition-same-site", {},
            id="names below one of localhost",
        ),
        pytest.param(
            "http://localhost:3000", "http://acme.localhost", project(), False, "trial-lax", {},
            id="localhost and a name below it",
        ),
        pytest.param(
            "http://127.0.0.1:3000", "http://localhost:8000", project(), False, "trial-lax", {"samesite": "Lax"},
            id="the address and the name of this machine",
        ),
        pytest.param(
            ELSEWHERE, API, project(), False, "trial-lax", {"prefix": "SESSION_COOKIE"}, id="two sites"
        ),
        pytest.param(
            ELSEWHERE, API, project("Strict", secure=True), False, "trial-lax", {"samesite": "Strict"}, id="Strict"
        ),
        pytest.param(ELSEWHERE, API, project(""), False, "trial-lax", {"samesite": "False"}, id="no attribute"),
        pytest.param(
            "https://a.github.io", "https://b.github.io", project(), False, "trial-lax", {"page_site": "https://a.github.io"},
            id="names below a public suffix",
        ),
        pytest.param(
            "http://app.example.com", API, project(), False,
            "condition-schemes", {"page_site": "http://example.com", "site": "https://example.com"}, id="another scheme",
        ),
        pytest.param("null", API, project(), False, "trial-lax", {}, id="a sandboxed frame"),
        pytest.param(
            ELSEWHERE, API, project("None", secure=True), True, "condition-none", {}, id="None and Secure"
        ),
        pytest.param(
            ELSEWHERE, API, project("none", secure=True), True, "condition-none", {}, id="none, as it is read"
        ),
        pytest.param(
            ELSEWHERE, API, project("None"), False, "condition-none-insecure", {"prefix": "SESSION_COOKIE"},
            id="None without Secure",
        ),
        pytest.param(
            APP, API, project("None"), False, "condition-none-insecure", {}, id="None without Secure on one site"
        ),
        pytest.param(
            "http://app.example.com", "http://api.example.com", project(secure=True), False,
            "condition-secure-http", {}, id="Secure over http",
        ),
        pytest.param(
            "http://localhost:3000", "http://localhost:8000", project(secure=True), None,
            "condition-secure-localhost", {}, id="Secure over http on this machine",
        ),
        pytest.param(
            "capacitor://localhost", API, project(), None, "condition-application", {}, id="an application"
        ),
        pytest.param(
            "http://[::1]:3000", "http://[::1]:8000", project(), True, "condition-same-site", {}, id="IPv6"
        ),
    ],
)  # fmt: skip
def test_the_session_cookie_travels_or_not(page, address, settings, *, expected, said, values):
    call = asking(page, address)

    assert met(call, settings)["session-cookie"] is expected
    assert_says(sentence(call, settings, "session-cookie"), said, **values)


@pytest.mark.parametrize(
    ("call", "settings", "expected"),
    [
        pytest.param(BrowserCall(APP, API), project(), {}, id="nobody says with cookies"),
        pytest.param(
            BrowserCall(APP, API, "POST", credentials=False), project(), {}, id="without cookies"
        ),
        pytest.param(asking(APP), project(), {"session-cookie": True}, id="a GET on one site"),
        pytest.param(
            asking(ELSEWHERE),
            project(),
            {"session-cookie": False, "third-party-cookies": None, "other-cookies": None},
            id="a GET on two sites",
        ),
        pytest.param(
            asking(APP)._replace(method=None),
            project(),
            {"session-cookie": True},
            id="no method is known",
        ),
        pytest.param(
            asking(APP), project(session=False), {"other-cookies": None}, id="no sessions"
        ),
        pytest.param(
            asking(APP, method="POST", may_send_token=True),
            project(trusted=(APP,)),
            {
                "session-cookie": True,
                "csrf-trusted-origin": True,
                "csrf-cookie": True,
                "csrf-token": True,
            },
            id="a POST with all in place",
        ),
        pytest.param(
            asking(ELSEWHERE, method="PATCH", may_send_token=False),
            project(rest_framework=True),
            {
                "session-cookie": False,
                "csrf-trusted-origin": False,
                "csrf-cookie": False,
                "csrf-token": False,
                "rest-framework": None,
                "third-party-cookies": None,
                "other-cookies": None,
            },
            id="a PATCH with nothing in place",
        ),
        pytest.param(
            asking(APP, method="POST"),
            project(csrf=False, csrf_cookie=False),
            {"session-cookie": True},
            id="no CSRF check",
        ),
        pytest.param(
            asking(APP, method="POST"),
            project(csrf=False, rest_framework=True),
            {
                "session-cookie": True,
                "csrf-trusted-origin": None,
                "csrf-cookie": True,
                "csrf-token": None,
                "rest-framework": None,
            },
            id="only views of REST framework may check",
        ),
        pytest.param(
            asking(APP, method="POST"),
            project(csrf_cookie=False, trusted=(APP,)),
            {"session-cookie": True, "csrf-trusted-origin": True, "csrf-token": None},
            id="the token is in the session",
        ),
    ],
)
def test_what_else_must_be_true_with_cookies(call, settings, expected):
    assert met(call, settings) == expected


@pytest.mark.parametrize(
    ("page", "address", "expected"),
    [
        pytest.param(APP, "http://api.example.com", {"mixed-content": False}, id="mixed content"),
        pytest.param("http://app.example.com", "http://api.example.com", {}, id="both on http"),
        pytest.param(APP, "https://api.example.org", {}, id="both on https"),
        pytest.param(APP, "http://localhost:8000", {"local-network": None}, id="this machine"),
        pytest.param(APP, "https://192.168.1.9", {"local-network": None}, id="a private address"),
        pytest.param(APP, "http://printer.local", {"local-network": None}, id="a local name"),
        pytest.param(
            APP, "http://[fd12::1]:80", {"local-network": None}, id="a private IPv6 address"
        ),
        pytest.param(
            "http://app.example.com", "http://10.0.0.7", {"local-network": None}, id="not secure"
        ),
        pytest.param(
            "http://localhost:3000", "http://localhost:8000", {}, id="both on this machine"
        ),
        pytest.param("capacitor://localhost", "http://127.0.0.1", {}, id="an application"),
        pytest.param("app://-", "http://127.0.0.1", {}, id="an application without a host"),
        pytest.param("null", "http://127.0.0.1", {}, id="a sandboxed frame"),
        pytest.param(APP, "http://1.2.3", {"mixed-content": False}, id="a host that is not valid"),
        pytest.param(APP, "http://", {"mixed-content": False}, id="no host"),
    ],
)
def test_what_a_browser_does_with_networks(page, address, expected):
    assert met(BrowserCall(page, address), project()) == expected


def test_a_page_that_is_not_secure_reaches_no_local_network_from_the_internet():
    call = BrowserCall("http://app.example.com", "http://10.0.0.7")

    assert_says(sentence(call, project(), "local-network"), "condition-local-network-http")


@given(st.text(max_size=60), st.sampled_from(["http", "https", "app", ""]), st.text(max_size=60))
def test_any_text_is_judged(page, scheme, host):
    for found in conditions_of(asking(page, f"{scheme}://{host}", "POST"), project()):
        assert found.sentence
