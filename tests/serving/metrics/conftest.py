"""A site that counts its decisions."""

from typing import Any

import pytest

from tests.factories import TenantHostFactory, make_site
from tests.serving.test_processes import APP


@pytest.fixture
def counted(settings: Any, db: None) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.ROOT_URLCONF = "tests.serving.metered_urls"
    settings.MIDDLEWARE = ["corsadmin.metrics.CountedCorsMiddleware", *settings.MIDDLEWARE[1:]]
    TenantHostFactory(tenant=make_site(origins=[APP]), host="testserver")
