"""Files for auditors: the rows of a list as filtered, without what their reader may not see."""

import csv
import io
from typing import Any
from urllib.parse import unquote

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.urls import reverse
from django.utils import timezone

from corsadmin.models import Origin, TenantMember
from corsadmin.transfer.audit.registry import AUDIT_FORMATS
from tests.admin.conftest import grant, log_in
from tests.factories import OriginFactory, TenantMemberFactory, UserFactory
from tests.messages.screens import assert_says, text

pytestmark = pytest.mark.slow

ORIGINS = reverse("admin:corsadmin_origin_changelist")
PEOPLE = {"added", "added_by", "changed", "changed_by", "reason"}


def file_of(client, query="", *, model="origin", name="csv"):
    return client.get(reverse(f"admin:corsadmin_{model}_audit", args=[name]) + query)


def rows_of(response):
    text = b"".join(response).decode()
    return [*csv.DictReader(io.StringIO(text, newline=""))]


def patterns(response):
    return {row["pattern"].removeprefix("https://").split(".")[0] for row in rows_of(response)}


@pytest.fixture
def origins(acme, rival):
    for tenant in (acme, rival):
        OriginFactory(tenant=tenant, pattern=f"https://*.{tenant.slug}.example", credentials=True)
        OriginFactory(tenant=tenant, pattern=f"https://old.{tenant.slug}.example", enabled=False)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", {"app", "*", "old"}, id="all"),
        pytest.param("?risk=wildcard,credentials", {"*"}, id="a question"),
        pytest.param("?state=disabled&o=-2&p=7", {"old"}, id="a state, sorted, from a later page"),
        pytest.param("?q=https://app.acme.example/cart", {"app", "*"}, id="a search"),
        pytest.param("?risk=http,credentials", set(), id="nothing"),
    ],
)
def test_a_file_holds_what_the_list_shows_for_the_same_query(superuser, origins, query, expected):
    shown = superuser.get(ORIGINS + query)
    response = file_of(superuser, query)

    assert patterns(response) == expected
    page, _mark, asked = dict(shown.context["audit_files"])["CSV"].partition("?")
    assert page == reverse("admin:corsadmin_origin_audit", args=["csv"])
    assert unquote(asked) == query.removeprefix("?")
    assert response["Content-Disposition"] == (
        f'attachment; filename="origins-{timezone.localdate().isoformat()}.csv"'
    )


@pytest.mark.parametrize(
    ("model", "key"),
    [("origin", "origins"), ("pathrule", "path-rules"), ("tenantmember", "members")],
)
def test_every_list_offers_both_files(superuser, origins, model, key):
    page = superuser.get(reverse(f"admin:corsadmin_{model}_changelist")).content.decode()
    popup = superuser.get(reverse(f"admin:corsadmin_{model}_changelist") + "?_popup=1")

    for name in AUDIT_FORMATS:
        address = reverse(f"admin:corsadmin_{model}_audit", args=[name])
        assert f'href="{address}?"' in page
        assert address not in popup.content.decode()
        assert (
            f'filename="{key}-' in file_of(superuser, model=model, name=name)["Content-Disposition"]
        )


COLUMNS = {
    "origins alone": (["view_origin"], {"tenant", "last_used"}),
    "origins and tenants": (["view_origin", "view_tenant"], {"last_used"}),
    "origins and callers": (["view_origin", "view_sighting"], {"tenant"}),
    "all": (["view_origin", "view_tenant", "view_sighting"], set()),
}


@pytest.mark.parametrize(("codenames", "hidden"), COLUMNS.values(), ids=COLUMNS)
def test_columns_of_other_rows_need_the_view_of_those(origins, codenames, hidden):
    found = rows_of(file_of(log_in(grant(UserFactory(), *codenames))))

    assert {"tenant", "last_used"} - found[0].keys() == hidden
    assert found[0].keys() >= PEOPLE


