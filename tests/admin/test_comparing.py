"""Compare two tenants: what the page shows, where it leads to, and who may open it."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from corsadmin.admin.compare import views
from corsadmin.models import Emergency, Tenant
from tests.admin.conftest import grant, log_in
from tests.factories import OriginFactory, PathRuleFactory, TenantMemberFactory, UserFactory
from tests.messages.screens import assert_says, filled, text

pytestmark = pytest.mark.slow

APP = "https://app.acme.example"
UNTIL_LIFTED = text("emergency-until-lifted")
INHERITS = str(Tenant._meta.get_field("inherits_platform").verbose_name)


def compare(client, left="acme", right="rival", **more):
    url = reverse("admin:corsadmin_tenant_compare")
    return client.get(url, {"left": left, "right": right, **more})


def lines(response):
    """Return each line in short: its name, and of each side its values or what is said instead."""
    return [
        (line.name, *(_said(cell) for _tenant, cell in line.cells))
        for line in response.context_data["lines"]
    ]


def _said(cell):
    if cell.is_missing:
        return "-"
    return ("inherited " if cell.is_inherited else "") + ", ".join(
        f"{label} {value or 'blank'}" for label, value in cell.values
    )


def test_differences_stand_side_by_side(superuser, acme, rival):
    rule = PathRuleFactory(tenant=acme, path="/x/", methods=["PUT", "GET"], max_age=60)
    PathRuleFactory(tenant=rival, path="/x/", methods=["GET", "PUT"])
    PathRuleFactory(tenant=rival, path="/y/", credentials=True)

    response = compare(superuser)

    assert lines(response) == [
        ("/x/", "max age 60", "max age blank"),
        ("/y/", "-", "credentials yes, methods GET, HEAD, POST, request headers content-type"),
        (APP, "", "-"),
        ("https://app.rival.example", "-", ""),
    ]
    shown = response.content.decode()
    assert f"/admin/corsadmin/pathrule/{rule.pk}/change/?back=" in shown
    assert "acme.example.net" in shown
    assert_says(shown, "compare-counted", number=3, alike=1)


def test_everything_is_shown_where_it_is_asked_for(superuser, acme, rival):
    names = [line[0] for line in lines(compare(superuser, show="all"))]

    assert names == ["/api/", APP, "https://app.rival.example"]
    settings = [one.label for one in compare(superuser, show="all").context_data["settings"]]
    assert settings == ["active", INHERITS, "note"]
    assert compare(superuser).context_data["settings"] == []


def test_alike_policies_say_so(superuser, acme, rival):
    rival.origins.update(pattern=APP)

    assert_says(compare(superuser), "compare-equal")
    Tenant.objects.get(slug="acme").paths.all().delete()
    for tenant in (acme, rival):
        tenant.paths.all().delete()
        tenant.origins.all().delete()
    assert_says(compare(superuser, show="all"), "compare-empty")


def test_what_one_of_them_inherits_is_shown_as_such(superuser, acme, rival, platform):
    PathRuleFactory(tenant=platform, path="/of-all/")
    OriginFactory(tenant=platform, pattern="https://of-all.example", enabled=False)
    Tenant.objects.filter(pk=rival.pk).update(inherits_platform=False)

    assert lines(compare(superuser))[0] == (
        "/of-all/",
        "inherited methods GET, HEAD, POST, request headers content-type",
        "-",
    )
    Tenant.objects.filter(pk=platform.pk).update(is_active=False)
    assert "/of-all/" not in [line[0] for line in lines(compare(superuser))]


def test_the_platform_is_compared_like_a_tenant(superuser, acme, platform):
    PathRuleFactory(tenant=platform, path="/of-all/")

    response = compare(superuser, right="platform")

    assert ("/of-all/", "", "") not in lines(response)  # acme inherits it: it is alike
    assert INHERITS not in [one.label for one in response.context_data["settings"]]
    assert "/of-all/" in [
        line[0] for line in lines(compare(superuser, right="platform", show="all"))
    ]


def test_an_emergency_and_the_settings_are_compared(superuser, acme, rival):
    Emergency.objects.create(tenant=acme, level="credentials", reason="x")
    Tenant.objects.filter(pk=rival.pk).update(is_active=False, note="theirs")

    settings = compare(superuser).context_data["settings"]

    assert [(one.label, one.left, one.right) for one in settings] == [
        ("active", "yes", "no"),
        ("note", "", "theirs"),
        ("emergency", f"{Emergency.Level.CREDENTIALS.label}, {UNTIL_LIFTED}", ""),
    ]
    Emergency.objects.update(until=timezone.now())
    assert "emergency" not in str(compare(superuser).context_data["settings"])


def test_of_many_hosts_some_are_named(superuser, acme, rival):
    for number in range(25):
        acme.hosts.create(host=f"h{number:02}.example")

    assert "h00.example" in compare(superuser).context_data["compared"].hosts.left
    assert_says(
        compare(superuser).context_data["compared"].hosts.left, "compare-more-hosts", count=6
    )


def test_a_row_is_copied_to_the_other_tenant_from_here(superuser, acme, rival):
    (_line, _other) = compare(superuser).context_data["lines"]
    page = urlsplit(_line.cells[0][1].copy_page)

    assert page.path == reverse("admin:corsadmin_tenant_copy")
    assert parse_qs(page.query) == {
        "source": ["acme"],
        "slugs": ["rival"],
        "rows": [f"origin-{acme.origins.get().pk}"],
    }
    opened = superuser.get(_line.cells[0][1].copy_page).content.decode()
    assert f"<li><code>{APP}</code></li>" in opened


def test_who_may_not_add_rows_is_offered_no_copy(acme, rival):
    codes = ["view_tenant", "view_tenanthost", "view_pathrule", "view_origin"]
    client = log_in(grant(UserFactory(), *codes))

    shown = compare(client).content.decode()

    assert APP in shown
    assert "/copy/" not in shown


def test_long_comparisons_have_pages(superuser, acme, rival, monkeypatch):
    monkeypatch.setattr(views, "PER_PAGE", 1)

    assert [line[0] for line in lines(compare(superuser, p="2"))] == ["https://app.rival.example"]
    assert 'aria-label="Pages"' in compare(superuser).content.decode()


@pytest.mark.parametrize("slug", ["rival", "nobody", "no slug%"])
def test_a_tenant_that_one_does_not_see_whole_is_not_there(acme, rival, slug):
    """Of rival the origins are seen, and nothing else."""
    user = grant(UserFactory(), "view_origin")
    TenantMemberFactory(tenant=acme, user=user, role="viewer")
    client = log_in(user)

    response = compare(client, "acme", slug)

    assert response.context_data["form"].errors["right"] == [filled("compare-no-tenant", slug=slug)]
    assert "compared" not in response.context_data
    assert compare(client, slug, "acme").context_data["form"].errors["left"]
    assert response.context_data["slugs"] == [("acme", "Acme")]


def test_a_member_compares_the_tenants_they_see(member, acme, rival):
    TenantMemberFactory(tenant=rival, user=acme.members.get().user, role="viewer")

    response = compare(member)

    assert [line[0] for line in lines(response)] == [APP, "https://app.rival.example"]
    offered = [page for *_names, page in response.context_data["copies"]]
    assert [bool(page) for page in offered] == [False, True]  # rival may only be looked at


def test_a_tenant_is_not_compared_with_itself(superuser, acme):
    errors = compare(superuser, "acme", "acme").context_data["form"].errors

    assert errors["__all__"] == [text("compare-two-different")]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        pytest.param("Rival Ltd", True, id="the name"),
        pytest.param("rival LTD", True, id="the name in another case"),
        pytest.param("Acme Inc", False, id="a name of two"),
        pytest.param("Rival", False, id="a part of the name"),
    ],
)
def test_a_tenant_may_be_called_by_its_name(superuser, acme, rival, text, is_found):
    for slug, name in (("acme", "Acme Inc"), ("rival", "Rival Ltd")):
        Tenant.objects.filter(slug=slug).update(name=name)
    Tenant.objects.create(slug="acme-two", name="Acme Inc")

    found = compare(superuser, "acme", text).context_data

    assert ("pair" in found) == is_found


def test_the_page_asks_for_tenants_first(superuser, acme):
    opened = superuser.get(reverse("admin:corsadmin_tenant_compare"), {"left": "acme"})

    assert not opened.context_data["form"].errors
    assert 'value="acme"' in opened.content.decode()


def test_somebody_without_a_tenant_compares_nothing(outsider):
    assert compare(outsider).status_code == 403
    assert compare(log_in(grant(UserFactory(), "view_tenant"))).status_code == 403


def test_the_action_leads_to_two_tenants(superuser, acme, rival):
    url = reverse("admin:corsadmin_tenant_changelist")

    def act(*tenants):
        keys = [tenant.pk for tenant in tenants]
        sent = {"action": "compare_selected", "_selected_action": keys}
        return superuser.post(url, sent, follow=True)

    assert act(rival, acme).request["QUERY_STRING"] == "left=acme&right=rival"
    assert_says(act(acme), "compare-two-exactly")


def test_the_page_of_a_tenant_leads_here(superuser, viewer, acme):
    url = reverse("admin:corsadmin_tenant_change", args=[acme.pk])
    pages = [reverse(f"admin:corsadmin_tenant_{name}") for name in ("compare", "copy")]

    shown = superuser.get(url).content.decode()
    assert f"{pages[0]}?left=acme" in shown
    assert f"{pages[1]}?source=acme" in shown
    seen = viewer.get(url).content.decode()
    assert pages[0] in seen
    assert pages[1] not in seen
    hidden = log_in(grant(UserFactory(), "view_tenant")).get(url).content.decode()
    assert pages[0] not in hidden


def test_many_origins_cost_few_queries(superuser, acme, rival, django_assert_max_num_queries):
    for tenant in (acme, rival):
        rows = [OriginFactory.build(tenant=tenant) for _number in range(300)]
        tenant.origins.bulk_create(rows)

    with django_assert_max_num_queries(19):
        compare(superuser)
