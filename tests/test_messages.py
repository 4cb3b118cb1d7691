"""Sentences: one for each code and reason, safe to show whatever somebody typed."""

import pytest
from django.utils import translation

from corsadmin.engine import Reason
from corsadmin.engine.origins import parse_pattern
from corsadmin.engine.paths import check_path
from corsadmin.engine.problems import CODES, PolicyError, Problem
from corsadmin.messages import LOOK_ALIKES, MAX_SHOWN, REASONS, SENTENCES, describe, shown
from tests.messages.screens import assert_says


def problem_of(pattern: str) -> Problem:
    with pytest.raises(PolicyError) as caught:
        parse_pattern(pattern)
    return caught.value.problems[0]


def test_every_code_has_a_sentence_and_none_is_left_over() -> None:
    assert set(SENTENCES) == CODES


def test_every_reason_has_a_sentence_and_none_is_left_over() -> None:
    assert set(REASONS) == set(Reason)


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_sentence_is_one_short_line_that_takes_any_value(code: str) -> None:
    sentence = describe(Problem("field", code, "100 %s %(value)s"))

    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert len(sentence) < 230
    assert "%%" not in sentence


def test_the_suggestion_says_what_to_write() -> None:
    sentence = describe(problem_of("https://app.example.com:443"))

    assert "“https://app.example.com:443”" in sentence
    assert sentence.endswith(" https://app.example.com.")


def test_a_problem_without_suggestion_offers_none() -> None:
    problem = problem_of("https://foo.*.example.org")

    assert describe(problem) == str(SENTENCES[problem.code]) % {"value": problem.value}


def test_what_comes_closest_is_shown_beside_the_problem() -> None:
    alone = describe(Problem("pattern", "origin-host-invalid", "https://x[0-9].a.example"))
    beside = describe(
        Problem(
            "pattern",
            "origin-host-invalid",
            "https://x[0-9].a.example",
            nearest="https://x*.a.example",
        )
    )

    assert beside.startswith(alone)
    assert "https://x*.a.example" in beside


def test_a_suggestion_keeps_the_letters_people_must_copy() -> None:
    problem = check_path("/caf%C3%A9/")

    assert problem is not None
    assert_says(describe(problem), "message-write", suggestion="/café/")


def test_a_suggestion_hides_no_direction_marks() -> None:
    problem = Problem("path", "path-white-space", " /a\u202eb", "/a\u202eb")

    assert_says(describe(problem), "message-write", suggestion="/a\\u202eb")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("https://app.example.com", "https://app.example.com", id="plain"),
        pytest.param("https:\\\\app", "https:\\\\app", id="backslashes stay as typed"),
        pytest.param('it\'s "so"', 'it\'s "so"', id="quotes stay as typed"),
        pytest.param("a\r\nSet-Cookie: b", "a\\r\\nSet-Cookie: b", id="line breaks"),
        pytest.param("\x1b[31m\x85\x00", "\\x1b[31m\\x85\\x00", id="terminal codes"),
        pytest.param("https://\u0430pp", "https://\\u0430pp", id="letters that only look alike"),
        pytest.param("münchen • straße", "münchen • straße", id="names outside ASCII"),
        pytest.param("https://пример.example", "https://пример.example", id="another alphabet"),
        pytest.param("Tシャツ", "Tシャツ", id="Japanese with a Latin letter"),
        pytest.param("Hawai\u02bbi 1ª", "Hawai\u02bbi 1ª", id="modifiers and ordinals"),
        pytest.param("Δt", "\\u0394t", id="a Greek letter in a Latin word"),
        pytest.param("a\u202eb\u2028", "a\\u202eb\\u2028", id="direction and line marks"),
        pytest.param("\ud800", "\\ud800", id="half a surrogate pair"),
    ],
)
def test_shown_is_what_can_be_seen(value: str, expected: str) -> None:
    assert shown(value) == expected


@pytest.mark.parametrize("value", ["a" * 10_000, "\x00" * 10_000, "é" * 256])
def test_shown_is_cut(value: str) -> None:
    assert len(shown(value)) <= MAX_SHOWN


def test_a_problem_says_why_letters_are_escapes() -> None:
    told = describe(problem_of("https://\u0430pp.example"))

    assert "“https://\\u0430pp.example”" in told
    assert str(LOOK_ALIKES) in told
    assert_says(told, "message-write", suggestion="https://xn--pp-6kc.example")


@pytest.mark.parametrize("value", ["https://пример.example", "a\x00b", "x" * 300, "é\x00" * 200])
def test_a_problem_says_it_of_nothing_else(value: str) -> None:
    assert str(LOOK_ALIKES) not in describe(Problem("field", "origin-userinfo", value))


def test_sentences_are_translated_when_shown() -> None:
    with translation.override("fr"):
        english = describe(problem_of(""))
    with translation.override("de"):
        german = describe(problem_of(""))

    assert english != german
