"""Lint emergencies: those that nobody has lifted for a day, and those that are not valid."""

from datetime import timedelta
from typing import Any

import pytest

from corsadmin.models import Emergency, Tenant
from tests.diagnose.lint.findings import NOW, findings
from tests.factories import make_site

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FORGOTTEN, UNKNOWN = "emergency-forgotten", "emergency-level-unknown"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"created": NOW - DAY}, [FORGOTTEN], id="on for a day"),
        pytest.param({"created": NOW - DAY + timedelta(seconds=1)}, [], id="on for less"),
        pytest.param({"created": NOW - 9 * DAY, "until": NOW + DAY}, [], id="with an end"),
        pytest.param({"created": NOW - 9 * DAY, "until": NOW, "level": "x"}, [], id="over"),
        pytest.param({"created": NOW, "level": "x"}, [UNKNOWN], id="a level that is not known"),
    ],
)
@pytest.mark.parametrize("slug", ["acme", "platform"])
def test_what_is_worth_a_look(slug: str, fields: dict[str, Any], expected: list[str]) -> None:
    make_site(origins=["https://app.example.com"])
    tenant = Tenant.objects.platform() if slug == "platform" else Tenant.objects.get(slug=slug)
    Emergency.objects.create(tenant=tenant, reason="x")
    Emergency.objects.update(**fields)

    found = [one for one in findings() if one.code.startswith("emergency")]

    assert [(one.tenant, one.kind, one.code) for one in found] == [
        (slug, "tenant", code) for code in expected
    ]
    if expected == [FORGOTTEN]:
        assert found[0].detail == "2026-05-31 12:00 UTC"
