"""Verdicts on pasted texts: no green on a guess, one question, and contradictions explained."""

from typing import Any

import pytest

from corsadmin.diagnose.console import read
from corsadmin.diagnose.console.addresses import origin_of
from corsadmin.diagnose.verdict import CallOutcome, Verdict, verdict_on_call
from corsadmin.diagnose.verdict.calls import Address, GivenCall, question_from, split_url
from corsadmin.engine import Reason
from tests.diagnose.console.corpus import Line, corpus
from tests.factories import make_site
from tests.messages.screens import assert_says, filled
from tests.messages.screens import text as text_of

pytestmark = pytest.mark.django_db

APP = "https://app.example.com"
URL = "https://acme.example.net/api/x"
LINE = f"Access to fetch at '{URL}' from origin '{APP}' has been blocked by CORS policy: "
PREFLIGHT = "Response to preflight request doesn't pass access control check: "
MISSING = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
METHOD = "Method {} is not allowed by Access-Control-Allow-Methods in preflight response."
HEADER = (
    "Request header field {} is not allowed by Access-Control-Allow-Headers in preflight response."
)
WHOLE: dict[str, Any] = {"method": "PUT", "headers": {}, "credentials": False}


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [".example.net"]


@pytest.fixture(autouse=True)
def site() -> Any:
    return make_site(origins=[APP], paths=[{"methods": ["GET", "PUT"], "request_headers": ["x-a"]}])


def verdict_on(text: str, **given: Any) -> Verdict:
    reading = read(text)
    question, unknown = question_from(GivenCall(**given), reading)
    return verdict_on_call(question, unknown=unknown, reading=reading)


@pytest.mark.parametrize(
    ("text", "given", "asks"),
    [
        pytest.param(LINE + PREFLIGHT + MISSING, {}, "method", id="a preflight and no method"),
        pytest.param(LINE + MISSING, {}, "method", id="no method"),
        pytest.param(LINE + MISSING, {"method": "GET"}, "header", id="no request headers"),
        pytest.param(LINE + METHOD.format("PUT"), {}, "header", id="a method that is allowed"),
        pytest.param(LINE + HEADER.format("x-a"), {}, "method", id="a header that is allowed"),
        pytest.param(
            LINE + MISSING, {"method": "GET", "headers": {}}, "credentials", id="cookies decide"
        ),
        pytest.param(
            LINE + PREFLIGHT + MISSING,
            {"method": "GET", "headers": {}, "credentials": False},
            "method",
            id="a preflight that a plain GET does not explain",
        ),
        pytest.param(
            "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote "
            f"resource at {URL}. (Reason: CORS request external redirect not allowed).",
            {},
            "page",
            id="Firefox names no page",
        ),
        pytest.param(
            f"Origin {APP} is not allowed by Access-Control-Allow-Origin.", {}, "url", id="no URL"
        ),
    ],
)
def test_what_is_not_known_is_asked_for_and_never_allowed(text, given, asks):
    found = verdict_on(text, **given)

    assert (found.outcome, found.asks) == (CallOutcome.UNDECIDED, asks)
    assert found.sentence.count("?") >= 1
    assert not found.is_exact
    assert found.as_dict()["allowed"] is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(
            LINE.replace(APP, "https://new.example") + PREFLIGHT + MISSING,
            Reason.ORIGIN_NOT_LISTED,
            id="an origin that is not listed, whatever the method",
        ),
        pytest.param(
            LINE + METHOD.format("DELETE"), Reason.METHOD_NOT_ALLOWED, id="the method of the text"
        ),
        pytest.param(
            LINE + HEADER.format("x-b"), Reason.HEADER_NOT_ALLOWED, id="the header of the text"
        ),
        pytest.param(LINE.replace("/api/", "/x/") + MISSING, Reason.NO_RULE, id="no rule"),
    ],
)
def test_what_is_refused_whatever_is_not_known_is_blocked(text, reason):
    found = verdict_on(text)

    assert found.outcome is CallOutcome.BLOCKED
    assert found.explanation is not None
    assert found.explanation.decision.reason is reason
    assert not found.is_exact


def test_a_method_that_was_only_assumed_blocks_nothing(site):
    site.paths.update(methods=["PUT"])

    found = verdict_on(LINE + HEADER.format("x-a"))

    assert (found.outcome, found.asks) == (CallOutcome.UNDECIDED, "method")


def test_cookies_are_not_asked_for_where_they_change_nothing(site):
    site.paths.update(credentials=True)
    site.origins.update(credentials=True)

    found = verdict_on(LINE + MISSING, method="GET", headers={})

    assert found.outcome is CallOutcome.ALLOWED
    assert found.unknown == ()


def test_steps_that_depend_on_what_is_not_known_say_so():
    found = verdict_on(LINE + PREFLIGHT + MISSING)

    assert [(step.name, step.ok) for step in found.steps] == [
        ("tenant", True),
        ("rule", True),
        ("origin", True),
        ("method", None),
        ("headers", None),
        ("credentials", None),
    ]
    assert found.as_dict()["preflight"] is None


