"""Exports to programs without scopes close an exclusive rule, and say so."""

import pytest

from tests.convert.policies import exported
from tests.factories import make_site
from tests.messages.screens import text

pytestmark = pytest.mark.django_db

PARTNER, OWN = "https://partner.example", "https://own.example"


@pytest.fixture
def site():
    return make_site(
        "acme",
        origins=[{"pattern": PARTNER, "credentials": True}, {"pattern": OWN, "scope": "/admin/"}],
        paths=[{"path": "/admin/", "exclusive": True, "credentials": True}],
    )


@pytest.mark.parametrize("target", ["nginx", "envoy"])
def test_no_origin_is_let_in_where_the_rule_is_exclusive(site, target):
    written, told = exported("acme", target)

    closed = text("convert-closed-exclusive")
    assert "partner" not in written
    assert [line for line in told if f"path /admin/: exclusive: {closed}" in line]


def test_a_bucket_has_no_rule_for_an_exclusive_path(site):
    written, told = exported("acme", "s3")

    assert "partner" not in written
    assert [line for line in told if "path /admin/: exclusive: " in line]
