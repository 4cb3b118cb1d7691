"""What is offered for a regular expression or a template: the same, less, or, said so, more."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corsadmin.engine.origins import parse_origin, parse_pattern
from corsadmin.engine.problems import PolicyError, Problem


def problem_of(text: str) -> Problem:
    with pytest.raises(PolicyError) as caught:
        parse_pattern(text)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        pytest.param(r"^https://pr-[a-z0-9_-]+\.acme\.dev$", "https://pr-*.acme.dev", id="the class of a label"),
        pytest.param(r"^https://pr-[\w-]+\.acme\.dev$", "https://pr-*.acme.dev", id="words and hyphens"),
        pytest.param(r"^https://pr-[^.]+\.acme\.dev$", "https://pr-*.acme.dev", id="all but a dot"),
        pytest.param(r"^https://pr-([^./]+)\.acme\.dev$", "https://pr-*.acme.dev", id="a group"),
        pytest.param(r"^https://pr-(?:[^.]*)\.acme\.dev$", "https://pr-*.acme.dev", id="nothing, too"),
        pytest.param(r"^https://pr-(?P<n>[^.]+?)\.acme\.dev$", "https://pr-*.acme.dev", id="a group with a name"),
        pytest.param(r"^https://pr-.*\.acme\.dev$", "https://pr-*.acme.dev", id="dots, too"),
        pytest.param(r"^https://.+--site\.netlify\.app$", "https://*--site.netlify.app", id="at the beginning"),
        pytest.param(r"^https://shop-.+-team\.vercel\.app$", "https://shop-*-team.vercel.app", id="in the middle"),
        pytest.param(r"^https://pr-.*\.acme\.dev(:\d+)?$", "https://pr-*.acme.dev:*", id="any port"),
        pytest.param(r"^https://pr-.*\.acme\.dev:8443$", "https://pr-*.acme.dev:8443", id="one port"),
        pytest.param(r"^https://.*\.acme\.dev$", "https://*.acme.dev", id="labels"),
        pytest.param(r"^https://.*example\.com$", "https://*.example.com", id="no dot before a domain"),
        pytest.param(r"^https://a.example.com$", "https://a.example.com", id="dots that are not escaped"),
        pytest.param(r"^moz-extension://.*$", "moz-extension://*", id="every host of an application"),
        pytest.param(r"pr-.+\.acme\.dev$", "https://pr-*.acme.dev", id="no scheme"),
    ],
)  # fmt: skip
def test_a_regex_that_an_entry_can_say(text: str, suggestion: str) -> None:
    assert problem_of(text) == Problem("pattern", "origin-regex", text, suggestion)


@pytest.mark.parametrize(
    ("text", "code", "nearest"),
    [
        pytest.param(r"https://deploy-preview-\d+--site\.netlify\.app", "origin-regex",
                     "https://deploy-preview-*--site.netlify.app", id="digits"),
        pytest.param(r"^https://pr-\d{1,4}\.acme\.dev$", "origin-regex", "https://pr-*.acme.dev",
                     id="a few digits"),
        pytest.param(r"^https://pr-[0-9a-f]{8}\.acme\.dev$", "origin-regex",
                     "https://pr-*.acme.dev", id="a hash"),
        pytest.param(r"^https://pr-(\w+)\.acme\.dev$", "origin-regex", "https://pr-*.acme.dev",
                     id="words without hyphens"),
        pytest.param(r"^https://[^.]+\.acme\.dev$", "origin-regex", "https://*.acme.dev",
                     id="exactly one label"),
        pytest.param("https://[a-z]+.example.com", "origin-regex", "https://*.example.com",
                     id="letters for a label"),
        pytest.param(r"^https://[^.]+acme\.dev$", "origin-regex", "https://*.acme.dev",
                     id="no dot before a domain, and none that may stand there"),
        pytest.param(r"^app://[^.]+$", "origin-regex", "app://*", id="an application without a dot"),
        pytest.param(r"^http://localhost:\d+$", "origin-regex", "http://localhost:*",
                     id="a port, but never none"),
        pytest.param("https://pr-{number}.acme.dev", "origin-placeholder", "https://pr-*.acme.dev",
                     id="braces"),
        pytest.param("https://${BRANCH}--site.netlify.app", "origin-placeholder",
                     "https://*--site.netlify.app", id="a variable of a shell"),
        pytest.param("https://pr-{{ id }}.acme.dev", "origin-placeholder", "https://pr-*.acme.dev",
                     id="a variable of a template"),
        pytest.param("https://shop-git-<branch-name>-team.vercel.app", "origin-placeholder",
                     "https://shop-git-*-team.vercel.app", id="angle brackets"),
        pytest.param("{tenant}.acme.dev", "origin-placeholder", "https://*.acme.dev",
                     id="a whole label without a scheme"),
    ],
)  # fmt: skip
def test_what_lets_in_more_is_named_and_never_suggested(text: str, code: str, nearest: str) -> None:
    assert problem_of(text) == Problem("pattern", code, text, "", nearest)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(r"^https://ab*c\.acme\.dev$", id="a letter that is repeated"),
        pytest.param(r"^https://app1?\.example\.com$", id="a letter that may be missing"),
        pytest.param(r"^https://a+\.example\.com$", id="a letter once or more"),
        pytest.param(r"^https://(a|b)-.*\.example\.com$", id="a choice"),
        pytest.param(r"^https://a\.com$|^https://b\.com$", id="two regexes"),
        pytest.param(r"^https://pr-\d+-.+\.acme\.dev$", id="two stars"),
        pytest.param(r"^https://a\.b-.*\.acme\.dev$", id="a star in the second label"),
        pytest.param(r"^https://a\.*b\.example\.com$", id="dots that are repeated"),
        pytest.param(r"^https://(?!evil).*\.example\.com$", id="an exception"),
        pytest.param("^https://a\0b\\.example\\.com$", id="what stands for a star"),
        pytest.param("^https://a\1b\\.example\\.com$", id="what stands for a star without dots"),
        pytest.param(r"^https://.*$", id="every host"),
        pytest.param(r"^https://*.example\.com$", id="slashes that are repeated"),
        pytest.param(r"https?://app.example.org", id="two schemes"),
    ],
)
def test_a_regex_that_no_entry_can_say(text: str) -> None:
    assert problem_of(text) == Problem("pattern", "origin-regex", text)


def test_braces_in_a_path_are_not_part_of_a_name() -> None:
    text = "https://app.example.com/{id}"

    assert problem_of(text) == Problem("pattern", "origin-path", text, "https://app.example.com")


pieces = st.sampled_from([
    *("a", "b", "-", ".", r"\.", ".*", ".+", r"\d+", r"\w*", "[^.]+", "[a-z]{2}", "*", "?", "+", "|"),
    *("(a)", "(.*)", "(?:b)?", r"\.a\.b", r"\.b", ":80", r"(:\d+)?", r":\d+", "$", "^"),
])  # fmt: skip
regexes = st.builds(
    "{}{}{}".format,
    st.sampled_from(["^https://", "https://", "^http://a", "^app://"]),
    st.lists(pieces, min_size=1, max_size=6).map("".join),
    st.sampled_from([r"\.a\.b$", r"\.b$", "$", ""]),
)
names = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["https", "http", "app"]),
    st.text("ab1-.", min_size=1, max_size=8),
    st.sampled_from(["", ":80", ":8080"]),
)


@given(regexes, names)
@example("https://a.b", "https://a.b")
@example(r"^https://ab*c\.a\.b$", "https://abbc.a.b")
@example(r"^https://a?b\.a\.b$", "https://a")
@example(r"^https://.*\.a\.b$", "https://x.a.b")
@example(r"^https://a.*\.a\.b$", "https://ax.a.b")
@example(r"^https://a\.b:\d+$", "https://a.b")
def test_a_suggestion_lets_in_nothing_that_the_regex_does_not(regex: str, origin: str) -> None:
    try:
        parse_pattern(regex)
    except PolicyError as error:
        (problem,) = error.problems
    else:
        return  # an ordinary entry
    if problem.code != "origin-regex" or not problem.suggestion:
        return
    parsed = parse_origin(origin)
    if parsed is None or not parse_pattern(problem.suggestion).covers(*parsed):
        return

    assert re.search(regex, origin)
