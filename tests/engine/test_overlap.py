"""What two path patterns have in common."""

import pytest

from corsadmin.engine.paths import covers, meet, overlaps, written


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("/", "/a", True, id="everything"),
        pytest.param("/a", "/a", True, id="the same"),
        pytest.param("/a", "/b", False, id="exact ones"),
        pytest.param("/a", "/a/", False, id="a prefix leaves out its name without slash"),
        pytest.param("/a/b", "/a/", True, id="an exact one below a prefix"),
        pytest.param("/a/", "/a/b/", True, id="a prefix below a prefix"),
        pytest.param("/a/", "/b/", False, id="prefixes beside each other"),
        pytest.param("/*", "/a", True, id="a wildcard"),
        pytest.param("/*/b", "/a/*", True, id="wildcards that cross"),
        pytest.param("/*/b", "/a/c", False, id="a wildcard and another end"),
        pytest.param("/*", "/a/b", False, id="a wildcard is one segment"),
        pytest.param("/*/", "/a/b/c", True, id="a prefix with a wildcard"),
        pytest.param("/a/{$}", "/a/", True, id="a path with its slash alone below its prefix"),
        pytest.param("/a/{$}", "/", True, id="a path with its slash alone below everything"),
        pytest.param("/a/{$}", "/*/{$}", True, id="paths with their slash alone"),
        pytest.param("/a/{$}", "/a", False, id="with and without the slash"),
        pytest.param("/a/{$}", "/a/*", False, id="a star is never empty"),
        pytest.param("/a/{$}", "/a/b/", False, id="a prefix below a path with its slash alone"),
        pytest.param("/{$}", "/*", False, id="the root alone and a star"),
    ],
)
def test_overlaps(one: str, other: str, expected: bool) -> None:
    assert overlaps(one, other) is expected
    assert overlaps(other, one) is expected


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        pytest.param("/", "/a", "/a", id="everything and one path"),
        pytest.param("/a/", "/a/b/", "/a/b/", id="a prefix below a prefix"),
        pytest.param("/*/b", "/a/", "/a/b", id="a star below a prefix"),
        pytest.param("/*/b/", "/a/*/", "/a/b/", id="stars that cross"),
        pytest.param("/*/", "/*/*/c", "/*/*/c", id="stars in the same place"),
        pytest.param("/a/", "/*/{$}", "/a/{$}", id="a path with its slash alone below a prefix"),
        pytest.param("/{$}", "/", "/{$}", id="the root alone"),
    ],
)
def test_meet(one: str, other: str, both: str) -> None:
    assert meet(one, other) == meet(other, one) == both
    path = written(both).replace("*", "-")
    assert covers(one, path)
    assert covers(other, path)
