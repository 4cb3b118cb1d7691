"""Which entries cover an origin: candidates against one reading of each pattern."""

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from corsadmin.engine.origins import parse_origin, parse_pattern
from corsadmin.engine.problems import PolicyError
from corsadmin.engine.wildcards import Wildcards, candidates, wildcard_base
from tests.engine import strategies
from tests.engine.wildcard_rows import anchored


def naive_covers(pattern: str, origin: str) -> bool:
    """Decide as the design says, one pattern at a time, with a regular expression."""
    return re.fullmatch(anchored(pattern), origin) is not None


def test_candidates_come_nearest_first() -> None:
    assert list(candidates("https", "abc.b.example", "8443")) == [
        "https://abc.b.example:*",
        "https://ab*.b.example:8443",
        "https://ab*.b.example:*",
        "https://a*c.b.example:8443",
        "https://a*c.b.example:*",
        "https://*bc.b.example:8443",
        "https://*bc.b.example:*",
        "https://a*.b.example:8443",
        "https://a*.b.example:*",
        "https://*c.b.example:8443",
        "https://*c.b.example:*",
        "https://*.b.example:8443",
        "https://*.b.example:*",
        "https://*.example:8443",
        "https://*.example:*",
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_addresses_and_single_labels_have_no_wildcard_above(host: str) -> None:
    assert list(candidates("http", host, "")) == [f"http://{host}:*"]


close_labels = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=3).map(".".join)
close_hosts = st.one_of(close_labels, st.sampled_from(["127.0.0.1", "[::1]", "0.0.1.a", "1"]))
close_schemes = st.sampled_from(["http", "https"])
close_ports = st.sampled_from(["", ":80", ":443", ":8080"])
close_origins = st.builds("{}://{}{}".format, close_schemes, close_hosts, close_ports)
close_patterns = st.builds(
    "{}://{}{}{}".format,
    close_schemes,
    st.sampled_from(["", "*.", "a*.", "*b.", "a*b."]),
    close_hosts,
    st.one_of(close_ports, st.just(":*")),
)


@given(close_origins, close_patterns)
@example("http://a:8080", "http://*.a:8080")
@example("http://a", "http://a:80")
def test_an_origin_is_covered_exactly_by_itself_and_its_candidates(
    origin: str, pattern: str
) -> None:
    parsed = parse_origin(origin)
    assume(parsed is not None)
    assert parsed is not None
    try:
        found = parse_pattern(pattern)
    except PolicyError:
        return

    expected = naive_covers(pattern, origin)
    assert (pattern == origin or pattern in candidates(*parsed)) is expected
    assert found.covers(*parsed) is expected


@given(close_origins, st.sets(close_patterns, max_size=6))
@example("https://aab.b", {"https://a*.b", "https://*b.b:*", "https://*.b", "https://aab.b:*"})
@example("app://a", {"app://*", "https://*.b"})
def test_a_tenants_wildcards_are_found_in_the_same_order(origin: str, held: set[str]) -> None:
    parsed = parse_origin(origin)
    assume(parsed is not None)
    assert parsed is not None
    found = dict.fromkeys(Wildcards(held).candidates(*parsed))

    assert [text for text in found if text in held] == [
        text for text in dict.fromkeys(candidates(*parsed)) if text in held and "*" in text
    ]


@pytest.mark.parametrize(
    ("pattern", "base"),
    [
        ("https://*.example.org", ".example.org"),
        ("https://*.example.org:8443", ".example.org"),
        ("https://*.example.org:*", ".example.org"),
        ("http://localhost:*", "localhost"),
        ("http://[::1]:*", "[::1]"),
        ("http://[::1]", "[::1]"),
        ("https://pr-*.example.org:8443", "pr-*.example.org"),
        ("https://*-x.example.org:*", "*-x.example.org"),
        ("app://*", ""),
    ],
)
def test_the_base_of_a_pattern(pattern: str, base: str) -> None:
    assert wildcard_base(pattern) == base


@given(strategies.origin_texts)
@example("https://a.b.example")
@example("https://")
def test_every_candidate_is_a_pattern_that_covers_its_origin(text: str) -> None:
    parsed = parse_origin(text)
    if parsed is not None:
        assert all(naive_covers(pattern, text) for pattern in candidates(*parsed))
