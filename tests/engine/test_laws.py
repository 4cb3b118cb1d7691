"""Laws that no policy and no request can break, whatever they are."""

from hypothesis import given
from hypothesis import strategies as st

from corsadmin.engine.packing import Allowance
from tests.engine import strategies as texts
from tests.engine.policies import APP, EVIL, ask, decide, policy, record

flags = st.booleans()
rules_of_any_kind = st.lists(
    st.fixed_dictionaries(
        {"path": st.sampled_from(["/", "/api/", "/api/{$}", "/api/x", "/*/x", "bad"])},
        optional={
            "methods": st.lists(st.sampled_from(["GET", "PUT", "*", "put"]), max_size=3),
            "request_headers": st.lists(st.sampled_from(["x-a", "*", "x a"]), max_size=2),
            "exposed_headers": st.lists(st.sampled_from(["x-b", "*", "a\nb"]), max_size=2),
            "exclusive": flags,
            "any_origin": flags,
            "credentials": flags,
            "refuse_unlisted": flags,
            "max_age": st.sampled_from([None, 0, 600, -1]),
        },
    ),
    max_size=3,
    unique_by=lambda rule: rule["path"],
)
# Most rules of any kind are refused by the gate: these are not.
sound_rules = st.fixed_dictionaries(
    {"path": st.sampled_from(["/", "/api/"]), "credentials": flags, "refuse_unlisted": flags},
    optional={"methods": st.just(["PUT"]), "exposed_headers": st.just(["x-b"])},
).map(lambda rule: [rule])
rules = st.one_of(sound_rules, rules_of_any_kind)
allowances = st.builds(
    Allowance, flags, st.sampled_from(["", "", "/api/"]), st.sampled_from([None, None, 1.0])
)
printable = texts.pattern_texts.filter(str.isprintable)
often_app = st.sampled_from([APP, APP, ""])  # otherwise hardly any request would be allowed
patterns = st.builds(lambda usual, other: usual or other, often_app, printable)
entries = st.lists(st.tuples(patterns, allowances), max_size=4)
policies = st.builds(
    lambda own, origins, above: policy(rules=own, origins=origins, platform=above),
    rules,
    entries,
    st.one_of(
        st.none(),
        st.builds(
            lambda own, origins: record("platform", rules=own, origins=origins), rules, entries
        ),
    ),
)
requests = st.builds(
    ask,
    st.builds(lambda usual, other: usual or other, often_app, texts.origin_texts),
    path=st.one_of(st.sampled_from(["/api/x", "/", "/api/"]), texts.paths, st.text(max_size=20)),
    method=st.sampled_from(["GET", "OPTIONS", "POST"]),
    asks=st.one_of(st.none(), st.sampled_from(["GET", "PUT", ""]), st.text(max_size=5)),
    headers=st.one_of(st.none(), texts.requested_headers),
)
moments = st.sampled_from([0.0, 1.0, 2.0])


@given(policies, requests, moments)
def test_laws_of_every_decision(held, request, now):
    decision = decide(held, request, now)

    sent = decision.response_headers
    origin = sent.get("Access-Control-Allow-Origin")
    assert decide(held, request, now) == decision
    assert origin in (None, "*", request.origin)
    assert (origin is not None) == decision.allowed or (origin == "*" and not request.origin)
    # Without branches: few examples reach some of them, and coverage is judged in every run.
    credentials = sent.get("Access-Control-Allow-Credentials")
    assert credentials in (None, "true")
    assert credentials is None or (origin not in (None, "*") and "*" not in sent.values())
    for name, value in sent.items():
        assert name.isascii()
        assert value.isascii()
        assert value.isprintable()
    refused = request.origin and not decision.allowed
    assert not (refused and any(name.startswith("Access-Control-") for name in sent))
    assert not decision.status or request.is_preflight or decision.status == 403


@given(policies, requests, moments)
def test_vary_depends_on_the_policy_and_not_on_the_origins_fate(held, request, now):
    other = request._replace(origin=EVIL if request.origin else "")

    assert decide(held, request, now).vary == decide(held, other, now).vary
