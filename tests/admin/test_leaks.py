"""A member sees no name, number or count of other tenants, and touches none of their rows."""

from itertools import product

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from tests.admin.conftest import grant, log_in
from tests.admin.forms import errors_of, fields_of, submit
from tests.factories import OriginFactory, PathRuleFactory, TenantMemberFactory, UserFactory

pytestmark = pytest.mark.slow

SECRETS = ("rival", "app.rival.example")
MODELS = ("tenant", "tenanthost", "pathrule", "origin")
# What the field for an origin's tenant asks for.
TENANTS = "/admin/autocomplete/?app_label=corsadmin&model_name=origin&field_name=tenant&term="


def tells_nothing(response):
    text = response.content.decode().lower()
    return not any(secret in text for secret in SECRETS)


@pytest.fixture(params=["member", "viewer"])
def somebody(request, acme, rival):
    """A member of acme, of either role, in a world with a rival."""
    return request.getfixturevalue(request.param)


def test_lists_and_their_filters_show_own_tenants_only(somebody):
    for model in MODELS:
        response = somebody.get(reverse(f"admin:corsadmin_{model}_changelist"))

        assert tells_nothing(response), model
        assert response.context["cl"].result_count == 1, model


def test_searches_and_forged_filters_find_nothing_of_others(somebody, rival):
    queries = [{"q": "rival"}, {"tenant__slug": "rival"}]
    queries += [{name: str(rival.pk)} for name in ("tenant", "tenant__id__exact")]
    for model, query in product(MODELS, queries):
        response = somebody.get(reverse(f"admin:corsadmin_{model}_changelist"), query, follow=True)

        listed = response.context["cl"].result_list if response.status_code == 200 else []
        assert not [row for row in listed if "rival" in str(getattr(row, "tenant", row))], query


def test_the_autocomplete_of_tenants_offers_own_ones_only(somebody):
    response = somebody.get(TENANTS)

    assert [found["text"] for found in response.json()["results"]] == ["acme"]


def test_the_autocomplete_is_closed_to_outsiders(outsider, acme):
    response = outsider.get(TENANTS)

    assert response.status_code == 403


@pytest.mark.parametrize(
    ("model", "given"),
    [
        pytest.param("origin", {"pattern": "https://evil.example"}, id="origin"),
        pytest.param("pathrule", {"path": "/evil/"}, id="path rule"),
    ],
)
def test_a_row_cannot_be_added_to_another_tenant(member, rival, model, given):
    response = submit(
        member, reverse(f"admin:corsadmin_{model}_add"), {**given, "tenant": rival.pk}
    )

    assert response.status_code == 200
    assert "tenant" in response.context["adminform"].form.errors
    assert tells_nothing(response)
    assert not Origin.objects.filter(pattern="https://evil.example").exists()
    assert not PathRule.objects.filter(path="/evil/").exists()


def test_a_row_cannot_be_added_to_a_tenant_one_only_views(member, acme, rival):
    TenantMemberFactory(tenant=rival, user=acme.members.get().user, role="viewer")

    response = submit(
        member,
        reverse("admin:corsadmin_origin_add"),
        {"tenant": rival.pk, "pattern": "https://evil.example"},
    )

    assert response.status_code == 200
    assert not Origin.objects.filter(pattern="https://evil.example").exists()


def test_a_row_cannot_be_moved_to_another_tenant(member, acme, rival):
    entry = acme.origins.get()

    submit(
        member,
        reverse("admin:corsadmin_origin_change", args=[entry.pk]),
        {"tenant": rival.pk, "tenant_id": rival.pk},
    )

    entry.refresh_from_db()
    assert entry.tenant == acme


def test_another_tenants_row_cannot_be_drawn_into_an_inline(member, acme, rival):
    foreign = rival.origins.get()

    response = submit(
        member,
        reverse("admin:corsadmin_tenant_change", args=[acme.pk]),
        {"origins-0-id": foreign.pk, "origins-0-pattern": "https://stolen.example"},
    )

    assert response.status_code == 200
    assert tells_nothing(response)
    foreign.refresh_from_db()
    assert (foreign.pattern, foreign.tenant) == ("https://app.rival.example", rival)


def test_an_inline_cannot_name_another_tenant(member, acme, rival):
    response = submit(
        member,
        reverse("admin:corsadmin_tenant_change", args=[acme.pk]),
        {"origins-1-pattern": "https://x.example", "origins-1-tenant": rival.pk},
    )

    assert response.status_code == 200
    assert not Origin.objects.filter(pattern="https://x.example").exists()


def test_hosts_cannot_be_forged_into_the_page_of_a_member(member, acme, rival):
    """Who owns a host is no member's to say, and "taken" would tell of others."""
    page = reverse("admin:corsadmin_tenant_change", args=[acme.pk])
    response = submit(
        member,
        page,
        {
            "hosts-TOTAL_FORMS": "2",
            "hosts-INITIAL_FORMS": "1",
            "hosts-0-id": acme.hosts.get().pk,
            "hosts-0-host": "rival.example.net",
            "hosts-1-host": "new.example.net",
        },
    )

    assert not TenantHost.objects.filter(host="new.example.net").exists()
    assert acme.hosts.get().host == "acme.example.net"
    assert tells_nothing(response)


