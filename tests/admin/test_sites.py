"""Beside another admin site: every page works, and no link leads from one site to the other."""

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from django.contrib import admin
from django.urls import clear_url_caches, resolve
from django.utils import timezone

import corsadmin
from corsadmin.admin.changelist import delete_summary
from corsadmin.admin.inlines import OriginInline
from corsadmin.admin.member_forms import TenantMemberForm
from corsadmin.admin.members import TenantMemberAdmin
from corsadmin.admin.origins import OriginAdmin
from corsadmin.models import Origin, PathRule, Tenant, TenantHost, TenantMember
from tests.admin.conftest import log_in
from tests.admin.forms import fields_of, submit
from tests.admin.imports import document, origins
from tests.admin.sites import MODELS, links, routes, second_site, walk
from tests.factories import OriginFactory, TenantMemberFactory, UserFactory, make_site

pytestmark = pytest.mark.slow

ROOT = "/ops/corsadmin/"
NOW = quote(datetime.now(UTC).isoformat())  # before anything of a test is stored


@pytest.fixture
def routed(settings):
    """Give the project other routes for one test."""

    def route(patterns):
        settings.ROOT_URLCONF = patterns
        clear_url_caches()

    yield route
    clear_url_caches()


@pytest.fixture
def unregistered():
    """Take the app's models off Django's own site for one test."""
    kept = dict(admin.site._registry)
    for model in MODELS:
        admin.site.unregister(model)
    yield
    admin.site._registry = kept


@pytest.fixture(params=["on both sites", "on the second site alone"])
def ops(request, routed):
    """A second site with every page of the app."""
    site = second_site(MODELS)
    if request.param == "on the second site alone":
        request.getfixturevalue("unregistered")
    routed(routes(site))
    return site


@pytest.fixture
def policy(acme, platform):
    """A policy that every page has something to say of."""
    OriginFactory(tenant=acme, pattern="http://plain.example", valid_until="2080-01-01T00:00Z")
    TenantMemberFactory(tenant=acme)
    Tenant.objects.create(slug="gone").delete()
    platform.save()  # it has a history, too
    return acme


def strays(page, found):
    """Return the links of a page that leave the second site."""
    # Of Django's own frame: the way to the public site.
    allowed = ("/ops/", "/static/")
    return [
        (page, link)
        for link in found
        if urlsplit(link).path != "/" and not urlsplit(link).path.startswith(allowed)
    ]


ASKED = "origin=https://app.acme.example:8443&url=https://acme.example.net/api/"


# Suggestions that a script reads, and an address of before.
UNLINKED = {"corsadmin_tenantmember_users", "corsadmin_tenant_timeline"}


@pytest.mark.sweep
def test_every_page_is_reached_and_every_link_stays(superuser, policy, ops):
    refused = f"{ROOT}tenant/try/?{ASKED}"
    own_page = f"{ROOT}tenant/{policy.pk}/change/"  # unlike the platform it can be deleted
    walked = dict(walk(superuser, (ROOT, refused, own_page), ROOT))

    reached = {resolve(urlsplit(page).path).url_name for page in walked}
    own = {
        route.name for model in MODELS for route in ops.get_model_admin(model).urls if route.name
    }
    assert own - reached == UNLINKED
    assert [stray for page, found in walked.items() for stray in strays(page, found)] == []


QUESTIONS = {
    "a refused origin": f"tenant/try/?{ASKED}",
    "an allowed one": f"tenant/try/?{ASKED.replace(':8443', '')}",
    "no rule": f"tenant/try/?{ASKED.replace('/api/', '/x')}",
    "all changes": f"tenant/make-it-work/?{ASKED}",
    "a popup": "tenant/{key}/change/?_popup=1",
}


@pytest.mark.usefixtures("ops")
def test_the_links_of_a_question_stay(superuser, policy):
    for what, page in QUESTIONS.items():
        address = ROOT + page.format(key=policy.pk)

        response = superuser.get(address)

        assert response.status_code == 200, what
        assert strays(address, links(address, response)) == []


@pytest.mark.usefixtures("ops")
def test_the_questions_before_a_change_stay(superuser, policy, monkeypatch):
    monkeypatch.setattr(delete_summary, "MAX_NAMED_ROWS", 0)
    chosen = {
        "_selected_action": list(policy.origins.values_list("pk", flat=True)),
        "slugs": "platform",
        "check": "Check",
    }
    asked = [
        (f"{ROOT}origin/", {**chosen, "action": action})
        for action in ("disable", "delete_selected", "copy_to_tenants")
    ]
    asked += [
        (f"{ROOT}tenant/", {"action": "delete_selected", "_selected_action": [policy.pk]}),
        (f"{ROOT}tenant/import/", {"text": document(), "check": "Check"}),
        (f"{ROOT}tenant/{policy.pk}/restore/", {"before": "2020-01-01T00:00:00Z"}),
    ]
    for page, given in asked:
        response = superuser.post(page, given)

        assert response.status_code == 200, page
        assert strays(page, links(page, response)) == []


