"""What a site is warned of because no response header can repair it."""

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.test import override_settings

from corsadmin.models import PathRule, Tenant


def ids() -> set[str | None]:
    return {
        message.id
        for message in run_checks(databases=["default"])
        if str(message.id).startswith("corsadmin.")
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    "outer",
    [
        pytest.param(f"django.{name}", id=f"P30 outside: {name}")
        for name in (
            "middleware.security.SecurityMiddleware",
            "middleware.common.CommonMiddleware",
            "middleware.http.ConditionalGetMiddleware",
            "middleware.gzip.GZipMiddleware",
            "middleware.cache.UpdateCacheMiddleware",
            "contrib.sessions.middleware.SessionMiddleware",
        )
    ],
)
def test_middleware_outside_of_ours_is_warned_of(outer: str) -> None:
    inner = [name for name in settings.MIDDLEWARE if name != outer]

    assert ids() == set()
    with override_settings(MIDDLEWARE=[outer, *inner]):
        assert ids() == {"corsadmin.W001"}


@pytest.mark.django_db
def test_v59_a_star_over_the_admin_is_warned_of() -> None:
    platform = Tenant.objects.platform()
    PathRule.objects.create(tenant=platform, path="/", any_origin=True)

    assert ids() == {"corsadmin.W006"}
