"""What a curious or hostile member of staff may try: forged keys, fields, versions and names."""

from itertools import product

import pytest
from django.urls import reverse

from corsadmin.models import Origin, PathRule, Tenant
from tests.admin.conftest import grant, log_in
from tests.admin.forms import codes_of, fields_of, submit
from tests.factories import OriginFactory, PathRuleFactory, TenantMemberFactory, UserFactory

pytestmark = pytest.mark.slow

APP = "https://app.acme.example"


MODELS = ("tenant", "tenanthost", "pathrule", "origin")


def tells_of_rival(response):
    """Report whether a page names the tenant, its host, its origin or its member."""
    text = response.content.decode()
    names = (">rival<", "rival.example", "Rival", "secret<")
    return any(name in text for name in names)


def change_page(row):
    return reverse(f"admin:corsadmin_{row._meta.model_name}_change", args=[row.pk])


def errors_of(response):
    found = response.context["adminform"].form.errors
    return [message for messages in found.values() for message in messages]


def version_page(row, version):
    name = f"admin:corsadmin_{row._meta.model_name}_simple_history"
    return reverse(name, args=[row.pk, version.pk])


@pytest.mark.parametrize("model", [Origin, PathRule])
def test_a_row_that_went_to_another_tenant_is_not_fetched_back_by_its_version(
    member, superuser, acme, rival, model
):
    rival.paths.all().delete()
    row = model.objects.get(tenant=acme)
    version = row.history.get()
    model.objects.filter(pk=row.pk).update(tenant=rival)
    sent = fields_of(superuser.get(version_page(row, version)))

    response = member.post(version_page(row, version), sent)

    assert response.status_code == 403
    row.refresh_from_db()
    assert row.tenant == rival
    assert superuser.post(version_page(row, version), sent).status_code == 302
    row.refresh_from_db()
    assert row.tenant == acme


@pytest.mark.parametrize("taken", [True, False])
def test_an_old_slug_is_not_put_back_by_a_member(member, superuser, acme, rival, taken):
    version = acme.history.get()
    Tenant.objects.filter(pk=acme.pk).update(slug="renamed")
    if taken:
        Tenant.objects.filter(pk=rival.pk).update(slug="acme")

    assert submit(member, version_page(acme, version)).status_code == 302
    acme.refresh_from_db()
    assert acme.slug == "renamed"
    allowed = submit(superuser, version_page(acme, version))
    assert allowed.status_code == (200 if taken else 302)
    assert not taken or codes_of(allowed) == {"unique"}


def test_a_version_of_another_row_is_not_found_under_ones_own(member, acme, rival):
    own, foreign = acme.origins.get(), rival.origins.get().history.get()

    assert member.get(version_page(own, foreign)).status_code == 404
    assert member.post(version_page(own, foreign)).status_code == 404


@pytest.mark.parametrize("model", [Origin, PathRule])
def test_what_is_there_twice_is_said_and_no_crash(superuser, acme, model):
    if model is Origin:
        row, changes = OriginFactory(tenant=acme), {"pattern": APP}
    else:
        row, changes = PathRuleFactory(tenant=acme, path="/x/"), {"path": "/api/"}

    response = submit(superuser, change_page(row), changes)

    assert response.status_code == 200
    assert errors_of(response)


def test_a_pattern_that_is_there_twice_on_the_page_of_a_tenant_is_said(superuser, acme):
    response = submit(
        superuser,
        reverse("admin:corsadmin_tenant_change", args=[acme.pk]),
        {"origins-1-pattern": APP, "origins-1-enabled": "on"},
    )

    assert response.status_code == 200
    assert acme.origins.count() == 1


# What a field's autocomplete is asked for: an app, a model and one of its fields.
AUTOCOMPLETES = [
    "corsadmin origin tenant",
    "corsadmin pathrule tenant",
    "corsadmin tenanthost tenant",
    "corsadmin tenantmember tenant",
    "corsadmin tenantmember user",
    "corsadmin historicalorigin tenant",
    "corsadmin historicalorigin history_user",
    "corsadmin historicaltenantmember user",
    "corsadmin origin pattern",
    "corsadmin nonsense tenant",
    "admin logentry user",
    "auth user groups",
]


@pytest.fixture(params=["member", "viewer", "outsider"])
def somebody(request, acme, rival):
    """Somebody to whom nothing of rival may be told, nor who its members are."""
    TenantMemberFactory(tenant=rival, user=UserFactory(username="secret"))
    return request.getfixturevalue(request.param)


@pytest.mark.sweep
def test_no_autocomplete_tells_of_others(somebody):
    for asked, term in product(AUTOCOMPLETES, ["", "rival", "secret"]):
        names = dict(zip(["app_label", "model_name", "field_name"], asked.split(), strict=True))

        response = somebody.get(reverse("admin:autocomplete"), {**names, "term": term})

        results = [] if response.status_code == 403 else response.json()["results"]
        assert {found["text"] for found in results} <= {"acme"}, asked


@pytest.mark.parametrize("person", ["superuser", "member"])
@pytest.mark.parametrize(
    "forged",
    [
        "corsadmin tenant origins",
        "corsadmin tenant hosts",
        "corsadmin tenant paths",
        "corsadmin tenant members",
        "auth user cors_memberships",
    ],
)
def test_the_far_end_of_a_relation_has_no_autocomplete(request, person, forged):
    names = dict(zip(["app_label", "model_name", "field_name"], forged.split(), strict=True))

    response = request.getfixturevalue(person).get(reverse("admin:autocomplete"), names)

    assert response.status_code == 403


