"""What the history names, and where it leads: replaced origins, users, old versions of a tenant."""

import pytest
from django.urls import reverse

from tests.admin.logs import LOG
from tests.admin.past import url
from tests.factories import OriginFactory, TenantMemberFactory, UserFactory
from tests.messages.screens import times

NEW = "https://new.example"


@pytest.mark.parametrize("is_there", [True, False], ids=["there", "deleted"])
def test_the_origin_that_is_replaced_is_named_and_leads_to_its_history(superuser, acme, is_there):
    old = acme.origins.get()
    page = reverse("admin:corsadmin_origin_history", args=[old.pk])
    OriginFactory(tenant=acme, pattern=NEW, replaces=old)
    if not is_there:
        old.delete()

    text = " ".join(superuser.get(LOG, {"q": NEW}).content.decode().split())

    assert f'replaces: <ins><a href="{page}">{old.pattern}</a></ins>' in text


def test_a_replaced_origin_of_others_is_told_by_its_number(member, acme, rival):
    secret = rival.origins.get()
    OriginFactory(tenant=acme, pattern=NEW, replaces=secret)

    text = " ".join(member.get(LOG, {"q": NEW}).content.decode().split())

    assert f"replaces: <ins>#{secret.pk}</ins>" in text
    assert "rival" not in text


def test_a_membership_names_its_user(superuser, acme):
    TenantMemberFactory(tenant=acme, user=UserFactory(username="anna"))

    text = " ".join(superuser.get(LOG).content.decode().split())

    assert "user: <ins>anna</ins>" in text


def test_old_versions_of_a_tenant_are_led_to_from_its_history(superuser, acme):
    acme.name = "Other"
    acme.save()
    pages = [
        reverse("admin:corsadmin_tenant_simple_history", args=[acme.pk, version.pk])
        for version in acme.history.all()
    ]

    shown = superuser.get(url("history", acme))
    text = shown.content.decode()

    assert [text.count(f'"{page}"') for page in pages] == [1] * len(pages)
    assert times(shown, "history-open-version") == len(pages)
    assert all(superuser.get(page).status_code == 200 for page in pages)