@pytest.mark.usefixtures("ops")
def test_a_change_leads_to_a_page_of_its_site(superuser, policy):
    tenant = f"{ROOT}tenant/{policy.pk}/"
    first = policy.origins.order_by("pk").first()
    file = document(origins({"pattern": "https://new.example"}))
    shown = superuser.post(f"{ROOT}tenant/import/", {"text": file, "check": "Check"})
    pasted = superuser.post(f"{tenant}paste/", {"lines": "https://pasted.example"})
    version = f"{ROOT}origin/{first.pk}/history/{first.history.last().pk}/"

    ends = [
        superuser.post(f"{ROOT}tenant/import/", {**fields_of(shown), "apply": "x", "file": ""}),
        superuser.post(f"{tenant}paste/", {**fields_of(pasted), "add": "Add"}),
        submit(superuser, f"{tenant}change/", {"name": "Acme"}),
        submit(superuser, version, {}),
        submit(superuser, f"{tenant}restore/?before={NOW}", {"confirm_lockout": "on"}),
        submit(superuser, f"{tenant}delete/", {"confirm_lockout": "on"}),
    ]

    assert [end.status_code for end in ends] == [302] * len(ends)
    assert [end.url for end in ends if not end.url.startswith(ROOT)] == []


@pytest.mark.parametrize("missing", [Origin, PathRule, TenantHost, TenantMember])
def test_a_site_need_not_have_the_pages_of_every_model(
    superuser, policy, routed, missing, monkeypatch
):
    monkeypatch.setattr(delete_summary, "MAX_NAMED_ROWS", 0)
    monkeypatch.setattr(OriginInline, "limit", 0)
    OriginFactory(tenant=policy, pattern="https://ended.example", valid_until="2020-01-01T00:00Z")
    OriginFactory(tenant=policy, risk_accepted=True, valid_until=timezone.now() + timedelta(days=2))
    routed(routes(second_site([model for model in MODELS if model is not missing])))

    tenant = f"tenant/{policy.pk}"
    views = ["", "tenant/", *(f"{tenant}/{view}/" for view in ("change", "delete", "history"))]
    for page in [ROOT + view for view in [*views, f"tenant/try/?{ASKED}"]]:
        response = superuser.get(page)

        assert response.status_code == 200, page
        assert strays(page, links(page, response)) == []


def test_a_site_without_tenants_has_a_start_page(superuser, policy, routed):
    routed(routes(second_site([TenantHost])))

    response = superuser.get(ROOT)

    assert response.status_code == 200
    assert strays(ROOT, links(ROOT, response)) == []


class PlainOriginAdmin(OriginAdmin):
    """What a project writes that wants a plain list of tenants instead of a search."""

    autocomplete_fields = ()


class UserListForm(TenantMemberForm):
    """A project's form, which asks for a member in a list of users, as Django does."""

    user = None  # type: ignore[assignment] # so that Django makes the field


class UserListAdmin(TenantMemberAdmin):
    """What a project with few users writes."""

    form = UserListForm


@pytest.fixture
def add_form(routed):
    """Return the form for a new row on a site with one admin of a project."""

    def add_form(client, model, model_admin):
        site = admin.AdminSite("ops")
        site.register(model, model_admin)
        routed(routes(site))
        page = f"{ROOT}{model._meta.model_name}/add/"
        return client.get(page).context["adminform"].form

    return add_form


def offered(form, name):
    """Return the keys that a box on the page offers."""
    return {int(key) for key in re.findall(r'<option value="(\d+)"', str(form[name]))}


def test_an_editor_of_one_tenant_is_not_asked_for_it(member, acme, rival, add_form):
    form = add_form(member, Origin, PlainOriginAdmin)
    page = f"{ROOT}origin/add/"

    refused = member.post(page, {"tenant": rival.pk, "pattern": "https://app.example"})
    added = member.post(page, {"tenant": acme.pk, "pattern": "https://app.example"})

    assert form.fields["tenant"].widget.is_hidden
    assert [*refused.context["adminform"].form.errors] == ["tenant"]
    assert added.status_code == 302
    assert Origin.objects.get(pattern="https://app.example").tenant == acme


def test_a_project_may_choose_tenants_from_a_plain_list(acme, rival, add_form):
    user = TenantMemberFactory(tenant=acme, role="editor").user
    TenantMemberFactory(tenant=rival, user=user, role="editor")
    make_site("stranger")

    form = add_form(log_in(user), Origin, PlainOriginAdmin)

    assert offered(form, "tenant") == {acme.pk, rival.pk}


@pytest.mark.parametrize("tenants", [1, 2], ids=["one tenant", "two tenants"])
def test_a_project_may_choose_members_from_a_plain_list(superuser, platform, add_form, tenants):
    for number in range(1, tenants):
        make_site(f"tenant-{number}")
    bob = UserFactory()

    form = add_form(superuser, TenantMember, UserListAdmin)

    assert bob.pk in offered(form, "user")


def test_addresses_are_made_in_one_place_only():
    """What reverses by itself leads to Django's own site sooner or later."""
    package = Path(corsadmin.__file__).parent
    found = {
        file.name
        for folder in ("admin", "forms", "templatetags")
        for file in (package / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom | ast.Import)
        and {alias.name for alias in node.names} & {"reverse", "reverse_lazy", "redirect"}
    }

    assert found == {"addresses.py"}