QUERIES = [
    {"tenant__members__user__username": "secret"},
    {"tenant__hosts__host__startswith": "r"},
    {"tenant__origins__pattern__contains": "rival"},
    {"tenant__slug__startswith": "r"},
    {"history__history_user__username": "secret"},
    {"q": "rival"},
    {"o": "1.2.3.4.5.6"},
    {"_to_field": "slug", "_popup": "1"},
    {"_to_field": "generation"},
    {"p": "-1"},
    {"all": ""},
    {"modified__gt": "nonsense"},
]


# A viewer sees the lists that a member sees; test_leaks.py searches them as both.
@pytest.mark.sweep
@pytest.mark.parametrize("somebody", ["member", "outsider"], indirect=True)
def test_no_query_string_tells_of_others(somebody):
    for model, query in product([*MODELS, "tenantmember"], QUERIES):
        page = reverse(f"admin:corsadmin_{model}_changelist")

        response = somebody.get(page, query, follow=True)

        assert response.status_code in {200, 400, 403}, query
        assert not tells_of_rival(response), (model, query)


ACTIONS = ["enable", "disable", "set_end", "export", "copy_to_tenants", "delete_selected", "x"]


@pytest.mark.sweep
def test_no_action_tells_of_others_or_touches_them(somebody, rival):
    rows = [rival, rival.origins.get(), rival.paths.get(), rival.hosts.get()]
    for row, action in product(rows, ACTIONS):
        sent = {
            "action": action,
            "_selected_action": [row.pk],
            "post": "yes",
            "confirm_lockout": "on",
            "valid_until": "2020-01-01T00:00",
            "slugs": "acme",
            "copy": "x",
        }
        page = reverse(f"admin:corsadmin_{row._meta.model_name}_changelist")

        response = somebody.post(page, sent, follow=True)

        assert response.status_code in {200, 403}, action
        assert not tells_of_rival(response), action
        assert row.history.count() == 1
        assert type(row).objects.filter(pk=row.pk).exists()


def test_the_question_before_a_tenant_goes_names_no_member_to_who_sees_none(editor, acme):
    TenantMemberFactory(tenant=acme, user=UserFactory(username="secret"))
    page = reverse("admin:corsadmin_tenant_delete", args=[acme.pk])
    lists = reverse("admin:corsadmin_tenant_changelist")

    for response in (
        editor.get(page),
        editor.post(page, {"post": "yes", "confirm_lockout": "on"}),
        editor.post(lists, {"action": "delete_selected", "_selected_action": [acme.pk]}),
    ):
        assert "secret" not in response.content.decode()
    assert Tenant.objects.filter(pk=acme.pk).exists()


@pytest.mark.parametrize("person", ["editor", "member", "viewer", "outsider"])
def test_no_history_of_members_is_open(request, acme, person):
    client = request.getfixturevalue(person)
    row = TenantMemberFactory(tenant=acme, user=UserFactory(username="secret"))

    for page in ("history", "change", "delete"):
        response = client.get(reverse(f"admin:corsadmin_tenantmember_{page}", args=[row.pk]))

        assert response.status_code in {302, 403, 404}
        assert "secret" not in response.content.decode()
    assert client.get(version_page(row, row.history.get())).status_code in {403, 404}


@pytest.fixture
def no_platform(db):
    """A database that has lost its platform, and a tenant that was called so once."""
    Tenant.objects.filter(slug="platform").update(slug="was-platform")
    return Tenant.objects.get(slug="was-platform")


@pytest.mark.parametrize("door", ["added", "renamed"])
@pytest.mark.usefixtures("no_platform")
def test_nobody_becomes_the_platform_who_may_not_write_for_all(editor, superuser, acme, door):
    page = change_page(acme) if door == "renamed" else reverse("admin:corsadmin_tenant_add")

    refused = submit(editor, page, {"slug": "platform"})

    assert codes_of(refused) == {"not-permitted"}
    assert not Tenant.objects.filter(slug="platform").exists()
    assert submit(superuser, page, {"slug": "platform"}).status_code == 302


TRIED = "?origin=https://app.acme.example:8443&url=https://acme.example.net/api/"


@pytest.mark.parametrize(
    "page", ["", "tenant/{key}/change/", "tenant/{key}/history/", f"tenant/try/{TRIED}"]
)
def test_who_may_look_at_tenants_alone_is_told_of_none_of_their_rows(
    superuser, acme, settings, page
):
    settings.ALLOWED_HOSTS = [".example.net", "testserver"]
    OriginFactory(tenant=acme, pattern="https://Wrong.example")
    PathRuleFactory(tenant=acme, path="/hidden/", methods="GET")
    names = ("app.acme.example<", "app.acme.example ", "Wrong.example", "/hidden/")
    address = f"/admin/corsadmin/{page.format(key=acme.pk)}"
    client = log_in(grant(UserFactory(), "view_tenant"))

    told, untold = (one.get(address).content.decode() for one in (superuser, client))

    assert any(name in told for name in names)
    assert not [name for name in names if name in untold]


def test_who_may_not_look_at_all_rows_puts_no_tenant_back(superuser, acme):
    client = log_in(grant(UserFactory(), "change_tenant", "view_origin"))
    page = reverse("admin:corsadmin_tenant_restore", args=[acme.pk])

    assert client.get(page, {"before": "2020-01-01T00:00:00Z"}).status_code == 403
    history = reverse("admin:corsadmin_tenant_history", args=[acme.pk])
    told, untold = (one.get(history).content.decode() for one in (superuser, client))
    assert "https://app.acme.example" in untold
    assert page in told
    assert page not in untold
