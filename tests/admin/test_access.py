"""Who may do what to which tenant, asked directly."""

import pytest

from corsadmin.admin.model_forms import OriginPageForm
from corsadmin.models import Origin, Tenant
from corsadmin.models.access import Access
from tests.factories import TenantMemberFactory, UserFactory


@pytest.mark.slow
@pytest.mark.parametrize("fields", [{"is_staff": False}, {"is_active": False}])
def test_members_who_cannot_enter_the_admin_have_no_rights(acme, fields):
    user = UserFactory(**fields)
    TenantMemberFactory(tenant=acme, user=user, role="editor")

    assert not Access(user).may("view", Tenant, acme)
    assert not Access(user).may("change", Origin, acme)


@pytest.mark.parametrize(("whose", "accepted"), [("acme", True), ("rival", False)])
def test_a_form_judges_its_tenant_by_itself(acme, rival, whose, accepted):
    user = UserFactory()
    TenantMemberFactory(tenant=acme, user=user, role="editor")
    tenant = {"acme": acme, "rival": rival}[whose]
    kind = type("Form", (OriginPageForm,), {"access": Access(user)})

    form = kind({"tenant": tenant.pk, "pattern": "https://new.example"})

    assert form.is_valid() == accepted
    assert ("tenant" in form.errors) != accepted
