"""Wildcards inside a label and origins of applications, by the table written before the code."""

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from corsadmin.engine import Reason
from corsadmin.engine.entries import OriginText, check_origin
from corsadmin.engine.origins import parse_origin, parse_pattern
from corsadmin.engine.wildcards import (
    MAX_LABEL_LENGTHS,
    Wildcards,
    candidates,
    kept_lengths,
    label_lengths,
)
from tests.engine.policies import PLAIN, ask, decide, policy
from tests.engine.wildcard_rows import anchored, rows_of

REASONS = {
    "allow": Reason.ALLOWED,
    "deny": Reason.ORIGIN_NOT_LISTED,
    "malformed": Reason.ORIGIN_MALFORMED,
    "null": Reason.ORIGIN_NULL,
}


@pytest.mark.parametrize(("expected", "entry", "origin"), rows_of("wildcards.txt"))
def test_which_origin_an_entry_lets_in(expected: str, entry: str, origin: str) -> None:
    decision = decide(policy(origins=[(entry, PLAIN)]), ask(origin))

    assert check_origin(OriginText(pattern=entry)) == ()
    assert decision.reason is REASONS[expected]
    assert decision.allow_origin == (origin if expected == "allow" else "")


@pytest.mark.parametrize(("expected", "entry"), rows_of("wildcard_entries.txt"))
def test_which_entries_the_grammar_has(expected: str, entry: str) -> None:
    assert (check_origin(OriginText(pattern=entry)) == ()) is (expected == "valid")


# Few characters, so that parts often overlap and labels are often the same.
parts = st.text("ab-", max_size=3)
schemes = st.sampled_from(["https", "http", "app"])
parents = st.sampled_from(["a", "b", "a.b", "b.a", "1.a"])
ports = st.sampled_from(["", ":80", ":8443"])
near_hosts = st.one_of(
    st.builds("{}.{}".format, st.text("ab-1_", min_size=1, max_size=6), parents),
    st.sampled_from(["a", "-", ".", "1.2.3.4", "[::1]", "Ab~", "a*.a", "*.a", "*"]),
)
near_origins = st.builds("{}://{}{}".format, schemes, near_hosts, ports)
label_patterns = st.builds(
    "{}://{}*{}.{}{}".format, schemes, parts, parts, parents, st.one_of(ports, st.just(":*"))
)
other_patterns = st.sampled_from(
    ["app://*", "app://a", "https://*.a", "https://*.b.a:*", "http://a:*", "https://a.a"]
)
patterns = st.one_of(label_patterns, label_patterns, other_patterns)


def is_valid(pattern: str) -> bool:
    return check_origin(OriginText(pattern=pattern)) == ()


@given(patterns, near_origins)
@example("https://a*b.a", "https://aab.a")
@example("https://a*b.a", "https://ab.a")
@example("https://a*a.a", "https://aa.a")
@example("app://*", "app://Ab~")
@example("app://*", "app://a:80")
@example("https://1*.a", "https://1.2.3.4")
def test_a_wildcard_lets_in_exactly_what_the_anchored_regex_does(pattern: str, origin: str) -> None:
    assume(is_valid(pattern))
    parsed = parse_origin(origin)
    allowed = parsed is not None and re.fullmatch(anchored(pattern), origin) is not None

    assert decide(policy(origins=[(pattern, PLAIN)]), ask(origin)).allowed is allowed
    if parsed is not None:
        assert parse_pattern(pattern).covers(*parsed) is allowed
        assert (origin == pattern or pattern in candidates(*parsed)) is allowed


@given(patterns, patterns, near_origins)
@example("https://a*b.a", "https://aa*bb.a", "https://aaxbb.a")
@example("https://a*.a", "https://*b.a", "https://axb.a")
@example("https://*.a", "https://a*.b.a", "https://ax.b.a")
@example("https://*.b.a", "https://a*.a", "https://aa.a")
@example("app://*", "app://a", "app://a")
def test_what_contains_another_covers_it_and_what_does_not_overlap_shares_nothing(
    one: str, other: str, origin: str
) -> None:
    assume(is_valid(one) and is_valid(other))
    first, second = parse_pattern(one), parse_pattern(other)
    parsed = parse_origin(origin)

    if first.contains(second):
        assert first.overlaps(second)
    assert first.overlaps(second) is second.overlaps(first)
    assert first.contains(first)
    if parsed is not None and second.covers(*parsed):
        assert first.covers(*parsed) or not first.contains(second)
        assert first.overlaps(second) or not first.covers(*parsed)


