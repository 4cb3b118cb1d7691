"""The page of a tenant: the hub of its policy."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from corsadmin.models import Generation, Origin, PathRule, Tenant, TenantHost
from tests.admin.forms import errors_of, fields_of, submit
from tests.admin.queries import queries_of
from tests.factories import OriginFactory, PathRuleFactory, TenantFactory, TenantHostFactory
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow


def page(tenant):
    return reverse("admin:corsadmin_tenant_change", args=[tenant.pk])


def moves():
    return Generation.objects.get().value


def test_a_page_that_is_saved_unchanged_writes_nothing(superuser, acme):
    before = moves()

    response = submit(superuser, page(acme))

    assert response.status_code == 302
    assert moves() == before
    assert acme.history.count() == 1


def test_tenant_and_rows_are_saved_as_one_change(superuser, acme):
    before = moves()

    response = submit(
        superuser,
        page(acme),
        {
            "name": "Acme Incorporated",
            "origins-1-pattern": "https://new.acme.example",
            "origins-1-enabled": "on",
            "paths-0-methods": "GET PUT,DELETE",
            "hosts-0-DELETE": "on",
            "change_reason": "OPS-7",
        },
    )

    assert response.status_code == 302, errors_of(response)
    assert moves() == before + 1
    acme.refresh_from_db()
    assert acme.name == "Acme Incorporated"
    assert {str(row) for row in acme.origins.all()} == {
        "https://app.acme.example",
        "https://new.acme.example",
    }
    assert acme.paths.get().methods == ["GET", "PUT", "DELETE"]
    assert not acme.hosts.exists()


def test_the_history_tells_who_and_why_for_every_row(superuser, acme):
    host = acme.hosts.get()

    submit(
        superuser,
        page(acme),
        {"paths-0-methods": "GET", "hosts-0-DELETE": "on", "change_reason": "OPS-7"},
    )

    for version in (
        acme.paths.get().history.first(),
        TenantHost.history.get(id=host.pk, history_type="-"),
    ):
        assert version.history_user.username == "superuser"
        assert version.history_change_reason == "OPS-7"


def test_who_did_it_is_known_without_the_history_middleware(superuser, acme, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "simple_history" not in name]

    submit(superuser, page(acme), {"hosts-0-DELETE": "on", "change_reason": "gone"})

    version = TenantHost.history.get(history_type="-")
    assert version.history_user.username == "superuser"
    assert version.history_change_reason == "gone"


def test_a_new_tenant_comes_with_its_rows(superuser):
    before = moves()

    response = submit(
        superuser,
        reverse("admin:corsadmin_tenant_add"),
        {
            "slug": "new",
            "name": "New",
            "origins-0-pattern": "https://app.new.example",
            "origins-0-enabled": "on",
        },
    )

    assert response.status_code == 302, errors_of(response)
    tenant = Tenant.objects.get(slug="new")
    assert tenant.origins.get().pattern == "https://app.new.example"
    assert moves() == before + 1


@pytest.mark.parametrize(
    ("field", "typed", "offer"),
    [
        pytest.param(
            "origins-0-pattern",
            "https://App.acme.example:443/x",
            "https://app.acme.example",
            id="a URL for an origin",
        ),
        pytest.param("paths-0-path", "/a%2Fb", "/a/b", id="a percent sign in a path"),
        pytest.param(
            "paths-0-request_headers",
            "content-type, x-token:",
            "x-token",
            id="a header with its colon",
        ),
        pytest.param("hosts-0-host", "https://acme.example", "acme.example", id="a URL for a host"),
    ],
)
def test_what_is_wrong_is_shown_beside_the_field_with_what_to_write(
    superuser, acme, field, typed, offer
):
    response = submit(superuser, page(acme), {field: typed})

    assert response.status_code == 200
    assert fields_of(response)[field] == typed
    assert f'data-corsadmin-value="{offer}"' in response.content.decode()
    assert len(errors_of(response)) == 1


def test_the_platform_is_shown_as_such_and_cannot_be_deleted(superuser, db):
    platform = Tenant.objects.platform()

    shown = superuser.get(page(platform)).content.decode()
    deleted = superuser.post(
        reverse("admin:corsadmin_tenant_delete", args=[platform.pk]), {"post": "yes"}
    )
    listed = superuser.get(reverse("admin:corsadmin_tenant_changelist")).content.decode()

    assert_says(shown, "tenant-platform")
    assert "corsadmin-badge" in listed
    assert deleted.status_code == 403
    assert Tenant.objects.filter(pk=platform.pk).exists()


def test_the_platform_keeps_its_slug(superuser, db):
    platform = Tenant.objects.platform()

    submit(superuser, page(platform), {"slug": "other", "name": "Renamed"})

    platform.refresh_from_db()
    assert (platform.slug, platform.name) == ("platform", "Renamed")


def test_delete_selected_spares_the_platform(superuser, acme):
    platform = Tenant.objects.platform()

    response = superuser.post(
        reverse("admin:corsadmin_tenant_changelist"),
        {
            "action": "delete_selected",
            "post": "yes",
            "_selected_action": [acme.pk, platform.pk],
            "confirm_lockout": "on",
        },
    )

    assert response.status_code == 403
    assert Tenant.objects.count() == 2


def test_deleting_a_tenant_is_one_change_with_a_reason_for_all_it_held(superuser, acme):
    before = moves()

    response = submit(
        superuser,
        reverse("admin:corsadmin_tenant_delete", args=[acme.pk]),
        {"change_reason": "left us"},
    )

    assert response.status_code == 302
    assert moves() == before + 1
    for model in (Tenant, TenantHost, PathRule, Origin):
        version = model.history.get(history_type="-")
        assert (version.history_user.username, version.history_change_reason) == (
            "superuser",
            "left us",
        )


def test_a_long_list_becomes_a_link(superuser, acme):
    for _number in range(51):
        OriginFactory(tenant=acme)

    response = superuser.get(page(acme))

    shown = response.content.decode()
    assert "origins-TOTAL_FORMS" not in shown
    assert f"/admin/corsadmin/origin/?tenant={acme.pk}" in shown
    assert f"/admin/corsadmin/origin/add/?tenant={acme.pk}" in shown


def test_a_page_opened_before_the_list_grew_is_taken_in_whole(superuser, acme):
    values = fields_of(superuser.get(page(acme)))
    for _number in range(60):
        OriginFactory(tenant=acme)

    asked = superuser.post(page(acme), {**values, "origins-1-pattern": "https://late.example"})
    response = superuser.post(page(acme), fields_of(asked))

    assert response.status_code == 302
    assert acme.origins.filter(pattern="https://late.example").exists()


def test_a_page_full_to_its_limits_can_be_saved(superuser, db):
    tenant = TenantFactory(slug="full")
    for _number in range(50):
        OriginFactory(tenant=tenant)
    for number in range(20):
        PathRuleFactory(tenant=tenant, path=f"/p{number}/")
        TenantHostFactory(tenant=tenant, host=f"h{number}.example.net")

    values = {**fields_of(superuser.get(page(tenant))), "origins-7-note": "seventh"}
    with CaptureQueriesContext(connection) as captured:
        response = superuser.post(page(tenant), values)

    assert response.status_code == 302
    assert len(captured) < 150  # two for each row: the key it names, and its own place
    assert Origin.objects.filter(note="seventh").count() == 1


def test_pages_cost_few_queries(superuser, acme):
    for _number in range(40):
        OriginFactory(tenant=acme)
        TenantFactory()

    for url in (
        page(acme),
        reverse("admin:corsadmin_tenant_changelist"),
        reverse("admin:corsadmin_tenant_history", args=[acme.pk]),
    ):
        assert len(queries_of(superuser, url)) < 20


def test_the_screen_says_that_browsers_remember(superuser, acme):
    assert_says(superuser.get(page(acme)), "tenant-browsers-remember")


def test_tenants_are_found_by_host(superuser, acme, rival):
    shown = (
        superuser.get(reverse("admin:corsadmin_tenant_changelist"), {"q": "acme.example.net"})
        .context["cl"]
        .queryset
    )

    assert [tenant.slug for tenant in shown] == ["acme"]


def test_a_stored_slug_that_is_none_is_shown_on_top_not_as_a_crash(superuser, acme, member):
    Tenant.objects.filter(pk=acme.pk).update(slug="No Slug")

    response = submit(member, page(acme), {"name": "Better"})

    assert response.status_code == 200
    assert errors_of(response)


def test_every_field_of_a_table_is_named_for_screen_readers(superuser, acme):
    shown = superuser.get(page(acme)).content.decode()

    for label in ("Origin", "Scope", "Valid until", "Host", "Delete"):
        assert f'aria-label="{label}"' in shown
