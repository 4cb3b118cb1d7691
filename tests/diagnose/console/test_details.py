"""Single messages and their fields, where the corpus holds no such line."""

import pytest

from corsadmin.diagnose.console import BlockKind, read
from tests.diagnose.console.corpus import API, PAGE, fields

CHROMIUM = f"Access to fetch at '{API}' from origin '{PAGE}' has been blocked by CORS policy: "
FIREFOX = (
    "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at "
)
WEBKIT = f"Fetch API cannot load {API} due to access control checks."


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param("No 'Access-Control-Al", BlockKind.UNKNOWN, id="two headers begin so"),
        pytest.param("No 'Access-Control-Allow-Or", BlockKind.NO_ACAO, id="one header begins so"),
        pytest.param("No 'Acc…", BlockKind.UNKNOWN, id="too short a beginning"),
        pytest.param("It does not have HT", BlockKind.PREFLIGHT_STATUS, id="no ok status, cut"),
        pytest.param("The response is invalid.", BlockKind.UNKNOWN, id="a fault without a cause"),
        pytest.param(
            "Unable to ask for permission to access the `local` IP address space.",
            BlockKind.LNA,
            id="a permission that cannot be asked for",
        ),
        pytest.param(
            "The 'Access-Control-Allow-Origin' header has a value 'No 'Access-Control-Allow-Origin' "
            "header' that is not equal to the supplied origin.",
            BlockKind.WRONG_ACAO,
            id="a value that looks like a fault",
        ),
    ],
)
def test_chromiums_faults(fault, kind):
    assert fields(CHROMIUM + fault, "kind", "page", "url") == (kind, PAGE, API)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            f"Access to fetch at {API} from origin {PAGE} has been blocked by CORS policy: No",
            (API, PAGE),
            id="without quotes",
        ),
        pytest.param(
            f"Access to fetch at '<{API}>' from origin '<{PAGE}>' has been blocked by CORS policy",
            (API, PAGE),
            id="with the brackets of a mail program",
        ),
        pytest.param(
            f"Access to fetch at '[{API}]({API})' from origin '[{PAGE}]({PAGE})' has been blocked by "
            "CORS policy",
            (API, PAGE),
            id="as links of Markdown",
        ),
        pytest.param(
            f"Access to fetch at '{API}<{API}>' from origin '{PAGE}<{PAGE}>' has been blocked by CORS "
            "policy",
            (API, PAGE),
            id="as links of Outlook",
        ),
        pytest.param(
            "Access to fetch at 'https://api.globex.example/v2/ orders' from origin "
            f"'{PAGE}' has been blocked by CORS policy",
            (API, PAGE),
            id="a path broken by a mail program",
        ),
        pytest.param(
            "Access to fetch at 'https://api.globex .example/v2' from origin "
            f"'{PAGE}' has been blocked by CORS policy\nGET https://cdn.globex.example/ 404 (Gone)",
            (None, PAGE),
            id="a broken host is not mended, and no other takes its place",
        ),
        pytest.param(
            f"Access to fetch at '{API}'", (API, None), id="cut before the page"
        ),
        pytest.param(
            f"Access to fetch at '{API[:-3]}", (None, None), id="cut within the URL"
        ),
        pytest.param(
            f"'https://a.example/x') from origin '{PAGE}' has been blocked by CORS policy: No",
            (None, PAGE),
            id="cut at its beginning",
        ),
        pytest.param(
            f"Access to fetch at '{API}?$filter=name%20eq%20'bob'' from origin '{PAGE}' has been "
            "blocked by CORS policy",
            (f"{API}?$filter=name%20eq%20'bob'", PAGE),
            id="quotes within the URL",
        ),
        pytest.param(
            f"Access to fetch at '{API}' from origin 'app://-' has been blocked by CORS policy",
            (API, "app://-"),
            id="an app",
        ),
        pytest.param(
            f"Access to fetch at '{API}' from origin 'file://' has been blocked by CORS policy",
            (API, "file://"),
            id="a file",
        ),
        pytest.param(
            "Access to fetch at 'http://[::1]:8000/x' from origin 'http://[::1]:3000' has been "
            "blocked by CORS policy",
            ("http://[::1]:8000/x", "http://[::1]:3000"),
            id="addresses of IPv6",
        ),
        pytest.param(
            f"Access to fetch at 'https://.../x' from origin '{PAGE}' has been blocked by CORS policy",
            (None, PAGE),
            id="a host that was left out",
        ),
        pytest.param(
            "Requests from origin https://shop.globex.example fail", (None, None), id="prose"
        ),
        pytest.param(
            f"Font from origin 'https://cdn.globex.example' has been blocked from loading by "
            "Cross-Origin Resource Sharing policy: No 'Access-Control-Allow-Origin' header is "
            f"present on the requested resource. Origin '{PAGE}' is therefore not allowed access.",
            (None, PAGE),
            id="a font in an old version",
        ),
    ],
)  # fmt: skip
def test_what_chromium_names(text, expected):
    assert fields(text, "url", "page") == expected