@pytest.mark.parametrize(
    ("outer", "inner", "contains", "overlaps"),
    [
        ("https://a*.x.dev", "https://ab*.x.dev", True, True),
        ("https://a*.x.dev", "https://ab*c.x.dev", True, True),
        ("https://a*c.x.dev", "https://a*bc.x.dev", True, True),
        ("https://a*c.x.dev", "https://a*.x.dev", False, True),
        ("https://a*.x.dev", "https://b*.x.dev", False, False),
        ("https://*a.x.dev", "https://*b.x.dev", False, False),
        ("https://a*.x.dev", "https://*b.x.dev", False, True),
        ("https://a*.x.dev", "https://a*.y.dev", False, False),
        ("https://a*.x.dev", "https://ab.x.dev", True, True),
        ("https://a*.x.dev", "https://a.x.dev", False, False),
        ("https://a*.x.dev", "https://*.x.dev", False, True),
        ("https://*.x.dev", "https://a*.x.dev", True, True),
        ("https://*.dev", "https://a*.x.dev", True, True),
        ("https://*.y.x.dev", "https://a*.x.dev", False, False),
        ("https://a*.x.dev", "https://*.y.x.dev", False, False),
        ("https://a*.x.dev:*", "https://a*.x.dev:80", True, True),
        ("https://a*.x.dev:80", "https://a*.x.dev:*", False, True),
        ("https://a*.x.dev:80", "https://a*.x.dev:81", False, False),
        ("http://a*.x.dev", "https://a*.x.dev", False, False),
        ("app://*", "app://A", True, True),
        ("app://*", "app://A:80", False, False),
        ("app://A", "app://*", False, True),
        ("https://*.x.dev", "https://x.dev", False, False),
        ("https://*.x.dev", "https://*.y.x.dev", True, True),
        ("https://*.y.x.dev", "https://*.x.dev", False, True),
        ("https://x.dev", "https://x.dev", True, True),
        ("https://x.dev", "https://y.dev", False, False),
    ],
)
def test_patterns_within_patterns(outer: str, inner: str, contains: bool, overlaps: bool) -> None:
    wide, narrow = parse_pattern(outer), parse_pattern(inner)

    assert wide.contains(narrow) is contains
    assert wide.overlaps(narrow) is overlaps
    assert narrow.overlaps(wide) is overlaps


@pytest.mark.parametrize(
    ("pattern", "lengths"),
    [
        ("https://pr-*.acme.dev", (3, 0)),
        ("https://*--site.netlify.app:*", (0, 6)),
        ("https://a*bc.acme.dev:8443", (1, 2)),
        ("https://*.acme.dev", None),
        ("https://a.acme.dev", None),
        ("http://localhost:*", None),
        ("http://a.example:*", None),
        ("http://[::1]:*", None),
        ("app://*", None),
    ],
)
def test_the_lengths_beside_the_star(pattern: str, lengths: tuple[int, int] | None) -> None:
    assert label_lengths(pattern) == lengths


def many_lengths(count: int, parent: str = "acme{}.dev") -> list[str]:
    """Return label wildcards of so many different pairs of lengths."""
    pairs = [("a" * (1 + number // 9), "b" * (1 + number % 9)) for number in range(count)]
    return [
        f"https://{before}*{after}.{parent.format(number)}"
        for number, (before, after) in enumerate(pairs)
    ]


def test_a_tenant_has_at_most_so_many_pairs_of_lengths_and_all_others_deny() -> None:
    texts = many_lengths(MAX_LABEL_LENGTHS + 1)
    found = [lengths for text in texts if (lengths := label_lengths(text))]
    kept = kept_lengths(found)
    held = policy(origins=[(text, PLAIN) for text in texts])

    allowed = [text for text in texts if decide(held, ask(text.replace("*", "x"))).allowed]

    assert len(kept) == len(allowed) == MAX_LABEL_LENGTHS
    assert allowed == [text for text, lengths in zip(texts, found, strict=True) if lengths in kept]
    assert kept == kept_lengths([*reversed(found), *found])  # in whatever order they are read


def test_the_same_lengths_below_many_parents_count_once() -> None:
    texts = [f"https://pr-*.tenant{number}.example" for number in range(MAX_LABEL_LENGTHS + 1)]
    held = policy(origins=[(text, PLAIN) for text in texts])

    assert all(decide(held, ask(text.replace("*", "1"))).allowed for text in texts)


def test_hosts_with_another_parent_are_not_looked_up() -> None:
    held = Wildcards(many_lengths(20, "acme.dev"))

    assert list(held.candidates("https", "axb.other.dev", "")) == []
    assert list(held.candidates("https", "axb.acme.dev", "")) == [
        "https://a*b.acme.dev",
        "https://a*b.acme.dev:*",
    ]
