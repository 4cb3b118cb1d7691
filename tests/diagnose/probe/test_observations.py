"""What is wrong with the answers of other people's servers: each code, asked of a real server."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from corsadmin.diagnose.probe import Outcome
from corsadmin.diagnose.probe.observations import OBSERVATIONS
from tests.diagnose.probe.conftest import APP
from tests.messages.screens import filled, text
from tests.scripted import scripted_server

ALLOWED = ("Access-Control-Allow-Origin", APP)
ANY = ("Access-Control-Allow-Origin", "*")
NULL = ("Access-Control-Allow-Origin", "null")
CREDENTIALS = ("Access-Control-Allow-Credentials", "true")
HEADERS = ("Access-Control-Allow-Headers", "*")
VARY = ("Vary", "Accept, origin")
TOKEN = {"headers": {"Authorization": "Bearer x"}}
NEEDS_PREFLIGHT = {"headers": {"X-A": "1"}}


def codes(found: Outcome) -> list[str]:
    return [observation.code for observation in found.observations]


@pytest.mark.parametrize(
    ("status", "headers", "question", "expected"),
    [
        pytest.param(200, [ALLOWED, VARY], {}, [], id="an answer for the page"),
        pytest.param(200, [ANY], {}, [], id="an answer for everybody"),
        pytest.param(
            200, [ALLOWED, ALLOWED], {}, ["allow-origin-repeated"], id="the same header twice"
        ),
        pytest.param(200, [ALLOWED, ANY], {}, ["allow-origin-repeated"], id="a second header"),
        pytest.param(
            200,
            [("Access-Control-Allow-Origin", f"{APP}, https://b.example")],
            {},
            ["allow-origin-list"],
            id="a list in one header",
        ),
        pytest.param(200, [NULL], {}, ["null-allowed"], id="null"),
        pytest.param(200, [NULL], {"origin": "null"}, ["null-allowed"], id="null for null"),
        pytest.param(
            200,
            [("Access-Control-Allow-Origin", f"{APP}/")],
            {},
            ["allow-origin-invalid"],
            id="a slash at the end",
        ),
        pytest.param(
            200,
            [("Access-Control-Allow-Origin", "https://*.example.com")],
            {},
            ["allow-origin-invalid"],
            id="a pattern",
        ),
        pytest.param(
            200,
            [ALLOWED, ("Access-Control-Allow-Credentials", "True")],
            {},
            ["credentials-value"],
            id="true in upper case",
        ),
        pytest.param(
            200, [ANY, CREDENTIALS], {}, ["wildcard-credentials"], id="a star and credentials"
        ),
        pytest.param(
            200, [ANY], {"credentials": True}, ["wildcard-credentials"], id="a star for cookies"
        ),
        pytest.param(
            200,
            [ALLOWED, CREDENTIALS, ("Access-Control-Expose-Headers", "x-a, *")],
            {},
            ["wildcard-credentials"],
            id="every header exposed, and credentials",
        ),
        pytest.param(502, [], {}, ["error-without-headers"], id="an error of the server in front"),
        pytest.param(500, [ALLOWED], {}, [], id="an error that the page may read"),
        pytest.param(404, [], {}, ["error-without-headers"], id="not found, without headers"),
        pytest.param(
            200,
            [("Access-Control-Allow-Origin", "https://b.example"), ("Age", "12")],
            {},
            ["cached-answer"],
            id="another page's answer from a cache",
        ),
        pytest.param(
            200, [("X-Cache", "Hit from cloudfront")], {}, ["cached-answer"], id="a cache's hit"
        ),
        pytest.param(
            200, [("CF-Cache-Status", "MISS"), ("X-Cache", "Miss")], {}, [], id="a cache's miss"
        ),
        pytest.param(200, [ALLOWED, ("Age", "12")], {}, [], id="the right answer from a cache"),
    ],
)
def test_answers_to_a_call(
    ask: Callable[..., Outcome],
    status: int,
    headers: list[tuple[str, str]],
    question: dict[str, Any],
    expected: list[str],
) -> None:
    assert codes(ask({"GET": (status, headers)}, **question)) == expected


@pytest.mark.parametrize(
    ("status", "headers", "question", "expected"),
    [
        pytest.param(204, [ANY, HEADERS], NEEDS_PREFLIGHT, [], id="a star"),
        pytest.param(
            204, [ANY, HEADERS], TOKEN, ["wildcard-authorization"], id="a star for Authorization"
        ),
        pytest.param(
            204,
            [ANY, ("Access-Control-Allow-Headers", "*, Authorization")],
            TOKEN,
            [],
            id="a star beside Authorization",
        ),
        pytest.param(
            204,
            [ALLOWED, CREDENTIALS, HEADERS, ("Access-Control-Allow-Methods", "*")],
            {**NEEDS_PREFLIGHT, "credentials": True},
            ["wildcard-credentials", "wildcard-credentials"],
            id="stars for cookies",
        ),
        pytest.param(
            301,
            [ALLOWED, ("Location", "https://api.example/")],
            NEEDS_PREFLIGHT,
            ["preflight-redirect"],
            id="a redirect",
        ),
        pytest.param(
            302, [], NEEDS_PREFLIGHT, ["preflight-redirect"], id="a redirect without location"
        ),
        pytest.param(401, [], NEEDS_PREFLIGHT, ["preflight-status"], id="a log-in"),
        pytest.param(503, [], NEEDS_PREFLIGHT, ["preflight-status"], id="a server's error"),
        pytest.param(
            400, [ALLOWED], NEEDS_PREFLIGHT, ["preflight-status"], id="the headers, but an error"
        ),
        pytest.param(403, [], NEEDS_PREFLIGHT, [], id="a refusal"),
        pytest.param(204, [NULL], NEEDS_PREFLIGHT, ["null-allowed"], id="null"),
    ],
)
def test_answers_to_a_preflight(
    ask: Callable[..., Outcome],
    status: int,
    headers: list[tuple[str, str]],
    question: dict[str, Any],
    expected: list[str],
) -> None:
    script = {"OPTIONS": (status, headers), "GET": (200, [ALLOWED, CREDENTIALS])}

    assert codes(ask(script, **question)) == expected


Answer = Callable[[Mapping[str, str]], list[tuple[str, str]]]


def echo(*others: tuple[str, str]) -> Answer:
    """Answer with whatever origin asks, and with these headers."""
    return lambda asked: [
        *others,
        *([("Access-Control-Allow-Origin", asked["Origin"])] if "Origin" in asked else []),
    ]


def answered_alike(*origins: str) -> str:
    """Return the sentence that Vary is missing for these origins, and for calls without one."""
    named = [filled("probe-with-origin", origin=origin) for origin in origins]
    return filled("probe-vary-missing", value=", ".join([*named, text("probe-without-origin")]))


EVERYWHERE = answered_alike(APP, "https://corsadmin-probe.invalid")


def listed(*others: tuple[str, str], otherwise: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Answer with the page's origin if that asks, and with these headers; else with the others."""
    return lambda asked: [ALLOWED, *others] if asked.get("Origin") == APP else list(otherwise)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(listed(VARY, otherwise=(VARY,)), [], id="a list with Vary everywhere"),
        pytest.param(
            listed(("Vary", "*"), otherwise=(("Vary", "*"),)), [], id="an answer that varies on all"
        ),
        pytest.param(
            listed(),
            [
                EVERYWHERE,
            ],
            id="a list without Vary",
        ),
        pytest.param(
            lambda asked: [*listed(VARY)(asked), *([VARY] if "Origin" in asked else [])],
            [answered_alike()],
            id="Vary only where there is an Origin",
        ),
        pytest.param(
            listed(("Cache-Control", "no-store"), otherwise=(("Cache-Control", "no-store"),)),
            [],
            id="answers that are never stored",
        ),
        pytest.param(lambda _asked: [ALLOWED], [], id="one fixed origin"),
        pytest.param(lambda _asked: [ANY], [], id="a star"),
        pytest.param(echo(VARY), ["origin-reflected"], id="whatever asks, with Vary"),
        pytest.param(
            echo(VARY, CREDENTIALS), ["origin-reflected-credentials"], id="whatever asks, cookies"
        ),
        pytest.param(
            echo(("Cache-Control", "max-age=60")),
            [
                "origin-reflected",
                EVERYWHERE,
            ],
            id="whatever asks, without Vary",
        ),
    ],
)
def test_what_shows_by_comparison(
    ask: Callable[..., Outcome], server: Any, answer: Answer, expected: list[str]
) -> None:
    server.headers_for = answer

    found = ask({"GET": (200, [])}, compare=True)

    said = [
        seen.sentence if seen.code == "vary-missing" else seen.code for seen in found.observations
    ]
    assert said == expected
    assert [headers.get("Origin") for _method, _path, headers in server.asked] == [
        APP,
        "https://corsadmin-probe.invalid",
        None,
    ]
    assert [exchange.kind for exchange in found.comparisons] == ["comparison"] * 2
    assert [exchange.kind for exchange in found.exchanges] == ["request"]


