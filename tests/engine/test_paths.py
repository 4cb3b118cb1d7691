"""Path patterns: which are accepted, what they cover, and which of several wins."""

from itertools import permutations

import pytest
from hypothesis import example, given

from corsadmin.engine.path_table import MAX_TRIED_PREFIXES, PathTable
from corsadmin.engine.paths import check_path, covers, is_coverable, specificity, written
from corsadmin.engine.problems import Problem
from tests.engine import strategies


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/api/", "/api/greet", "/t/*/orders/", "/*", "/é/a b", "/.a/a.", "/a%", "/$x;y$"),
        *("/{$}", "/api/{$}", "/t/*/{$}"),
    ],
)
def test_a_path_pattern_is_accepted(path: str) -> None:
    assert check_path(path) is None


@pytest.mark.parametrize(
    ("path", "code", "suggestion"),
    [
        pytest.param("", "path-empty", "", id="empty"),
        pytest.param(" ", "path-empty", "", id="a space only"),
        pytest.param("/" + "a" * 512, "path-too-long", "", id="over the bound"),
        pytest.param("/api/\n", "path-white-space", "/api/", id="newline after it"),
        pytest.param("/a\x00b", "path-control-character", "", id="NUL"),
        pytest.param("/a\u2028b", "path-control-character", "", id="line separator"),
        pytest.param("/a\ud800", "path-control-character", "", id="lone surrogate"),
        pytest.param("https://a.example/api/", "path-url", "/api/", id="a whole URL"),
        pytest.param("https://a.example", "path-url", "/", id="a URL without a path"),
        pytest.param("^/api/.*$", "path-regex", "/api/", id="regex as other packages want it"),
        pytest.param(r"^\/api\/v1$", "path-regex", "/api/v1", id="regex with escaped slashes"),
        pytest.param("^/(a|b)/$", "path-regex", "/(a|b)/{$}", id="regex of two"),
        pytest.param("^/foo/$", "path-regex", "/foo/{$}", id="regex of one path with a slash"),
        pytest.param("^/$", "path-regex", "/{$}", id="regex of the root"),
        pytest.param("^/[a-z]{2}/", "path-regex", "", id="regex that counts"),
        pytest.param("/api{$}", "path-brace", "/api", id="exact without a slash"),
        pytest.param("/{$}/x", "path-brace", "", id="exact and more after it"),
        pytest.param("/{$}/", "path-brace", "", id="exact and a slash after it"),
        pytest.param("/a/x{$}", "path-brace", "/a/x", id="exact after a letter"),
        pytest.param("/shops/{id}/", "path-brace", "/shops/*/", id="a route with a name"),
        pytest.param("/{a}/{b}", "path-brace", "/*/*", id="a route with two names"),
        pytest.param("/{a}/{$}", "path-brace", "/*/{$}", id="a route that ends"),
        pytest.param("/files/{path...}", "path-brace", "/files/", id="a route with the rest"),
        pytest.param("/files/{path...}/x", "path-brace", "", id="the rest in the middle"),
        pytest.param("/a/{id", "path-brace", "", id="an open brace"),
        pytest.param("/a/id}", "path-brace", "", id="a closing brace"),
        pytest.param("/a/{}", "path-brace", "", id="empty braces"),
        pytest.param("/v{id}/", "path-brace", "", id="braces in part of a segment"),
        pytest.param("/a/{$$}", "path-brace", "", id="braces around something else"),
        pytest.param("/%7B$%7D", "path-percent-encoded", "/{$}", id="encoded braces"),
        pytest.param("api/{$}", "path-leading-slash-missing", "/api/{$}", id="no slash, exact"),
        pytest.param("{$}", "path-leading-slash-missing", "/{$}", id="braces alone"),
        pytest.param("/a/../{$}", "path-dot-segment", "/{$}", id="dot segments, exact"),
        pytest.param("//{$}", "path-empty-segment", "/{$}", id="empty segment, exact"),
        pytest.param("\\api\\", "path-backslash", "/api/", id="backslashes"),
        pytest.param("/api/#top", "path-fragment", "/api/", id="fragment"),
        pytest.param("/api/?x=1", "path-query", "/api/", id="query"),
        pytest.param("?x", "path-query", "", id="query only"),
        pytest.param("/a%2Fb", "path-percent-encoded", "/a/b", id="V22 encoded slash"),
        pytest.param("/%C3%A9/", "path-percent-encoded", "/é/", id="encoded letter"),
        pytest.param("/%252F", "path-percent-encoded", "", id="V22 encoded twice"),
        pytest.param("/a/%2e%2e/b", "path-percent-encoded", "/b", id="V24 encoded dots"),
        pytest.param("/%ff", "path-percent-encoded", "", id="encoded, but not UTF-8"),
        pytest.param("/%00", "path-percent-encoded", "", id="encoded NUL"),
        pytest.param("api/", "path-leading-slash-missing", "/api/", id="no slash first"),
        pytest.param("*", "path-leading-slash-missing", "/", id="everything"),
        pytest.param("/api//x/", "path-empty-segment", "/api/x/", id="V24 empty segment"),
        pytest.param("//", "path-empty-segment", "/", id="slashes only"),
        pytest.param("/a/../b/", "path-dot-segment", "/b/", id="V24 dot segments"),
        pytest.param("/a/./b", "path-dot-segment", "/a/b", id="V24 single dot"),
        pytest.param("/a/b/..", "path-dot-segment", "/a/", id="V24 dots at the end"),
        pytest.param("/..", "path-dot-segment", "/", id="V24 dots only"),
        pytest.param("/api/v*/", "path-wildcard-position", "", id="star inside a segment"),
        pytest.param("/api/**", "path-wildcard-position", "/api/", id="two stars"),
    ],
)
def test_a_refused_path_says_why_and_what_to_write(path: str, code: str, suggestion: str) -> None:
    assert check_path(path) == Problem("path", code, path, suggestion)


