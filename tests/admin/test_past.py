"""Putting the whole of a tenant back."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from corsadmin.admin.preview.preview import CHANGED
from corsadmin.models import Generation, Origin, Tenant, TenantHost
from tests.admin.forms import fields_of, submit
from tests.admin.past import change, url
from tests.factories import OriginFactory, PathRuleFactory, make_site
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("person", ["superuser", "editor"])
def test_a_whole_tenant_is_put_back_as_one_change(request, person, acme, clock):
    client = request.getfixturevalue(person)
    made = clock()
    kept = acme.origins.get().pk
    change(
        client,
        acme,
        {
            "name": "Other",
            "origins-0-DELETE": "on",
            "origins-1-pattern": "https://new.example",
            "hosts-0-host": "other.example.net",
            "paths-0-methods": "GET",
        },
    )
    changed = clock()
    before = Generation.objects.get().value

    plan = client.get(url("restore", acme, changed))
    response = submit(client, url("restore", acme, changed), {"change_reason": "undo"})

    moves = {(move.title, move.action) for move in plan.context["moves"]}
    assert moves == {
        ("tenant acme", "change"),
        ("host acme.example.net", "change"),
        ("origin https://app.acme.example", "add"),
        ("origin https://new.example", "delete"),
        ("path rule /api/", "change"),
    }
    assert response.status_code == 302
    assert Generation.objects.get().value == before + 1
    acme.refresh_from_db()
    assert acme.name == "Acme"
    assert acme.origins.get().pk == kept
    assert acme.hosts.get().host == "acme.example.net"
    assert acme.paths.get().methods == ["GET", "HEAD", "POST"]
    version = Origin.history.filter(id=kept).first()
    assert version.history_type == "+"
    assert version.history_change_reason == "Put back as it was before 20260102-010000-000000: undo"
    assert made < changed


def test_a_plan_without_moves_says_so(superuser, acme):
    response = superuser.get(url("restore", acme, datetime(2100, 1, 1, tzinfo=UTC)))

    assert_says(response, "restore-nothing-changed")


def test_a_plan_that_is_no_longer_true_is_shown_again(superuser, acme, clock):
    clock()
    change(superuser, acme, {"name": "Other"})
    changed = clock()
    values = fields_of(superuser.get(url("restore", acme, changed)))
    change(superuser, acme, {"paths-0-methods": "GET"})

    response = superuser.post(url("restore", acme), values)

    assert response.context["refused"] == CHANGED
    assert superuser.post(url("restore", acme), fields_of(response)).status_code == 302
    acme.refresh_from_db()
    assert acme.name == "Acme"


def test_a_row_that_would_not_be_accepted_today_stops_all(superuser, acme, rival, clock):
    Origin.objects.filter(tenant=acme).delete()
    OriginFactory(tenant=acme, pattern="https://Wrong.example")
    clock()
    change(superuser, acme, {"name": "Other", "origins-0-DELETE": "on"})
    changed = clock()

    response = submit(superuser, url("restore", acme, changed))

    assert response.status_code == 200
    assert "origin https://Wrong.example:" in response.context["refused"]
    acme.refresh_from_db()
    assert acme.name == "Other"


def test_a_member_puts_back_what_is_theirs_to_change(member, superuser, acme, clock):
    OriginFactory(tenant=acme, pattern="http://plain.example", credentials=True, risk_accepted=True)
    clock()
    change(
        superuser,
        acme,
        {
            "slug": "renamed",
            "name": "Other",
            "hosts-0-host": "other.example.net",
            "origins-0-DELETE": "on",
            "origins-1-DELETE": "on",
        },
    )
    changed = clock()

    plan = member.get(url("restore", acme, changed))
    response = submit(member, url("restore", acme, changed))

    left_out = {move.title for move in plan.context["moves"] if move.forbidden}
    assert left_out == {"tenant acme", "host acme.example.net", "origin http://plain.example"}
    assert response.status_code == 302
    acme.refresh_from_db()
    assert (acme.slug, acme.name) == ("renamed", "Other")
    assert acme.hosts.get().host == "other.example.net"
    assert [row.pattern for row in acme.origins.all()] == ["https://app.acme.example"]


def test_a_member_puts_back_the_name_of_the_tenant(member, acme, clock):
    clock()
    change(member, acme, {"name": "Other"})
    changed = clock()

    submit(member, url("restore", acme, changed))

    acme.refresh_from_db()
    assert acme.name == "Acme"


@pytest.mark.parametrize("before", [
    "", "nonsense", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
])  # fmt: skip
def test_no_time_is_no_page(superuser, acme, before):
    response = superuser.get(url("restore", acme), {"before": before})

    assert response.status_code == 404


def test_the_platform_is_put_back_only_by_who_may_change_it(editor, platform):
    PathRuleFactory(tenant=platform)

    assert editor.get(url("history", platform)).status_code == 200
    response = editor.get(url("restore", platform, datetime(2026, 1, 1, tzinfo=UTC)))

    assert response.status_code == 403


def test_a_deleted_tenant_comes_back_with_all_it_held(superuser, acme, clock):
    clock()
    key, patterns = acme.pk, [str(row) for row in acme.origins.all()]
    submit(superuser, reverse("admin:corsadmin_tenant_delete", args=[key]))
    gone = clock()
    acme.pk = key

    listed = superuser.get(reverse("admin:corsadmin_tenant_deleted")).content.decode()
    told = superuser.get(url("history", acme))
    response = submit(superuser, url("restore", acme, gone), {"change_reason": "back"})

    assert url("history", acme) in listed
    assert len(told.context["changes"][0].rows) == 4
    assert response.status_code == 302
    back = Tenant.objects.get(pk=key)
    assert (back.slug, back.name) == ("acme", "Acme")
    assert [str(row) for row in back.origins.all()] == patterns
    assert back.hosts.get().host == "acme.example.net"
    assert back.paths.count() == 1


def test_the_time_before_a_tenant_was_does_not_end_it(superuser, acme):
    page = url("restore", acme, datetime(2020, 1, 1, tzinfo=UTC))
    response = submit(superuser, page, {"confirm_lockout": "on"})

    assert response.status_code == 302
    assert Tenant.objects.filter(pk=acme.pk).exists()
    assert not acme.origins.exists()


def test_a_host_that_has_another_owner_now_stops_all(superuser, acme, clock):
    clock()
    acme.hosts.all().delete()
    gone = clock()
    make_site("taker", paths=[])
    TenantHost.objects.filter(tenant__slug="taker").update(host="acme.example.net")

    response = submit(superuser, url("restore", acme, gone))

    assert response.status_code == 200
    (taken,) = TenantHost().unique_error_message(TenantHost, ("host",)).messages
    assert taken in response.context["refused"]
