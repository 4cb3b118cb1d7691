"""The history: everything that happened, one event for each change, searched and paged."""

from django.urls import reverse

from corsadmin.models import Origin
from tests.admin.forms import submit
from tests.admin.queries import queries_of
from tests.factories import OriginFactory

LOG = "/admin/corsadmin/tenant/history/"


def shown(client, **query):
    response = client.get(LOG, query)

    assert response.status_code == 200
    return response


def changes(client, **query):
    return shown(client, **query).context["changes"]


def told(client, **query):
    return [
        (row.kind, row.name, str(row.verb)) for one in changes(client, **query) for row in one.rows
    ]


def test_a_save_is_one_change_with_all_its_rows(superuser, acme):
    page = reverse("admin:corsadmin_tenant_change", args=[acme.pk])
    submit(
        superuser,
        page,
        {
            "name": "Other",
            "origins-0-DELETE": "on",
            "origins-1-pattern": "https://new.example",
            "paths-0-methods": "GET",
            "change_reason": "OPS-1",
            "confirm_lockout": "on",
        },
    )

    first, second = changes(superuser)

    assert (first.users, first.reasons) == (["superuser"], ["OPS-1"])
    assert {(row.kind, row.name, row.tenant, str(row.verb)) for row in first.rows} == {
        ("tenant", "acme", "", "changed"),
        ("origin", "https://app.acme.example", "acme", "deleted"),
        ("origin", "https://new.example", "acme", "added"),
        ("path rule", "/api/", "acme", "changed"),
    }
    assert len(second.rows) == 4
    assert second.users == [""]


def test_pages(superuser, acme):
    for number in range(3):
        OriginFactory(tenant=acme)
    n = queries_of(superuser, LOG)
    assert len(n) <= 20, n
    assert told(superuser, q="app.acme.example") == [
        ("origin", "https://app.acme.example", "added")
    ]
    for q in (
        {"since": "2026-01-01"},
        {"until": "2026-01-01"},
        {"kind": "enabled"},
        {"kind": "disabled", "since": "2020-01-01", "tenant": "acme", "user": "x", "reason": "y"},
    ):
        shown(superuser, **q)
    number = changes(superuser)[0].number
    assert len(changes(superuser, change=number)) == 1
    r = superuser.get(f"{LOG}{number}/undo/")
    assert r.status_code == 200
    r = submit(superuser, f"{LOG}{number}/undo/", {"undo": "x"})
    assert r.status_code == 302, r.context["refused"]
    print(superuser.get(r.url).content.decode())
    assert Origin.objects.count() == 3
