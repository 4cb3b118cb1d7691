"""Errors, other causes than CORS, and calls that failed without a cause."""

import pytest

from corsadmin.diagnose.console import BlockKind
from tests.diagnose.console.corpus import API, fields


@pytest.mark.parametrize(
    ("text", "kind", "url"),
    [
        pytest.param(
            "WebSocket connection to 'ws://192.168.0.9/x' failed: Permission was denied for this "
            "request to access the `local` address space.",
            BlockKind.LNA,
            "ws://192.168.0.9/x",
            id="a WebSocket into the local network",
        ),
        pytest.param("net::ERR_TIMED_OUT", BlockKind.NOT_CORS_NETWORK, None, id="an error alone"),
        pytest.param(f"GET {API} net::ERR_BLOCKED_BY_CSP", BlockKind.CSP, API, id="CSP"),
        pytest.param(f"GET {API} net::ERR_BLOCKED_BY_ORB", BlockKind.UNKNOWN, API, id="ORB"),
        pytest.param(f"GET {API} net::ERR_BLOCKED_BY_R", BlockKind.UNKNOWN, API, id="a cut error"),
        pytest.param(
            f"foo {API} net::ERR_FAILED", BlockKind.UNKNOWN, API, id="a method of its own"
        ),
        pytest.param(
            "GET https://a.example/very...long net::ERR_FAILED",
            BlockKind.UNKNOWN,
            None,
            id="a URL that the console shortened",
        ),
        pytest.param(
            "Refused to connect because it violates the document's Content Security Policy.",
            BlockKind.CSP,
            None,
            id="CSP without a URL",
        ),
        pytest.param(
            "Connecting to 'https://.../x' violates the following Content Security Policy directive",
            BlockKind.CSP,
            None,
            id="a host that was left out",
        ),
        pytest.param(
            "GET https://../orders net::ERR_FAILED", BlockKind.UNKNOWN, None, id="a host of dots"
        ),
        pytest.param(
            "GET https://me@api.example/x net::ERR_FAILED",
            BlockKind.UNKNOWN,
            None,
            id="a user name",
        ),
        pytest.param(f"see {API} for more", BlockKind.UNKNOWN, None, id="prose"),
        pytest.param(
            "GET https://api.globex", BlockKind.UNKNOWN, None, id="a host that may be cut"
        ),
        pytest.param(
            f'Fetch failed loading: POST "{API}".', BlockKind.UNKNOWN, API, id="a logged request"
        ),
        pytest.param(
            "The page at https://a.example/ is slow", BlockKind.UNKNOWN, None, id="a page in prose"
        ),
        pytest.param(
            "Mixed Content: The page at 'https://a.example/' was loaded over HTTPS, but requested "
            "an insecure element 'http://b.example/x'. This request was automatically upgraded to "
            "HTTPS",
            BlockKind.UNKNOWN,
            None,
            id="content that was upgraded",
        ),
        pytest.param(
            f"[Report Only] Refused to connect to '{API}' because it violates the following "
            "Content Security Policy directive",
            BlockKind.UNKNOWN,
            None,
            id="a policy that only reports",
        ),
        pytest.param(
            "We set a Content Security Policy", BlockKind.UNKNOWN, None, id="a policy in prose"
        ),
        pytest.param(
            "Cross-Origin-Resource-Policy is missing", BlockKind.UNKNOWN, None, id="CORP in prose"
        ),
        pytest.param(
            f"Cancelled load to {API} because it violates the resource's "
            "Cross-Origin-Resource-Policy response header.",
            BlockKind.CORP,
            API,
            id="WebKit's CORP",
        ),
        pytest.param(
            f"Ensure CORS requests are made on supported schemes\nGET {API} net::ERR_FAILED",
            BlockKind.UNKNOWN,
            API,
            id="the Issues tab on a scheme",
        ),
        pytest.param(
            "our wss://live.example/x is slow", BlockKind.UNKNOWN, None, id="a socket in prose"
        ),
    ],
)
def test_other_causes(text, kind, url):
    assert fields(text, "kind", "url") == (kind, url)


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        pytest.param("Uncaught (in promise) TypeError: Failed to fetch", "chromium", id="Chromium"),
        pytest.param("NetworkError when attempting to fetch resource.", "firefox", id="Firefox"),
        pytest.param("Unhandled Promise Rejection: TypeError: Load failed", "webkit", id="WebKit"),
        pytest.param(
            "A cross-origin resource sharing (CORS) request was blocked because of invalid or "
            "missing response headers",
            "chromium",
            id="the Issues tab",
        ),
    ],
)
def test_a_failed_call_without_a_cause_may_be_cured(text, engine):
    assert fields(text, "engine", "kind", "fix_here") == (engine, BlockKind.UNKNOWN, None)
