"""Path rules and origin entries: what is refused, and what a sound one compiles to."""

import pytest

from corsadmin.engine.entries import OriginText, check_origin
from corsadmin.engine.problems import PolicyError
from corsadmin.engine.rules import RuleText, check_rule, compile_rule, stored_rule


def codes(problems):
    return [(problem.field, problem.code) for problem in problems]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, [], id="a path alone is sound"),
        pytest.param(
            {"path": "api/"}, [("path", "path-leading-slash-missing")], id="relative path"
        ),
        pytest.param({"methods": ["put"]}, [("methods", "method-lower-case")], id="P08 lower case"),
        pytest.param(
            {"methods": ["GET", "TRACE", "P UT"]},
            [("methods", "method-forbidden"), ("methods", "method-not-token")],
            id="P10 every bad method is named",
        ),
        pytest.param(
            {"methods": ["GET", "GET"]}, [("methods", "value-duplicate")], id="a method twice"
        ),
        pytest.param(
            {"request_headers": ["x-a", "X-B", "x-a", "X-A"]},
            [],
            id="a request header in several spellings",
        ),
        pytest.param(
            {"request_headers": ["X-A"] * 65 + ["Cookie"]},
            [("request_headers", "header-forbidden")],
            id="a long list of few names",
        ),
        pytest.param(
            {"exposed_headers": ["x-a\r\nSet-Cookie"]},
            [("exposed_headers", "header-not-token")],
            id="V40 a header name with a line break",
        ),
        pytest.param(
            {"exposed_headers": ["set-cookie"]},
            [("exposed_headers", "header-forbidden")],
            id="P22 set-cookie cannot be exposed",
        ),
        pytest.param(
            {"exposed_headers": [f"x-{number}" for number in range(64)]}, [], id="the longest list"
        ),
        pytest.param(
            {
                "methods": [f"M{number}" for number in range(65)],
                "request_headers": [f"x-{number}" for number in range(65)],
                "exposed_headers": [f"x-{number}" for number in range(65)],
            },
            [
                ("methods", "list-too-long"),
                ("request_headers", "list-too-long"),
                ("exposed_headers", "list-too-long"),
            ],
            id="lists that no preflight can ask for",
        ),
        pytest.param({"max_age": 0}, [], id="P23 max age zero"),
        pytest.param({"max_age": 86_400}, [], id="P23 the longest max age"),
        pytest.param({"max_age": -1}, [("max_age", "max-age-out-of-range")], id="P23 negative"),
        pytest.param({"max_age": 86_401}, [("max_age", "max-age-out-of-range")], id="P23 too long"),
        pytest.param({"max_age": True}, [("max_age", "max-age-out-of-range")], id="P23 a truth"),
        pytest.param({"max_age": "5"}, [("max_age", "max-age-out-of-range")], id="P23 a text"),
        pytest.param({"max_age": 5.5}, [("max_age", "max-age-out-of-range")], id="P23 a fraction"),
        pytest.param({"any_origin": True}, [], id="any origin without credentials"),
        pytest.param(
            {"any_origin": True, "credentials": True},
            [("any_origin", "any-origin-with-credentials")],
            id="V07 any origin with credentials",
        ),
        pytest.param(
            {
                "credentials": True,
                "methods": ["*"],
                "request_headers": ["*"],
                "exposed_headers": ["*"],
            },
            [
                ("exposed_headers", "wildcard-with-credentials"),
            ],
            id="P19 exposed headers cannot be echoed",
        ),
    ],
)
def test_problems_of_a_path_rule(fields, expected):
    text = RuleText(**{"path": "/api/", **fields})

    assert codes(check_rule(text)) == expected


def test_an_unsound_rule_does_not_compile_and_names_every_problem():
    with pytest.raises(PolicyError) as caught:
        compile_rule(RuleText(path="api", max_age=-1))

    assert codes(caught.value.problems) == [
        ("path", "path-leading-slash-missing"),
        ("max_age", "max-age-out-of-range"),
    ]


def test_an_unsound_stored_rule_becomes_one_that_denies():
    rule = stored_rule(RuleText(path="/api/", any_origin=True, credentials=True), inherited=True)

    assert (rule.path, rule.invalid, rule.inherited, rule.any_origin) == (
        "/api/",
        True,
        True,
        False,
    )


def test_header_values_are_ready_to_send():
    rule = compile_rule(
        RuleText(
            path="/api/",
            methods=["GET", "PUT"],
            request_headers=["Content-Type", "x-a", "X-A"],
            exposed_headers=["x-total", "Content-Type"],
            credentials=True,
            max_age=0,
        )
    )

    assert rule.actual == (("Access-Control-Expose-Headers", "x-total"),)
    assert rule.actual_credentials == (
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", "x-total"),
    )
    assert rule.preflight == (
        ("Access-Control-Allow-Methods", "GET, PUT"),
        ("Access-Control-Allow-Headers", "content-type, x-a"),
        ("Access-Control-Max-Age", "0"),
    )
    assert rule.preflight_credentials == (
        ("Access-Control-Allow-Credentials", "true"),
        *rule.preflight,
    )
    assert rule.request_headers == {"content-type", "x-a"}
    assert rule.vary == "Origin"
    assert rule.preflight_vary == (
        "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
    )


def test_a_static_answer_does_not_vary_on_origin():
    rule = compile_rule(RuleText(path="/", any_origin=True))

    assert rule.vary == ""
    assert rule.preflight_vary == "Access-Control-Request-Method, Access-Control-Request-Headers"


def test_empty_lists_send_no_headers():
    rule = compile_rule(RuleText(path="/"))

    assert rule.preflight == ()
    assert rule.actual == ()
    assert rule.methods == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, [], id="a plain origin"),
        pytest.param({"pattern": "https://a.example/"}, ["origin-trailing-slash"], id="a URL"),
        pytest.param({"scope": "/api/*/x"}, [], id="a scope with a wildcard"),
        pytest.param({"scope": "api"}, ["path-leading-slash-missing"], id="a relative scope"),
        pytest.param({"valid_from": 1.0, "valid_until": 2.0}, [], id="a window"),
        pytest.param({"valid_from": 2.0, "valid_until": 2.0}, ["window-order"], id="an empty one"),
        pytest.param(
            {"valid_from": 3.0, "valid_until": 2.0}, ["window-order"], id="a reversed one"
        ),
        pytest.param({"valid_from": 3.0}, [], id="an open end"),
        pytest.param({"pattern": "http://a.example"}, [], id="plain http without credentials"),
        pytest.param(
            {"pattern": "http://a.example", "credentials": True},
            ["risk-plain-http"],
            id="plain http with credentials",
        ),
        pytest.param(
            {"pattern": "http://a.example", "credentials": True, "risk_accepted": True},
            [],
            id="an accepted risk",
        ),
        pytest.param(
            {"pattern": "http://localhost:*", "credentials": True}, [], id="localhost is no risk"
        ),
        pytest.param(
            {"pattern": "https://*.github.io", "credentials": True},
            ["risk-public-suffix"],
            id="a public suffix with credentials",
        ),
        pytest.param(
            {"pattern": "nonsense", "scope": "api", "valid_from": 2.0, "valid_until": 1.0},
            ["path-leading-slash-missing", "window-order", "origin-scheme-missing"],
            id="every problem at once",
        ),
    ],
)
def test_problems_of_an_origin_entry(fields, expected):
    text = OriginText(**{"pattern": "https://app.example.com", **fields})

    assert [problem.code for problem in check_origin(text)] == expected
