"""Nobody does by import what the admin would refuse them."""

import pytest
from django.contrib.auth.models import Permission

from corsadmin.models import Origin, Tenant, TenantMember
from corsadmin.models.access import Access
from corsadmin.transfer.exporting import read_tenants
from corsadmin.transfer.plan.apply import Signature
from corsadmin.transfer.records.diagnostics import TransferError
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantMemberFactory,
    UserFactory,
    make_site,
)
from tests.messages.screens import filled
from tests.transfer.files import acme, document, faults_of, run_import

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

APP = {"pattern": "https://app.acme.example"}
RISKY = {"pattern": "http://app.acme.example", "credentials": True, "risk_accepted": True}


@pytest.fixture
def site():
    return make_site("acme", name="", paths=[])


@pytest.fixture
def editor(site):
    member = TenantMemberFactory(tenant=site, role=TenantMember.Role.EDITOR)
    return Access(member.user)


def staff(*permissions):
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return Access(user)


def refused(content, access, **choices):
    """Return the codes for which an import is refused, without repetition."""
    return {code for _place, code in faults_of(content, access=access, **choices)}


def test_an_editor_imports_into_their_own_tenant(editor, site):
    content = document(acme(note="x", hosts=["acme.example.net"], origins=[APP]))

    run_import(content, access=editor, prune=True)

    assert site.origins.get().pattern == APP["pattern"]


def test_a_superuser_imports_everything():
    access = Access(UserFactory(is_superuser=True))

    run_import(
        document({"slug": "platform", "origins": [RISKY]}, acme(origins=[APP])), access=access
    )

    assert Origin.objects.count() == 2


@pytest.mark.parametrize(
    "tenant",
    [
        pytest.param({"slug": "rival"}, id="R53 a tenant that exists, nothing to change"),
        pytest.param({"slug": "rival", "origins": [APP]}, id="R53 an origin of another tenant"),
        pytest.param({"slug": "nobody"}, id="R53 a tenant that does not exist"),
        pytest.param({"slug": "platform", "origins": [APP]}, id="R53 the platform"),
    ],
)
def test_r53_other_tenants_are_refused_without_a_word_about_them(editor, tenant):
    make_site("rival", name="", paths=[])

    faults = faults_of(document(acme(origins=[APP]), tenant), access=editor)

    assert faults == [("", "not-permitted")]
    assert not Origin.objects.exists()


def test_r53_a_table_cannot_name_another_tenant_either(editor):
    make_site("rival")
    content = (
        "tenant,pattern\nacme,https://a.example\nrival,https://b.example\nnone,https://c.example\n"
    )

    assert faults_of(content, format="csv", access=editor) == [
        (f"line {line}, tenant", "tenant-unknown") for line in (3, 4)
    ]


def test_r53_a_column_of_primary_keys_is_refused(editor, site):
    assert refused(f"id,tenant,pattern\n{site.pk},acme,https://a.example\n", editor, format="csv")
    assert refused(document(acme(id=site.pk)), editor) == {"key-unknown"}


def test_r53_a_host_of_another_tenant_is_refused_without_its_name(editor):
    make_site("rival")

    assert refused(document(acme(hosts=["acme.example.net", "rival.example.net"])), editor) == {
        "not-permitted"
    }


def test_an_editor_cannot_remove_hosts(editor):
    assert refused(document(acme(hosts=[])), editor, prune=True) == {"not-permitted"}
    assert refused(document(acme()), editor, prune=True) == set()


def test_a_viewer_imports_nothing(site):
    viewer = Access(TenantMemberFactory(tenant=site, role=TenantMember.Role.VIEWER).user)

    assert refused(document(acme(origins=[APP])), viewer) == {"not-permitted"}


@pytest.mark.parametrize(
    ("tenant", "permission"),
    [
        pytest.param(acme(origins=[RISKY]), "accept_risk", id="R54 an accepted risk"),
        pytest.param(
            acme(paths=[{"path": "/a", "any_origin": True}]),
            "allow_any_origin",
            id="R54 any origin",
        ),
    ],
)
def test_r54_danger_needs_its_own_permission(editor, tenant, permission):
    assert refused(document(tenant), editor) == {"not-permitted"}
    editor.user.user_permissions.add(Permission.objects.get(codename=permission))
    allowed = Access(type(editor.user).objects.get(pk=editor.user.pk))

    run_import(document(tenant), access=allowed)


def test_r54_what_somebody_accepted_may_stay_but_not_be_taken_back(editor, site):
    Origin.objects.create(tenant=site, **RISKY)

    assert refused(document(acme(origins=[RISKY])), editor) == set()
    assert refused(
        document(acme(origins=[{**RISKY, "risk_accepted": False, "credentials": False}])), editor
    )


