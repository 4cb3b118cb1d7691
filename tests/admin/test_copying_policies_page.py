"""The page that copies a policy: how it opens, and what leads to it."""

import pytest
from django.urls import reverse

from corsadmin.admin.copy_rows import policy_page
from tests.admin.conftest import log_in
from tests.admin.copies import errors
from tests.admin.forms import fields_of
from tests.factories import UserFactory
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow

COPY = "/admin/corsadmin/tenant/copy/"


@pytest.fixture
def superuser_on_postgresql(postgresql):
    return log_in(UserFactory(is_superuser=True))


def test_the_page_opens_filled_in(superuser, acme, rival):
    rule = acme.paths.get()

    opened = superuser.get(COPY, {"source": "acme", "slugs": "rival"})
    of_one = superuser.get(COPY, {"source": "acme", "rows": f"pathrule-{rule.pk}"})

    assert fields_of(opened)["existing"] == "keep"
    assert {"rules", "origins"} <= fields_of(opened).keys()
    assert "settings" not in fields_of(opened)
    assert fields_of(opened)["slugs"] == "rival"
    by_name = superuser.post(COPY, {"source": "ACME", "slugs": "rival", "rules": "on"})
    assert by_name.context_data["form"].found == acme
    assert '<option value="acme">Acme</option>' in opened.content.decode()
    assert "<li><code>/api/</code></li>" in of_one.content.decode()
    assert not superuser.get(COPY, {"rows": "pathrule-1"}).context_data["chosen"]
    assert not errors(superuser.get(COPY))


def test_the_list_of_tenants_leads_here(superuser, acme, rival, monkeypatch):
    def act(name, *tenants):
        keys = [tenant.pk for tenant in tenants]
        url = reverse("admin:corsadmin_tenant_changelist")
        return superuser.post(url, {"action": name, "_selected_action": keys}, follow=True)

    source = act("copy_policy_from", acme)
    assert fields_of(source)["source"] == "acme"
    assert_says(act("copy_policy_from", acme, rival), "copy-one-exactly")
    targets = act("copy_policy_to", rival, acme)
    assert fields_of(targets)["slugs"] == "acme, rival"
    assert f'action="{COPY}"' in targets.content.decode()
    monkeypatch.setattr(policy_page, "MAX_COPIES", 1)
    assert_says(act("copy_policy_to", rival, acme), "copy-too-many-tenants")


def test_a_source_that_no_database_can_hold_is_not_asked_for(superuser_on_postgresql):
    opened = superuser_on_postgresql.get(COPY, {"source": "ac\0me", "rows": "pathrule-1"})

    assert opened.status_code == 200
    assert not opened.context_data["chosen"]
