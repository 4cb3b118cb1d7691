"""Credentials and a star: the answer to a preflight names what a listed origin asks for."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corsadmin.engine import Reason, browser
from corsadmin.engine.headers import parse_requested_headers
from corsadmin.engine.methods import is_forbidden_method, is_method
from tests.asserts import PREFLIGHT_VARY, assert_cors, assert_no_cors
from tests.engine import strategies
from tests.engine.policies import APP, CREDENTIALS, EVIL, PLAIN, decide, policy, preflight

BOTH = {"credentials": True, "methods": ["*"], "request_headers": ["*"]}


def answered(rule, request, entry=CREDENTIALS):
    return decide(policy(rules=[{"credentials": True, **rule}], origins=[(APP, entry)]), request)


@pytest.mark.parametrize(
    ("rule", "asked", "named"),
    [
        pytest.param(BOTH, ("PATCH", "x-a,x-b"), ("PATCH", "x-a, x-b"), id="what was asked"),
        pytest.param(
            BOTH, ("patch", "X-B, x-a"), ("patch", "x-b, x-a"), id="methods keep their case"
        ),
        pytest.param(BOTH, ("GET", None), ("GET", None), id="a method alone"),
        pytest.param(BOTH, ("GET", ""), ("GET", None), id="no names"),
        pytest.param(
            BOTH, ("GET", "authorization"), ("GET", "authorization"), id="authorization included"
        ),
        pytest.param(BOTH, ("*", "*"), ("*", "*"), id="a star is a name that may be asked for"),
        pytest.param(BOTH, ("GET", "x-a,X-A,x-a"), ("GET", "x-a"), id="each once"),
        pytest.param(
            {"methods": ["PUT", "*", "GET"], "request_headers": ["x-z", "*", "x-a"]},
            ("PATCH", "x-a,x-b"),
            ("PUT, GET, PATCH", "x-z, x-a, x-b"),
            id="the named ones come first",
        ),
        pytest.param(
            {"methods": ["PUT", "*"], "request_headers": ["*"]},
            ("PUT", "x-a"),
            ("PUT", "x-a"),
            id="a named method is not named twice",
        ),
        pytest.param(
            {"methods": ["PUT"], "request_headers": ["*"]},
            ("PUT", "x-a"),
            ("PUT", "x-a"),
            id="a star among the headers alone",
        ),
        pytest.param(
            {"methods": ["PUT"], "request_headers": ["*"]},
            ("GET", "x-a"),
            ("PUT", "x-a"),
            id="a method that needs no naming",
        ),
        pytest.param(
            {"methods": ["*"], "request_headers": ["x-a"]},
            ("PATCH", None),
            ("PATCH", "x-a"),
            id="a star among the methods alone",
        ),
        pytest.param(
            {"methods": [], "request_headers": ["*"]},
            ("POST", "x-a"),
            (None, "x-a"),
            id="no method is listed",
        ),
    ],
)
@pytest.mark.parametrize("entry", [CREDENTIALS, PLAIN], ids=["credentials", "no credentials"])
def test_the_answer_names_what_was_asked(rule, asked, named, entry):
    text = {"max_age": 60, "exposed_headers": ["x-total"], **rule}

    decision = answered(text, preflight(APP, *asked), entry)

    assert (decision.reason, decision.status) == (Reason.ALLOWED, 204)
    assert_cors(
        decision.response_headers,
        origin=APP,
        credentials=entry.credentials,
        methods=named[0],
        request_headers=named[1],
        max_age="60",
        vary=PREFLIGHT_VARY,
    )


@pytest.mark.parametrize(
    ("rule", "request_", "reason"),
    [
        pytest.param(BOTH, preflight(EVIL, "GET", "x-a"), Reason.ORIGIN_NOT_LISTED, id="unlisted"),
        pytest.param(BOTH, preflight("null", "GET"), Reason.ORIGIN_NULL, id="P34 null"),
        pytest.param(BOTH, preflight(APP, "TRACE"), Reason.METHOD_NOT_ALLOWED, id="P10 forbidden"),
        pytest.param(BOTH, preflight(APP, "P UT"), Reason.METHOD_NOT_ALLOWED, id="P11 no method"),
        pytest.param(BOTH, preflight(APP, "M" * 65), Reason.METHOD_NOT_ALLOWED, id="too long"),
        pytest.param(BOTH, preflight(APP, "GET", "x a"), Reason.HEADER_NOT_ALLOWED, id="no token"),
        pytest.param(
            BOTH,
            preflight(APP, "GET", ",".join(f"x{number}" for number in range(65))),
            Reason.HEADER_NOT_ALLOWED,
            id="P16 more names than are read",
        ),
        pytest.param(
            BOTH, preflight(APP, "GET", "x" * 4097), Reason.HEADER_NOT_ALLOWED, id="P16 too long"
        ),
        pytest.param(
            {"methods": ["*"], "request_headers": ["x-a"]},
            preflight(APP, "PUT", "authorization"),
            Reason.HEADER_NOT_ALLOWED,
            id="the star of the methods covers no header",
        ),
        pytest.param(
            {"methods": ["GET"], "request_headers": ["*"]},
            preflight(APP, "PUT", "x-a"),
            Reason.METHOD_NOT_ALLOWED,
            id="the star of the headers covers no method",
        ),
    ],
)
def test_what_is_refused_is_not_named(rule, request_, reason):
    decision = answered(rule, request_)

    assert (decision.reason, decision.status) == (reason, 403)
    assert_no_cors(decision.response_headers, vary=PREFLIGHT_VARY)


def test_p19_without_credentials_of_the_rule_the_star_is_sent():
    held = policy(rules=[{**BOTH, "credentials": False}], origins=[(APP, CREDENTIALS)])

    decision = decide(held, preflight(APP, "PUT", "x-a"))

    assert_cors(
        decision.response_headers,
        origin=APP,
        methods="*",
        request_headers="*",
        vary=PREFLIGHT_VARY,
    )
    assert not decide(held, preflight(APP, "PUT", "authorization")).allowed


def test_the_answer_is_as_bounded_as_the_question():
    named = [f"x-{number:0126}" for number in range(63)]
    asked = ",".join(f"y-{number:060}" for number in range(64))

    sent = answered({"request_headers": ["*", *named]}, preflight(APP, "GET", asked))

    assert len(asked) <= 4096
    names = sent.response_headers["Access-Control-Allow-Headers"].split(", ")
    assert names == [*named, *asked.split(",")]


methods_asked = st.one_of(
    st.sampled_from(["GET", "PUT", "patch", "TRACE", "*", "", "P UT"]), st.text(max_size=6)
)
listed = st.tuples(
    st.lists(st.sampled_from(["PUT", "GET"]), unique=True),
    st.lists(st.sampled_from(["x-a", "authorization"]), unique=True),
)


@given(
    st.sampled_from([APP, EVIL, "null", ""]),
    methods_asked,
    st.one_of(st.none(), strategies.requested_headers),
    listed,
    st.sampled_from([CREDENTIALS, PLAIN]),
)
@example(APP, "patch", "X-A,authorization,\u212a", ([], []), CREDENTIALS)
@example(APP, "PUT", "authorization", ([], []), PLAIN)
def test_a_listed_origin_is_named_what_it_asks_and_nobody_else_anything(
    origin, method, asked, named, entry
):
    rule = {"methods": ["*", *named[0]], "request_headers": ["*", *named[1]]}

    decision = answered(rule, preflight(origin, method, asked), entry)

    sent = decision.response_headers
    parsed = parse_requested_headers(asked or "")
    is_sound = is_method(method) and not is_forbidden_method(method) and parsed is not None
    assert decision.allowed is (origin == APP and is_sound)
    if not decision.allowed:
        assert_no_cors(sent, vary=PREFLIGHT_VARY if origin else "Origin")
        return
    assert parsed is not None
    methods = sent["Access-Control-Allow-Methods"].split(", ")
    names = sent.get("Access-Control-Allow-Headers", "").split(", ")
    assert methods == [*dict.fromkeys([*named[0], method])]
    assert names == ([*dict.fromkeys([*named[1], *parsed])] or [""])
    page = browser.FetchRequest(origin, method, tuple(sorted(parsed)))
    granted = entry.credentials
    assert browser.check_preflight_response(204, sent, page, credentials=granted) == ""
