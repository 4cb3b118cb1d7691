"""An impact is what a replay shows: exactly, or never less, where the paths are not known."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sightings.replays import (
    PATTERNS,
    WINDOWS,
    World,
    calls_to,
    certain,
    entries_with,
    impact,
    possible,
    replay,
    rules_on,
    subsets,
)

pytestmark = pytest.mark.slow

FLAT = ("/api/", "/public/", "/hooks")
FLAT_CALLS = ("/api/x", "/public/y", "/hooks", "/nowhere")
flat_worlds = st.builds(
    World,
    rules_on(st.sampled_from(FLAT), credentials=st.booleans()),
    entries_with(st.just("")),
    st.just(()),
    st.just(()),
)
NESTED = ("/", "/api/", "/api/x/", "/api/x", "/api/*/", "/*/x/", "/api/{$}", "/public/")
NESTED_CALLS = (
    "/", "/api/", "/api/x", "/api/x/", "/api/x/y", "/api/z", "/api/z/y", "/public/x/", "/public/y",
)  # fmt: skip
SCOPES = ("", "", "/api/", "/api/x/", "/public/", "/*/x/")
flags = {"credentials": st.booleans(), "exclusive": st.booleans()}
nested_rules = rules_on(st.sampled_from(NESTED), **flags)
nested_entries = entries_with(st.sampled_from(SCOPES))
nested_worlds = st.builds(World, nested_rules, nested_entries, nested_rules, nested_entries)


@st.composite
def edits_of_entries(draw, world):
    """Return the world with an entry taken away, added, replaced, or in another window."""
    entries = [*world.entries]
    if entries and draw(st.booleans()):
        place = draw(st.integers(0, len(entries) - 1))
        pattern, allowance = entries.pop(place)
        window = draw(st.sampled_from(WINDOWS))
        changed = allowance._replace(
            valid_from=window[0], valid_until=window[1], credentials=draw(st.booleans())
        )
        if draw(st.booleans()):
            entries.append((draw(st.sampled_from([pattern, *PATTERNS])), changed))
    else:
        entries += draw(entries_with(st.just("")))
    held = {(pattern, allowance.scope): allowance for pattern, allowance in entries}
    return world._replace(
        entries=tuple((pattern, allowance) for (pattern, _scope), allowance in held.items())
    )


@st.composite
def edits_of_lists(draw, world):
    """Return the world with other methods and headers of a rule."""
    place = draw(st.integers(0, len(world.rules) - 1))
    rules = [*world.rules]
    rules[place] = {**rules[place], **draw(subsets)}
    return world._replace(rules=tuple(rules))


@st.composite
def edits_of_paths(draw, world):
    """Return the world with other rules, or other scopes of its entries, its own or the platform's."""
    kind = draw(st.sampled_from(["rules", "entries", "shared_rules", "shared_entries", "a rule"]))
    if kind.endswith("entries"):
        return world._replace(**{kind: draw(nested_entries)})
    if kind.endswith("rules"):
        return world._replace(**{kind: draw(nested_rules)})
    place = draw(st.integers(0, len(world.rules) - 1))
    taken = {rule["path"] for rule in world.rules}
    path = draw(st.sampled_from([path for path in NESTED if path not in taken]))
    rules = [*world.rules]
    rules[place] = {**rules[place], "path": path}
    return world._replace(rules=tuple(rules))


@settings(max_examples=50)
@given(data=st.data(), world=flat_worlds)
def test_edits_of_entries_and_windows(data, world):
    edited = data.draw(edits_of_entries(world))
    calls = data.draw(calls_to(FLAT_CALLS))

    found, seen = impact(world, edited, calls), replay(world, edited, calls)

    assert certain(found.lost) == seen.lost
    assert certain(found.opened) == seen.opened
    assert found.names == ()
    # Which of the rules that grant credentials an entry was used on is not known.
    assert certain(found.without_credentials) <= seen.without_credentials
    assert seen.without_credentials <= possible(found.without_credentials)


@settings(max_examples=50)
@given(data=st.data(), world=flat_worlds)
def test_edits_of_methods_and_headers(data, world):
    edited = data.draw(edits_of_lists(world))
    calls = data.draw(calls_to(FLAT_CALLS))

    found, seen = impact(world, edited, calls), replay(world, edited, calls)

    assert found.lost == ()
    refused = {one.rule: {*one.methods, *one.headers} for one in found.names}
    assert {rule for rule, _names in seen.names} == refused.keys()
    assert all(names & refused[rule] for rule, names in seen.names)
    assert certain(found.opened) <= seen.opened <= possible(found.opened)


@settings(max_examples=50)
@given(data=st.data(), world=nested_worlds)
def test_edits_of_paths_and_scopes_are_never_told_short(data, world):
    edited = data.draw(edits_of_paths(world))
    calls = data.draw(calls_to(NESTED_CALLS))

    found, seen = impact(world, edited, calls), replay(world, edited, calls)

    assert seen.lost <= possible(found.lost)
    assert seen.opened <= possible(found.opened)
    assert seen.without_credentials <= possible(found.without_credentials) | possible(found.lost)
    refused = {one.rule: {*one.methods, *one.headers} for one in found.names}
    assert all(names & refused.get(rule, set()) for rule, names in seen.names)