def test_a_member_gets_their_tenants_alone_whatever_the_address_says(acme, rival, origins):
    member = UserFactory()
    TenantMemberFactory(tenant=acme, user=member)
    entry = Origin.objects.filter(tenant=rival)[0]
    entry.note = "zzsecret"
    entry.save()
    client = log_in(member)

    for query in ("", f"?tenant={rival.pk}", f"?tenant__exact={rival.pk}", "?q=rival", "?all="):
        text = b"".join(file_of(client, query)).decode()
        assert "rival" not in text
        assert "zzsecret" not in text
    assert {row["tenant"] for row in rows_of(file_of(client))} == {"acme"}
    assert file_of(client, model="tenantmember").status_code == 403


def test_who_sees_no_origins_gets_no_file(db):
    client = log_in(grant(UserFactory(), "view_tenant"))

    assert file_of(client).status_code == 403
    assert client.get(reverse("admin:corsadmin_origin_tenants")).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param("?nothing=1", 302, id="a field that is not there"),
        pytest.param("?modified__gte=x", 302, id="a moment that is not valid"),
        pytest.param("?tenant__members__user__password__startswith=p", 400, id="another model"),
        pytest.param("?risk=none", 200, id="an unknown condition"),
        pytest.param("?risk=wildcard,", 200, id="an empty condition"),
        pytest.param("?accepted_by=%00", 200, id="a person that is not a key"),
        pytest.param("?accepted_by=999999", 200, id="a person who is not there"),
    ],
)
def test_a_forged_query_gets_nothing(superuser, origins, query, status):
    response = file_of(superuser, query)
    tenants = superuser.get(reverse("admin:corsadmin_origin_tenants") + query)

    assert response.status_code == tenants.status_code == status
    if status == 302:
        assert response["Location"] == tenants["Location"] == f"{ORIGINS}?e=1"
    if status == 200:
        assert rows_of(response) == tenants.context["tenants"] == []


def test_a_format_that_is_not_there(superuser, acme):
    assert file_of(superuser, name="pdf").status_code == 404


def test_more_rows_than_a_workbook_holds_lead_back_with_the_way_out(
    superuser, origins, monkeypatch
):
    monkeypatch.setitem(AUDIT_FORMATS, "xlsx", AUDIT_FORMATS["xlsx"]._replace(max_rows=5))

    response = superuser.get(
        reverse("admin:corsadmin_origin_audit", args=["xlsx"]) + "?o=1", follow=True
    )

    assert response.redirect_chain == [(f"{ORIGINS}?o=1", 302)]
    assert_says(response, "audit-too-many-rows", most="100,000", format="XLSX")
    link = reverse("admin:corsadmin_origin_audit", args=["csv"])
    assert f'<a href="{link}?o=1">{text("audit-csv-unlimited")}</a>' in response.content.decode()


@pytest.mark.parametrize("name", AUDIT_FORMATS)
def test_a_server_that_does_not_wait_streams_it_too(acme, name):
    """Django warns of a stream that it would have to keep in memory, and warnings are errors here."""
    client = AsyncClient()
    client.force_login(UserFactory(is_superuser=True))

    async def ask():
        response: Any = await client.get(reverse("admin:corsadmin_origin_audit", args=[name]))
        return response.is_async, b"".join([piece async for piece in response])

    is_async, content = async_to_sync(ask)()

    assert is_async
    assert content.startswith(b"tenant,pattern" if name == "csv" else b"PK")


def test_members_are_those_of_the_list(superuser, acme, rival):
    TenantMemberFactory(tenant=acme, user__username="dora", role=TenantMember.Role.EDITOR)
    TenantMemberFactory(tenant=rival, user__username="emil")

    found = rows_of(file_of(superuser, f"?tenant={acme.pk}", model="tenantmember"))

    assert [(row["tenant"], row["user"], row["role"]) for row in found] == [
        ("acme", "dora", "editor")
    ]
