"""Findings of one kind are one line, whose rows are a click away."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from corsadmin.admin.dashboard.finding_groups import TITLES
from corsadmin.diagnose.lint import FINDINGS
from corsadmin.models import Origin
from tests.factories import OriginFactory, PathRuleFactory
from tests.messages import screens
from tests.messages.screens import assert_says, filled

pytestmark = pytest.mark.slow

START = "/admin/corsadmin/"


def text(client, page=START):
    response = client.get(page)

    assert response.status_code == 200
    return " ".join(response.content.decode().replace("<wbr>", "").split())


def test_every_finding_that_several_rows_may_have_is_called_something():
    assert set(TITLES) == set(FINDINGS) - {"platform-missing", "platform-without-host"}
    assert all("%(count)s" in str(title) for title in TITLES.values())


def test_several_findings_of_a_kind_are_one_line(superuser, acme, rival, platform):
    for tenant in (acme, rival):
        PathRuleFactory(tenant=tenant, path="/open/", any_origin=True, methods=["*"])
        OriginFactory(tenant=tenant, pattern="http://intranet.example")

    page = text(superuser)

    for code in ("finding-exposed-rules", "finding-exposed-origins"):
        assert f"<summary>{filled(code, count=2)}</summary>" in page
    query = f"{reverse('admin:corsadmin_pathrule_changelist')}?tenant={rival.pk}&amp;q=%2Fopen%2F"
    assert f'rival: <a href="{query}">/open/</a>.' in page


def test_a_line_leads_to_the_list_that_shows_its_kind(superuser, acme, rival):
    for tenant in (acme, rival):
        OriginFactory(tenant=tenant, valid_until=timezone.now())

    page = text(superuser)

    shown = f"{reverse('admin:corsadmin_origin_changelist')}?state=ended"
    label = screens.text("finding-show-in-list")
    assert f'<a href="{shown}">{label}' in page
    assert_says(page, "finding-expired-origins", count=2)
    assert superuser.get(shown).context["cl"].result_count == 2


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("https://app.acme.example (/nowhere/)", id="with a scope"),
        pytest.param("https://Wrong.example", id="that is not valid"),
    ],
)
def test_a_finding_alone_leads_to_its_row(superuser, acme, name):
    pattern, _space, scope = name.partition(" ")
    Origin.objects.create(tenant=acme, pattern=pattern, scope=scope.strip("()"))

    page = text(superuser, reverse("admin:corsadmin_tenant_change", args=[acme.pk]))

    (address,) = re.findall(rf'<a href="([^"]+)">{re.escape(name)}</a>', page)
    found = superuser.get(address.replace("&amp;", "&")).context["cl"].result_list
    assert name in [str(row) for row in found]