def test_permission_to_change_origins_everywhere_makes_no_tenants():
    access = staff("view_tenant", "add_origin", "change_origin")
    make_site("rival", name="", paths=[])

    assert refused(document(acme(origins=[APP])), access) == {"not-permitted"}
    run_import(document({"slug": "rival", "origins": [APP]}), access=access)


def test_nothing_is_said_of_lists_that_may_not_be_seen():
    access = staff("view_tenant", "add_origin", "change_origin", "view_origin")
    make_site("rival")
    content = document({"slug": "rival", "paths": [{"path": "/a"}, {"path": "/b"}]})

    with pytest.raises(TransferError) as caught:
        run_import(content, access=access, prune=True)

    add, delete = (
        filled("transfer-change-rows", action=action, section="paths", slug="rival", number=number)
        for action, number in (("add", " (2)"), ("delete", ""))
    )
    assert [(fault.code, fault.value) for fault in caught.value.faults] == [
        ("not-permitted", add),
        ("not-permitted", delete),
    ]


def test_permission_to_do_everything_but_change_the_platform():
    access = staff("add_tenant", "change_tenant", "add_origin", "change_origin", "add_tenanthost")

    run_import(document(acme(hosts=["a.example"], origins=[APP])), access=access)

    assert Tenant.objects.filter(slug="acme").exists()
    assert refused(document({"slug": "platform"}), access) == {"not-permitted"}


@pytest.mark.parametrize("stored", [[], [RISKY]], ids=["nothing there", "the risk is stored"])
def test_what_will_be_wrong_tells_nothing_of_others(editor, stored):
    make_site("rival", origins=stored)
    entry = {"pattern": RISKY["pattern"], "credentials": True}

    assert refused(document({"slug": "rival", "origins": [entry]}), editor) == {"not-permitted"}


def test_other_faults_are_told_beside():
    make_site("rival")
    access = staff()

    assert refused(document(acme(nme=1), {"slug": "rival"}), access) == {
        "key-unknown",
        "not-permitted",
    }


def test_r60_an_export_holds_only_the_tenants_asked_for(site):
    make_site("rival")

    assert [held.tenant.slug for held in read_tenants({"acme"})] == ["acme"]


ACCEPTED = {**RISKY, "pattern": "http://old.acme.example"}
OPEN = {"path": "/open/", "any_origin": True}


@pytest.mark.parametrize(
    ("tenant", "accepts"),
    [
        pytest.param({"origins": [RISKY]}, ["reason-missing"], id="a new danger"),
        pytest.param({"origins": [{**APP, "risk_accepted": True}]}, ["reason-missing"], id="a box"),
        pytest.param({"origins": [APP]}, [], id="no risk"),
        pytest.param({"origins": [ACCEPTED]}, [], id="accepted before"),
        pytest.param({"origins": [{**ACCEPTED, "note": "x"}]}, [], id="a note on it"),
        pytest.param({"origins": [{**ACCEPTED, "credentials": False}]}, [], id="less of it"),
        pytest.param(
            {"origins": [{**ACCEPTED, "scope": "/off/", "enabled": True}]},
            ["reason-missing"],
            id="switched on",
        ),
        pytest.param(
            {"origins": [{**ACCEPTED, "scope": "/plain/"}]}, ["reason-missing"], id="credentials"
        ),
        pytest.param({"paths": [{**OPEN, "path": "/new/"}]}, ["reason-missing"], id="any origin"),
        pytest.param({"paths": [OPEN]}, [], id="open before"),
        pytest.param({"paths": [{**OPEN, "path": "/off/"}]}, [], id="still off"),
        pytest.param(
            {"paths": [{**OPEN, "path": "/off/", "enabled": True}]},
            ["reason-missing"],
            id="open again",
        ),
        pytest.param({"name": "Acme"}, [], id="a name"),
    ],
)
def test_who_must_say_why_is_refused_a_risk_without_a_reason(site, tenant, accepts):
    for scope, fields in (
        ("", {}),
        ("/off/", {"enabled": False}),
        ("/plain/", {"credentials": False}),
    ):
        OriginFactory(tenant=site, **{**ACCEPTED, "scope": scope, **fields})
    PathRuleFactory(tenant=site, **OPEN)
    PathRuleFactory(tenant=site, **{**OPEN, "path": "/off/", "enabled": False})
    content = document(acme(**tenant))
    silent = Signature(" ", must_say_why=True)

    if accepts:
        with pytest.raises(TransferError) as caught:
            run_import(content, signature=silent)
        assert [fault.code for fault in caught.value.faults] == accepts
    run_import(content, signature=silent if not accepts else Signature("x", must_say_why=True))