def test_a_scope_is_checked_as_a_path_under_its_own_name() -> None:
    assert check_path("api", "scope") == Problem(
        "scope", "path-leading-slash-missing", "api", "/api"
    )


@given(strategies.path_texts)
def test_a_suggested_path_is_accepted(text: str) -> None:
    problem = check_path(text)

    assert problem is None or not problem.suggestion or check_path(problem.suggestion) is None


@given(strategies.path_texts)
@example("/a")
@example("a")
def test_an_accepted_path_without_a_star_covers_itself(text: str) -> None:
    if check_path(text) is None and "*" not in text:
        assert covers(text, written(text))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/", True, id="root"),
        pytest.param("/a.b/.c/..d/e.", True, id="dots within segments"),
        pytest.param("/public//x", True, id="V24 empty segment"),
        pytest.param("/public/x;y", True, id="V24 parameter"),
        pytest.param("/public/../private/x", False, id="V24 dot-dot segment"),
        pytest.param("/public/./x", False, id="V24 dot segment"),
        pytest.param("/public/..", False, id="V24 dot-dot at the end"),
        pytest.param("/public/.", False, id="V24 dot at the end"),
        pytest.param("/public/..\\private", False, id="V24 backslash"),
        pytest.param("/public/x\0", False, id="V24 NUL"),
        pytest.param("", False, id="empty"),
        pytest.param("api/", False, id="no slash first"),
        pytest.param("*", False, id="OPTIONS of the whole server"),
    ],
)
def test_which_paths_can_be_covered_at_all(path: str, expected: bool) -> None:
    assert is_coverable(path) is expected
    assert covers("/", path) is expected
    assert (PathTable({"/": 1}).find(path) == 1) is expected
    assert (PathTable({"/": 1, "/*/x": 2}).find(path) == 1) is expected


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        pytest.param("/api/", "/api/", True, id="prefix covers itself"),
        pytest.param("/api/", "/api/greet/1", True, id="prefix covers all below"),
        pytest.param("/api/", "/api", False, id="prefix needs its slash"),
        pytest.param("/api/", "/apix/", False, id="prefix ends at a segment"),
        pytest.param("/api/greet", "/api/greet", True, id="exact"),
        pytest.param("/api/greet", "/api/greet/", False, id="exact has no slash"),
        pytest.param("/t/*/x", "/t/1/x", True, id="star is a segment"),
        pytest.param("/t/*/x", "/t/1/2/x", False, id="star is one segment"),
        pytest.param("/t/*/x", "/t//x", False, id="star is not an empty segment"),
        pytest.param("/t/*", "/t/1", True, id="star at the end"),
        pytest.param("/t/*", "/t/", False, id="star at the end is not empty"),
        pytest.param("/t/*", "/t/1/", False, id="star at the end is exact"),
        pytest.param("/t/*/", "/t/1/", True, id="star before all below"),
        pytest.param("/t/*/", "/t/1/2//", True, id="star covers all below"),
        pytest.param("/t/*/", "/t/1", False, id="star prefix needs its slash"),
        pytest.param("/t/*/", "/t//", False, id="star prefix needs a segment"),
        pytest.param("/*", "/*", True, id="a star in a path is a character"),
        pytest.param("/api/{$}", "/api/", True, id="exact with a slash"),
        pytest.param("/api/{$}", "/api", False, id="exact with a slash needs it"),
        pytest.param("/api/{$}", "/api/x", False, id="exact with a slash covers nothing below"),
        pytest.param("/api/{$}", "/api//", False, id="exact with a slash covers no second one"),
        pytest.param("/api/{$}", "/api/{$}", False, id="exact with a slash is not its own text"),
        pytest.param("/{$}", "/", True, id="the root alone"),
        pytest.param("/{$}", "/a", False, id="the root alone and a path"),
        pytest.param("/t/*/{$}", "/t/1/", True, id="exact with a slash after a star"),
        pytest.param("/t/*/{$}", "/t/1", False, id="exact with a slash after a star needs it"),
        pytest.param("/t/*/{$}", "/t/1/2", False, id="exact after a star covers nothing below"),
        pytest.param("/t/*/{$}", "/t//", False, id="exact after a star needs a segment"),
        pytest.param("/a/b", "/a%2Fb", False, id="V22 never decoded"),
        pytest.param("/service+path", "/service path", False, id="V21 plus is no space"),
        pytest.param("/service path", "/service+path", False, id="V21 space is no plus"),
        pytest.param("/public/", "/PUBLIC/", False, id="V23 upper case"),
        pytest.param("/public/", "/Public/", False, id="V23 mixed case"),
    ],
)
def test_what_a_pattern_covers(pattern: str, path: str, expected: bool) -> None:
    assert covers(pattern, path) is expected
    assert (PathTable({pattern: 1}).find(path) == 1) is expected
    assert (PathTable({pattern: 1, "/other/*": 2}).find(path) == 1) is expected


