"""Slugs of tenants: DNS labels, and what to write instead of anything else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsadmin.engine.hosts import check_slug
from corsadmin.engine.problems import Problem


@pytest.mark.parametrize("slug", ["acme", "a", "acme-2", "1", "a" * 63])
def test_a_slug_is_a_dns_label(slug: str) -> None:
    assert check_slug(slug) is None


@pytest.mark.parametrize(
    ("slug", "code", "suggestion"),
    [
        pytest.param("", "slug-empty", "", id="empty"),
        pytest.param("a" * 64, "slug-too-long", "", id="too long"),
        pytest.param("Acme", "slug-upper-case", "acme", id="upper case"),
        pytest.param("-Acme-", "slug-edge-hyphen", "acme", id="hyphens at the edges"),
        pytest.param("-", "slug-edge-hyphen", "", id="a hyphen only"),
        pytest.param("Acme Inc", "slug-invalid", "acme-inc", id="a name with a space"),
        pytest.param("acme_inc", "slug-invalid", "acme-inc", id="underscore"),
        pytest.param("acme.inc", "slug-invalid", "", id="dot"),
        pytest.param("acmé", "slug-invalid", "", id="not ASCII"),
        pytest.param("acme\n", "slug-invalid", "acme", id="newline"),
    ],
)
def test_a_refused_slug_says_why(slug: str, code: str, suggestion: str) -> None:
    assert check_slug(slug) == Problem("slug", code, slug, suggestion)


@given(st.one_of(st.text(), st.text("aZ-_ \n\u0130\u212a9", max_size=8)))
def test_a_suggested_slug_is_accepted(text: str) -> None:
    problem = check_slug(text)

    assert problem is None or not problem.suggestion or check_slug(problem.suggestion) is None
    assert (problem is None) is (
        re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", text) is not None
    )