def test_a_member_cannot_learn_slugs_by_trying_them(member, acme, rival):
    response = submit(
        member,
        reverse("admin:corsadmin_tenant_change", args=[acme.pk]),
        {"slug": "rival", "name": "Mine"},
    )

    assert response.status_code == 302
    acme.refresh_from_db()
    assert (acme.slug, acme.name) == ("acme", "Mine")


def test_what_another_tenant_has_already_is_no_error(member, acme, rival):
    response = submit(
        member,
        reverse("admin:corsadmin_origin_add"),
        {"tenant": acme.pk, "pattern": "https://app.rival.example"},
    )

    assert response.status_code == 302, errors_of(response)


@pytest.mark.parametrize("action", ["enable", "disable", "delete_selected"])
@pytest.mark.parametrize("model", ["tenant", "pathrule", "origin"])
def test_forged_actions_touch_nothing_of_others(member, acme, rival, model, action):
    row = {"tenant": rival, "pathrule": rival.paths.get(), "origin": rival.origins.get()}[model]
    version = row.history.count()

    response = member.post(
        reverse(f"admin:corsadmin_{model}_changelist"),
        {"action": action, "_selected_action": [row.pk], "post": "yes"},
        follow=True,
    )

    assert tells_nothing(response)
    assert type(row).objects.filter(pk=row.pk).exists()
    assert row.history.count() == version


def test_select_across_stays_within_the_own_tenants(member, acme, rival):
    member.post(
        reverse("admin:corsadmin_origin_changelist"),
        {
            "action": "delete_selected",
            "_selected_action": [acme.origins.get().pk],
            "select_across": "1",
            "index": "0",
            "post": "yes",
            "confirm_lockout": "on",
        },
    )

    assert list(Origin.objects.values_list("tenant__slug", flat=True)) == ["rival"]


def test_pages_of_others_do_not_differ_from_pages_of_nothing(somebody, rival):
    rows = (rival, rival.hosts.get(), rival.paths.get(), rival.origins.get())
    for row, page in product(rows, ("change", "delete", "history")):
        name = f"admin:corsadmin_{row._meta.model_name}_{page}"
        foreign = somebody.get(reverse(name, args=[row.pk]))
        nothing = somebody.get(reverse(name, args=[987654]))

        assert foreign.status_code == nothing.status_code, name
        assert foreign.headers.get("Location") == nothing.headers.get("Location"), name
        assert tells_nothing(foreign), name


def test_recent_actions_are_the_users_own(member, acme, rival):
    other = UserFactory()
    LogEntry.objects.log_actions(other.pk, [rival], 2, "changed", single_object=True)

    assert tells_nothing(member.get("/admin/"))
    assert tells_nothing(member.get("/admin/corsadmin/"))


def test_the_delete_page_lists_own_rows_only(editor, member, acme, rival):
    shown = member.get(reverse("admin:corsadmin_origin_delete", args=[acme.origins.get().pk]))

    assert tells_nothing(shown)
    assert tells_nothing(editor.get(reverse("admin:corsadmin_tenant_delete", args=[acme.pk])))


def test_popups_and_forged_fields_name_nobody(member, acme, rival):
    page = reverse("admin:corsadmin_tenant_changelist")

    assert tells_nothing(member.get(page, {"_popup": "1", "_to_field": "id"}))
    assert member.get(page, {"_to_field": "note"}).status_code == 400


def test_a_history_of_a_deleted_foreign_row_stays_closed(member, acme, rival):
    key = rival.origins.get().pk
    rival.delete()

    response = member.get(reverse("admin:corsadmin_origin_history", args=[key]))

    assert response.status_code == 404


def test_who_is_no_longer_staff_is_no_longer_a_member(member, acme):
    user = acme.members.get().user
    user.is_staff = False
    user.save()

    assert member.get(reverse("admin:corsadmin_tenant_changelist")).status_code == 302


def test_membership_of_the_platform_does_not_let_one_write_there(db, platform):
    user = UserFactory()
    TenantMemberFactory(tenant=platform, user=user, role="editor")
    rule = PathRuleFactory(tenant=platform)
    client = log_in(user)

    page = reverse("admin:corsadmin_pathrule_change", args=[rule.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"path": "/x/"}).status_code == 403


def test_a_viewer_of_all_who_edits_one_edits_only_that_one(acme, rival):
    user = grant(UserFactory(), "view_tenant", "view_origin")
    TenantMemberFactory(tenant=acme, user=user, role="editor")
    client = log_in(user)

    for tenant, status in ((acme, 302), (rival, 403)):
        page = reverse("admin:corsadmin_origin_change", args=[tenant.origins.get().pk])
        assert client.post(page, fields_of(client.get(page))).status_code == status


def test_a_stored_row_of_a_member_cannot_be_taken_over_by_its_key(member, acme, rival):
    """CVE-2019-19118 and CVE-2026-4277: keys in a forged form of rows one may not write."""
    page = reverse("admin:corsadmin_origin_add")
    foreign = rival.origins.get()

    submit(member, page, {"tenant": acme.pk, "id": foreign.pk, "pattern": "https://y.example"})

    foreign.refresh_from_db()
    assert foreign.tenant == rival
    assert OriginFactory._meta.model.objects.get(pattern="https://y.example").tenant == acme
    assert Tenant.objects.count() == 3
