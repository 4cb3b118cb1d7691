"""Origins of paths become scoped entries, and exclusive rules where a wider path lets in more."""

import pytest

from corsadmin.convert.conversion import Conversion
from corsadmin.convert.scopes import add_scoped_origins

APP, OTHER = "https://app.example.com", "http://localhost:3000"


def converted(policies):
    """Return the exclusive paths, and the entries, of {path: (credentials of the rule, origins)}."""
    conversion = Conversion()
    for path, (credentials, _origins) in policies.items():
        conversion.paths.append({"path": path, "any_origin": False, "credentials": credentials})
    add_scoped_origins(conversion, {path: origins for path, (_, origins) in policies.items()})
    exclusive = [rule["path"] for rule in conversion.paths if rule.get("exclusive")]
    return exclusive, [tuple(origin.values()) for origin in conversion.origins]


@pytest.mark.parametrize(
    ("policies", "exclusive"),
    [
        pytest.param({"/": (False, {APP: False}), "/a/": (False, {})}, ["/a/"], id="none inside"),
        pytest.param(
            {"/": (False, {APP: False}), "/a/": (False, {APP: False, OTHER: False})},
            [],
            id="more inside",
        ),
        pytest.param(
            {"/": (True, {APP: True}), "/a/": (True, {APP: False})},
            ["/a/"],
            id="no credentials inside",
        ),
        pytest.param(
            {"/": (False, {APP: True}), "/a/": (True, {APP: False, OTHER: True})},
            [],
            id="no credentials around it",
        ),
        pytest.param(
            {"/": (True, {APP: True}), "/a/": (False, {APP: False, OTHER: False})},
            [],
            id="a rule inside without credentials",
        ),
        pytest.param(
            {"/*/x/": (False, {APP: False}), "/a/": (False, {OTHER: False})},
            ["/a/"],
            id="a star that crosses a name",
        ),
        pytest.param(
            {"/a/": (False, {APP: False}), "/b/": (False, {OTHER: False})}, [], id="side by side"
        ),
        pytest.param(
            {"/": (False, {APP: False}), "/a/": (False, {}), "/a/b/": (False, {APP: False})},
            ["/a/"],
            id="open again further inside",
        ),
    ],
)
def test_a_rule_is_exclusive_where_more_is_let_in_around_it(policies, exclusive):
    found, entries = converted(policies)

    assert found == exclusive
    assert entries == [
        (origin, granted and credentials, path)
        for path, (credentials, origins) in policies.items()
        for origin, granted in origins.items()
    ]


def test_where_all_paths_have_the_same_origins_no_entry_needs_a_scope():
    policies = {"/a/": (True, {APP: True}), "/a/b/": (False, {APP: True})}

    assert converted(policies) == ([], [(APP, True)])