@pytest.mark.parametrize(
    ("text", "given", "first"),
    [
        pytest.param(LINE + METHOD.format("PUT"), {}, text_of("verdict-in-front-method"), id="method"),
        pytest.param(LINE + HEADER.format("x-a"), {}, text_of("verdict-in-front-header"), id="header"),
        pytest.param(
            LINE + PREFLIGHT + "It does not have HTTP ok status.", {}, text_of("verdict-in-front-error"), id="status"
        ),
        pytest.param(
            f"{LINE}{MISSING}\nGET {URL} net::ERR_FAILED 502 (Bad Gateway)",
            {"method": "GET"},
            filled("verdict-gateway-status", status=502),
            id="an error in front of Django",
        ),
        pytest.param(
            f"{LINE}{MISSING}\nGET {URL} net::ERR_FAILED 413 (Request Entity Too Large)",
            {"method": "GET"},
            filled("verdict-error-status", status=413),
            id="another error",
        ),
        pytest.param(
            LINE.replace(
                f"'{URL}'", f"'{URL}' (redirected from 'https://app.example.com/x')"
            ) + MISSING,
            {},
            filled("verdict-redirected", url="https://app.example.com/x"),
            id="a redirect",
        ),
        pytest.param(LINE + MISSING, {}, text_of("verdict-another-server"), id="nothing more is known"),
    ],
)  # fmt: skip
def test_an_allowed_call_beside_a_text_that_says_blocked_explains_itself(text, given, first):
    found = verdict_on(text, **{**WHOLE, **given})

    assert found.outcome is CallOutcome.ALLOWED
    assert found.sentence == text_of("verdict-allowed-by-policies")
    assert found.advice[0] == first
    method = given.get("method", "PUT")
    assert found.advice[-1].endswith(f"cors_probe {URL} --origin {APP} --method {method}")


def test_a_text_that_does_not_say_blocked_contradicts_nothing():
    found = verdict_on(
        f'fetch("{URL}", {{"method": "PUT", "referrer": "{APP}/", "credentials": "omit"}})'
    )

    assert (found.outcome, found.sentence, found.advice) == (CallOutcome.ALLOWED, "", [])
    assert found.is_exact


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(
            LINE + "Permission was denied for this request to access the `local` address space.",
            "cause-local-network",
            id="Local Network Access",
        ),
        pytest.param(
            f"GET {URL} net::ERR_CERT_DATE_INVALID", "cause-certificate", id="a certificate"
        ),
        pytest.param(
            f"Connecting to '{URL}' violates the following Content Security Policy directive",
            "cause-csp",
            id="CSP",
        ),
    ],
)
def test_what_no_policy_cures_is_blocked_without_asking_the_policies(text, code):
    found = verdict_on(text)

    assert found.outcome is CallOutcome.BLOCKED
    assert found.explanation is None
    assert found.steps == []
    assert_says(found.sentence, code)


def test_a_call_to_the_pages_own_origin_needs_nothing_more():
    text = LINE.replace(APP, "https://acme.example.net") + MISSING

    assert verdict_on(text).outcome is CallOutcome.ALLOWED


def is_guessed(line: Line) -> bool:
    """Report whether a line's call is said to be allowed though parts of it are not known."""
    called = origin_of(line.label["url"] or "") or "https://acme.example.net"
    found = verdict_on(line.text.replace(called, "https://acme.example.net"))
    return found.outcome is CallOutcome.ALLOWED and found.reading.missing != ()


@pytest.mark.slow
def test_no_text_is_called_allowed_whose_parts_are_not_all_known(site):
    """By a policy that allows whatever is asked; one site for all lines of the corpus."""
    site.paths.update(
        path="/", any_origin=True, methods=["GET", "PUT", "POST", "*"], request_headers=["*"]
    )

    assert [line.id for line in corpus() if is_guessed(line)] == []


def test_keys_are_the_same_for_every_outcome():
    dicts = [
        verdict_on(LINE + MISSING, **WHOLE).as_dict(),
        verdict_on(LINE + MISSING).as_dict(),
        verdict_on(f"GET {URL} net::ERR_TIMED_OUT").as_dict(),
    ]

    assert [found["verdict"] for found in dicts] == ["allowed", "cannot-be-told", "blocked"]
    assert [found["allowed"] for found in dicts] == [True, None, False]
    assert len({tuple(sorted(found)) for found in dicts}) == 1


def test_what_a_person_gives_wins_but_the_refused_header_was_sent():
    reading = read(LINE + HEADER.format("x-b"))

    question, unknown = question_from(
        GivenCall(page="https://b.example", method="PATCH", headers={"X-A": "1"}), reading
    )

    assert question is not None
    assert (question.origin, question.method) == ("https://b.example", "PATCH")
    assert list(question.headers) == ["X-A", "x-b"]
    assert unknown == ("credentials",)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://a.example", Address("https", "a.example", "/"), id="no path"),
        pytest.param("HTTP://a.example?x", Address("http", "a.example", "/?x"), id="a query"),
        pytest.param("wss://a.example/", None, id="a WebSocket"),
        pytest.param("a.example/x", None, id="no scheme"),
    ],
)
def test_addresses_are_split(url, expected):
    assert split_url(url) == expected
