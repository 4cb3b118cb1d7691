"""When one path pattern lies within another: a truth table, and the law behind it."""

from itertools import product
from typing import Final

import pytest
from hypothesis import given

from corsadmin.engine.paths import ALONE, covers, lies_within
from tests.engine import strategies

PATTERNS: Final = (
    *("/", "/{$}", "/api", "/api/", "/api/{$}", "/api/admin", "/api/admin/", "/api/admin/{$}"),
    *("/*", "/*/", "/*/{$}", "/*/admin", "/*/admin/", "/api/*", "/api/*/", "/*/*/", "/apix/"),
)

# Each outer pattern with all the patterns of the table that lie within it; no other one does.
WITHIN: Final = {
    "/": PATTERNS,
    "/{$}": ("/{$}",),
    "/api": ("/api",),
    "/api/": (
        *("/api/", "/api/{$}", "/api/admin", "/api/admin/", "/api/admin/{$}"),
        *("/api/*", "/api/*/"),
    ),
    "/api/{$}": ("/api/{$}",),
    "/api/admin": ("/api/admin",),
    "/api/admin/": ("/api/admin/", "/api/admin/{$}"),
    "/api/admin/{$}": ("/api/admin/{$}",),
    "/*": ("/*", "/api"),
    "/*/": (
        *("/api/", "/api/{$}", "/api/admin", "/api/admin/", "/api/admin/{$}", "/*/", "/*/{$}"),
        *("/*/admin", "/*/admin/", "/api/*", "/api/*/", "/*/*/", "/apix/"),
    ),
    "/*/{$}": ("/*/{$}", "/api/{$}"),
    "/*/admin": ("/*/admin", "/api/admin"),
    "/*/admin/": ("/*/admin/", "/api/admin/", "/api/admin/{$}"),
    "/api/*": ("/api/*", "/api/admin"),
    "/api/*/": ("/api/*/", "/api/admin/", "/api/admin/{$}"),
    "/*/*/": ("/*/*/", "/*/admin/", "/api/*/", "/api/admin/", "/api/admin/{$}"),
    "/apix/": ("/apix/",),
}


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        pytest.param(inner, outer, id=f"{inner} within {outer}")
        for inner, outer in product(PATTERNS, PATTERNS)
    ],
)
def test_the_truth_table(inner: str, outer: str) -> None:
    assert lies_within(inner, outer) is (inner in WITHIN[outer])


def witnesses(pattern: str) -> list[str]:
    """Return paths that tell whether all that a pattern covers is covered by another one."""
    path = pattern.replace("*", "never-a-literal")
    if path.endswith("/" + ALONE):
        return [path.removesuffix(ALONE)]
    return [path, f"{path}/x", f"{path}never-a-literal"] if path.endswith("/") else [path]


@given(strategies.patterns_of_paths, strategies.patterns_of_paths)
def test_it_lies_within_where_every_path_of_the_inner_one_is_covered(
    inner: str, outer: str
) -> None:
    assert lies_within(inner, outer) is all(covers(outer, path) for path in witnesses(inner))


@given(strategies.patterns_of_paths, strategies.patterns_of_paths, strategies.paths)
def test_no_path_of_the_inner_one_is_outside(inner: str, outer: str, path: str) -> None:
    outside = covers(inner, path) and not covers(outer, path)

    assert not (outside and lies_within(inner, outer))