def test_a_redirect_is_named_though_the_text_is_cut_before_it():
    text = f"'https://a.example/x') from origin '{PAGE}' has been blocked by CORS policy: No"

    assert fields(text, "redirected_from") == ("https://a.example/x",)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        pytest.param(
            "CORS request did not succeed). Status code: (null).",
            (BlockKind.NOT_CORS_NETWORK, None),
            id="no answer",
        ),
        pytest.param(
            "x CORS y 'Access-Control-Allow-Origin' z). Code: 404.",
            (BlockKind.NO_ACAO, None),
            id="another language: a header and a status",
        ),
        pytest.param(
            "x CORS y 'Access-Control-Allow-Origin' z).",
            (BlockKind.UNKNOWN, None),
            id="another language: a header alone",
        ),
        pytest.param(
            "x CORS 'Access-Control-Allow-Origin' y 'https://b.example').",
            (BlockKind.WRONG_ACAO, None),
            id="another language: a value",
        ),
        pytest.param(
            "x CORS 'Access-Control-Allow-Origin' y '*').",
            (BlockKind.WILDCARD_CREDENTIALS, None),
            id="another language: a star",
        ),
        pytest.param(
            "x CORS 'Access-Control-Allow-Methods' y).",
            (BlockKind.METHOD, None),
            id="another language: the methods",
        ),
        pytest.param(
            "x CORS 'Access-Control-Allow-Headers' y 'z').",
            (BlockKind.HEADER, None),
            id="another language: a header that may be the answer's",
        ),
        pytest.param(
            "x CORS preflight 'Access-Control-Allow-Headers' y 'X-Z').",
            (BlockKind.HEADER, "x-z"),
            id="another language: a header that the preflight refused",
        ),
        pytest.param(
            "x 'Access-Control-Allow-Origin' y '*').",
            (BlockKind.WILDCARD_CREDENTIALS, None),
            id="another language: without the word CORS",
        ),
        pytest.param(
            "CORS 'Access-Control-Allow-Methods' x 'true').",
            (BlockKind.ACAC_MISSING, None),
            id="the other header of Lithuanian",
        ),
        pytest.param(
            "x CORS y (null)).",
            (BlockKind.NOT_CORS_NETWORK, None),
            id="another language: no answer",
        ),
        pytest.param(
            "x CORS preflight y). Code: 302.",
            (BlockKind.PREFLIGHT_REDIRECT, None),
            id="another language: a preflight that was redirected",
        ),
        pytest.param("x CORS y).", (BlockKind.UNKNOWN, None), id="another language: words alone"),
        pytest.param(
            "x 'Access-Control-Allow-Credentials' is '*').",
            (BlockKind.WILDCARD_CREDENTIALS, None),
            id="the star of Hungarian",
        ),
        pytest.param(
            "header 'X-Trace' is not allowed according to header 'Access-Control-Allow-Headers' "
            "from CORS preflight response).",
            (BlockKind.HEADER, "x-trace"),
            id="a refused header",
        ),
        pytest.param(
            "When the `Access-Control-Allow-Headers` is `*`, the `Authorization` header is not "
            "covered.",
            (BlockKind.HEADER, "authorization"),
            id="the header that * does not cover",
        ),
        pytest.param(
            "x https://developer.mozilla.org/docs/Web/HTTP/CORS/Errors/CORSMIssingAllowCredentials",
            (BlockKind.ACAC_MISSING, None),
            id="the link to MDN",
        ),
        pytest.param(
            "x https://developer.mozilla.org/docs/Web/HTTP/CORS/Errors/CORSUnheardOf",
            (BlockKind.UNKNOWN, None),
            id="a link to nothing known",
        ),
    ],
)
def test_firefoxes_reasons(reason, expected):
    text = f"{FIREFOX}{API}. (Reason: {reason}"

    assert fields(text, "kind", "header") == expected
    assert read(text).url == API


def test_a_hyphen_before_the_case_of_a_word_is_not_part_of_a_url():
    text = f"{API}-\u10d8\u10e1 (x: CORS y 'Access-Control-Allow-Origin' z): 404"

    assert fields(text, "kind", "url") == (BlockKind.NO_ACAO, API)


def test_brackets_of_a_url_are_its_own():
    text = f"{FIREFOX}https://a.example/f(x). (Reason: CORS disabled). ({API})"

    assert read(text).url == "https://a.example/f(x)"
    assert read(f"(GET {API}) net::ERR_FAILED").url == API
    assert read(f"{FIREFOX}[{API}]({API}). (Reason: CORS disabled).").url == API


def test_a_reason_of_firefox_alone_names_no_url():
    reason = "(Reason: CORS header \u2018Access-Control-Allow-Origin\u2019 missing)"

    assert fields(reason, "engine", "kind", "url") == ("firefox", BlockKind.NO_ACAO, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            f"Origin {PAGE} is not allowed by Access-Control-Allow-Origin.\n{WEBKIT}",
            (BlockKind.NO_ACAO, API, None),
            id="no status",
        ),
        pytest.param(
            f"Cross-origin redirection to {API} denied by Cross-Origin Resource Sharing policy: "
            f"Origin {PAGE} is not allowed by Access-Control-Allow-Origin. Status code: 200",
            (BlockKind.NO_ACAO, API, 200),
            id="a redirect",
        ),
        pytest.param(
            f"XMLHttpRequest cannot load {API}. Origin {PAGE} is not allowed by "
            "Access-Control-Allow-Origin.",
            (BlockKind.NO_ACAO, API, None),
            id="one line of an old version",
        ),
        pytest.param(
            f"Method a,b is not allowed by Access-Control-Allow-Methods.\n{WEBKIT}",
            (BlockKind.METHOD, API, None),
            id="not a method",
        ),
        pytest.param(
            "Fetch API cannot load ipc://localhost/x due to access control checks.",
            (BlockKind.UNKNOWN, None, None),
            id="a URL that is not of HTTP",
        ),
    ],
)
def test_webkits_lines(text, expected):
    assert fields(text, "kind", "url", "status") == expected


def test_what_is_missing_is_listed_in_the_order_in_which_people_ask():
    assert read("").missing == ("page", "url", "method", "header", "credentials")
    assert read(CHROMIUM).missing == ("method", "header", "credentials")
