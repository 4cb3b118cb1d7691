"""Two tenants, one with a row of each kind."""

import pytest

from tests.factories import OriginFactory, PathRuleFactory, TenantFactory, TenantHostFactory


@pytest.fixture
def acme():
    tenant = TenantFactory(slug="acme")
    TenantHostFactory(tenant=tenant)
    PathRuleFactory(tenant=tenant)
    OriginFactory(tenant=tenant, pattern="https://app.example.com")
    return tenant


@pytest.fixture
def rival():
    return TenantFactory(slug="rival")