def test_patterns_sort_by_segment_then_length_then_exact_before_prefix() -> None:
    expected = [
        "/a/b/c",
        "/a/b/*",
        "/a/b",
        "/a/b/{$}",
        "/a/b/",
        "/a/*/c",
        "/a/*",
        "/a/*/{$}",
        "/a/{$}",
        "/a/",
        "/*/b",
        "/*",
        "/*/{$}",
        "/*/",
        "/{$}",
        "/",
    ]

    for shift in range(len(expected)):
        assert sorted(expected[shift:] + expected[:shift], key=specificity) == expected


@given(strategies.patterns_of_paths, strategies.patterns_of_paths)
def test_specificity_is_a_total_order(first: str, second: str) -> None:
    assert (specificity(first) == specificity(second)) is (first == second)


@pytest.mark.parametrize(
    "patterns",
    [
        pytest.param(order, id="V20 " + " ".join(order))
        for order in permutations(["/api/", "/api/admin/", "/*/very/long/and/broad/"])
    ],
)
def test_the_closed_rule_wins_in_every_order(patterns: tuple[str, ...]) -> None:
    table = PathTable({pattern: pattern for pattern in patterns})

    assert table.find("/api/admin/x") == "/api/admin/"
    assert table.find("/api/x") == "/api/"
    assert table.find("/api/very/long/and/broad/x") == "/api/"
    assert table.find("/x/very/long/and/broad/x") == "/*/very/long/and/broad/"
    assert table.find("/x") is None


def test_an_empty_table_finds_nothing() -> None:
    assert PathTable[int]({}).find("/") is None


def test_many_prefixes_are_found_as_a_few_are() -> None:
    patterns = [f"/{'x' * length}/" for length in range(MAX_TRIED_PREFIXES + 1)] + ["/xx", "/xx/y"]
    table = PathTable({pattern: pattern for pattern in patterns})

    for pattern in patterns:
        assert table.find(pattern) == pattern
        assert table.find(pattern + "/z") == (pattern if pattern[-1] == "/" else "/xx/")
    assert table.find("xx/y") is None


def test_an_exact_path_of_a_prefixs_length_covers_nothing_below() -> None:
    table = PathTable({"/api/greet": 1, "/other/xx/": 2})

    assert table.find("/api/greet/more") is None


@pytest.mark.parametrize("pattern", ["/a/", "/*/b/"])
def test_a_long_path_is_searched_no_deeper_than_the_patterns(pattern: str) -> None:
    table = PathTable({pattern: 1})

    assert table.find("/a/b" + "/x" * 5000) == 1
    assert table.find("/" * 9000) is None


@given(strategies.rows_of_paths, strategies.paths)
@example({"/*/b": 1, "/a/*/": 2, "/a/": 3}, "/a/b")
@example({"/a/{$}": 1, "/a/": 2}, "/a/")
@example({"/a/{$}": 1, "/*/": 2}, "/a//")
@example({"/*/{$}": 1, "/a/": 2, "/": 3}, "/b/")
@example({"/a/{$}": 1, "/*/b": 2, "/*/": 3}, "/a/b")
@example({"": 1, "*": 2, "a/": 3, "/a//": 4}, "/a//b")
@example({"": 1, "*": 2, "a/": 3, "/a//": 4}, "")
def test_the_first_covering_pattern_by_specificity_is_found(
    rows: dict[str, int], path: str
) -> None:
    covering = sorted((pattern for pattern in rows if covers(pattern, path)), key=specificity)
    expected = rows[covering[0]] if covering else None

    assert PathTable(rows).find(path) == expected
    # A star anywhere moves the table to its other way of searching.
    assert PathTable({**rows, "/z/*": -1}).find(path) == expected
