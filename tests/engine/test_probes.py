"""The path that stands for all paths on which the same two patterns win."""

import pytest

from corsadmin.engine.paths import covers, probe_paths


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        pytest.param("/a", "/a", id="one path"),
        pytest.param("/a/*", "/a/-", id="a star"),
        pytest.param("/a/{$}", "/a/", id="one path with its slash"),
        pytest.param("/a/", "/a//-", id="all below a path"),
        pytest.param("/", "//-", id="all paths"),
    ],
)
def test_a_probe_path_is_covered_by_nothing_narrower(pattern: str, path: str) -> None:
    known = {"/", "/a", "/a/*", "/a/{$}", "/a/", "/a/*/*"}

    found = probe_paths([pattern], known)

    assert found == {pattern: path}
    assert covers(pattern, path)


def test_an_unsound_row_with_slashes_in_a_row_hides_nothing() -> None:
    assert probe_paths(["/a/"], {"/a/", "/a//", "/-/"}) == {"/a/": "/a///--"}
