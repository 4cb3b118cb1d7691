"""Who may do what to which tenant, asked directly."""

import pytest
from django.urls import reverse

from corsadmin.admin.model_forms import OriginPageForm
from corsadmin.models import Origin, Tenant
from corsadmin.models.access import Access
from tests.admin.conftest import grant, log_in
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


@pytest.mark.parametrize(
    ("permissions", "blank"),
    [
        pytest.param([], {}, id="who only looks"),
        pytest.param(["change_tenant", "change_origin"], {}, id="who may change origins"),
        pytest.param(["change_tenant", "add_origin"], {"origins": 2}, id="who may add origins"),
    ],
)
def test_blank_rows_are_for_those_who_may_add_rows(acme, permissions, blank):
    """An origin has two: one to fill in, and the one that a script copies."""
    seen = ["view_tenant", "view_tenanthost", "view_pathrule", "view_origin", "view_tenantmember"]
    client = log_in(grant(UserFactory(), *seen, *permissions))

    page = client.get(reverse("admin:corsadmin_tenant_change", args=[acme.pk]))

    shown = {
        rows.formset.prefix: sum(row.original is None for row in rows)
        for rows in page.context["inline_admin_formsets"]
    }
    assert {prefix: count for prefix, count in shown.items() if count} == blank
