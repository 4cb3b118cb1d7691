"""Who sees the inbox of which tenant, and who may empty it."""

import pytest
from django.urls import reverse

from corsadmin.admin.breakable import breakable
from corsadmin.models import Tenant
from tests.admin.callers import sighted
from tests.admin.conftest import grant, log_in
from tests.admin.inbox import ALL, lines, listed, of, text
from tests.factories import TenantMemberFactory, UserFactory

pytestmark = pytest.mark.slow

NEW = "https://new.example"
SHOWN = ("view_tenant", "view_pathrule", "view_origin", "view_sighting")


@pytest.mark.parametrize("lacking", SHOWN)
def test_the_inbox_is_for_those_who_see_all_that_it_tells_of(acme, lacking):
    sighted(acme)
    client = log_in(grant(UserFactory(), *SHOWN))
    other = log_in(grant(UserFactory(), *(name for name in SHOWN if name != lacking)))

    assert [client.get(page).status_code for page in (ALL, of(acme))] == [200, 200]
    assert other.get(ALL).status_code == 403
    assert other.get(of(acme)).status_code == (403 if lacking == "view_tenant" else 404)


def test_members_see_their_own_tenants_alone(member, viewer, acme, rival):
    sighted(acme, "https://ours.example")
    sighted(rival, "https://theirs.example")

    for client in (member, viewer):
        assert listed(client) == ["https://ours.example"]
        assert listed(client, tenant="rival") == listed(client, tenant="nobody") == []
        foreign, nothing = client.get(of(rival)), client.get(of(Tenant(pk=987654)))
        assert foreign.status_code == nothing.status_code == 404


def test_the_field_for_a_tenant_names_those_that_the_user_sees(member, superuser, acme, rival):
    assert '<option value="acme"></option></datalist>' in text(member)
    assert '<option value="rival"></option>' in text(superuser)
    assert "<datalist" not in text(superuser, of(acme))


def test_the_inbox_is_linked_from_where_people_are(member, outsider, acme):
    pages = ("/admin/corsadmin/", reverse("admin:corsadmin_tenant_changelist"))
    for page in pages:
        assert f'href="{ALL}"' in text(member, page)
    assert of(acme) in text(member, reverse("admin:corsadmin_tenant_change", args=[acme.pk]))
    lists = log_in(grant(UserFactory(), "view_tenant"))
    for page in pages:
        assert ALL not in text(lists, page)


def test_a_viewer_can_look_and_do_nothing(viewer, acme):
    sighted(acme)
    shown = text(viewer, of(acme))

    assert breakable(NEW) in shown
    assert 'name="chosen"' not in shown
    assert "origin/add/" not in shown
    assert viewer.post(of(acme), {"chosen": f"{acme.pk} {NEW}", "dismiss": "x"}).status_code == 403


def test_of_several_tenants_only_the_editable_ones_can_be_dismissed(acme, rival):
    user = UserFactory()
    TenantMemberFactory(tenant=acme, user=user, role="editor")
    TenantMemberFactory(tenant=rival, user=user, role="viewer")
    for tenant in (acme, rival):
        sighted(tenant)
    client = log_in(user)

    client.post(ALL, {"chosen": [f"{one.pk} {NEW}" for one in (acme, rival)], "dismiss": "x"})

    assert [line.refused.tenant for line in lines(client)] == [rival]