@pytest.mark.parametrize(
    "question",
    [
        pytest.param({"method": "POST", "send": True}, id="a call that may change something"),
        pytest.param({"method": "POST"}, id="a call that was not sent"),
        pytest.param({"headers": {"X-A": "1"}}, id="a refused preflight"),
    ],
)
def test_what_is_not_compared(
    ask: Callable[..., Outcome], server: Any, question: dict[str, Any]
) -> None:
    found = ask({"POST": (200, [ALLOWED])}, compare=True, **question)

    assert found.comparisons == []
    assert len(server.asked) <= 1


def test_a_page_of_the_same_origin_is_not_compared(ask: Callable[..., Outcome]) -> None:
    with scripted_server() as own:
        own.script = {"GET": (200, [])}
        page = f"http://127.0.0.1:{own.server_address[1]}"
        found = ask({}, url=f"{page}/", origin=page, compare=True)

    assert (found.allowed, found.comparisons) == (True, [])


def test_a_server_that_answers_strangers_with_nothing_is_not_compared(
    ask: Callable[..., Outcome], server: Any
) -> None:
    server.headers_for = lambda asked: [ALLOWED] if asked.get("Origin") == APP else None

    found = ask({"GET": (200, [])}, compare=True)

    assert (found.allowed, found.comparisons, found.observations) == (True, [], [])


def test_every_code_is_documented() -> None:
    page = Path(settings.BASE_DIR, "docs", "reference", "commands.md").read_text("utf-8")
    section = page.split("## What cors_probe observes", 1)[1].split("\n## ", 1)[0]

    assert re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE) == list(OBSERVATIONS)
