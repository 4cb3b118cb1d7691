"""An undo cannot bypass permissions, later changes or bounds."""

import pytest
from django.db import connection
from django.urls import reverse

from corsadmin.admin.history.steps import NOT_ALLOWED
from corsadmin.admin.history.undo_plan import (
    FULL,
    HOMELESS,
    PLATFORM_STAYS,
    THERE_AGAIN,
    UNKNOWN,
)
from corsadmin.admin.preview.preview import CHANGED, NOTHING
from corsadmin.admin.risks.acceptance import MAY_NOT_OPEN, SAY_WHY
from corsadmin.models import Origin, PathRule, Tenant, TenantHost, TenantMember, generation
from corsadmin.models.access import CANNOT_BE_ADDED
from tests.admin.conftest import ROW_PERMISSIONS, grant, log_in
from tests.admin.forms import fields_of
from tests.admin.undoing import last_number, notes, page, steps, stored, undo
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
    TenantHostFactory,
    TenantMemberFactory,
    UserFactory,
    make_site,
)
from tests.messages.screens import assert_says, filled

pytestmark = pytest.mark.slow

LOG = "/admin/corsadmin/tenant/history/"


def test_a_member_undoes_their_own_part_of_a_change_and_learns_nothing_of_the_rest(
    member, acme, rival
):
    with generation.change():
        for tenant in (acme, rival):
            tenant.origins.get().delete()
            OriginFactory(tenant=tenant, pattern=f"https://new.{tenant.slug}.example")
    number = last_number()

    logged = member.get(LOG, {"change": number})
    shown = member.get(page(number))
    done = undo(member, number)

    assert len(logged.context["changes"][0].rows) == 2
    for response in (logged, shown):
        assert "rival" not in response.content.decode()
    assert [title for title, _word, _forbidden in steps(shown)] == [
        "origin https://app.acme.example",
        "origin https://new.acme.example",
    ]
    assert done.status_code == 302
    assert [row.pattern for row in acme.origins.all()] == ["https://app.acme.example"]
    assert [row.pattern for row in rival.origins.all()] == ["https://new.rival.example"]


def test_a_change_of_others_does_not_exist_for_a_member(member, acme, rival):
    rival.origins.get().delete()

    assert member.get(page()).status_code == 404
    assert member.get(LOG, {"q": "rival"}).context["changes"] == []
    assert member.get(LOG, {"tenant": "rival"}).context["changes"] == []


def test_a_change_of_the_platform_shows_a_member_what_they_may_see(member, acme, platform):
    with generation.change():
        OriginFactory(tenant=platform, pattern="https://all.example")
        OriginFactory(tenant=acme, pattern="https://new.acme.example")

    told = member.get(LOG).content.decode()

    assert "https://new.acme.example" in told
    assert "https://all.example" not in told


RISKS = {
    "a danger": (OriginFactory, {
        "pattern": "http://plain.example", "credentials": True, "risk_accepted": True,
    }, f'{filled("permission-accept-risk")} {filled("whom-risk")}'),
    "an open path": (PathRuleFactory, {"path": "/open/", "any_origin": True}, str(MAY_NOT_OPEN)),
}  # fmt: skip


@pytest.mark.parametrize("risk", RISKS.values(), ids=RISKS)
def test_a_risk_comes_back_only_with_the_permission_and_a_reason(editor, superuser, acme, risk):
    make, fields, forbidden = risk
    row = make(tenant=acme, **fields)
    row.delete()
    before = stored()

    shown = editor.get(page())
    refused = undo(editor, digest=shown.context["digest"])
    silent = undo(superuser, change_reason="")

    assert steps(shown)[0][2].endswith(forbidden)
    assert "digest" not in fields_of(shown)
    assert refused.context["refused"] == NOTHING
    assert silent.context["unexplained"] == SAY_WHY
    assert stored() == before
    assert undo(superuser).status_code == 302


NUMBERS = [
    "x", "1", "20260101-000000-00000", "00000000-000000-000000", "20261340-000000-000000",
    "00010101-000000-000000", "99991231-235959-999999", "20200101-000000-000000",
    "\uff12\uff1020260101-000000-000000",
]  # fmt: skip


def test_a_number_of_no_change_is_not_found(superuser, acme):
    for number in NUMBERS:
        assert superuser.get(f"{LOG}{number}/undo/").status_code == 404, number
        assert not superuser.get(LOG, {"change": number}).context.get("changes"), number


def test_a_change_is_undone_once_by_two_who_look_at_it(superuser, acme):
    acme.origins.get().delete()
    number = last_number()
    one, other = (superuser.get(page(number)) for _tab in range(2))

    assert undo(superuser, number, shown=one).status_code == 302
    late = undo(superuser, number, shown=other)

    assert late.context["refused"] == CHANGED
    assert notes(late) == [("origin https://app.acme.example", str(THERE_AGAIN))]
    assert acme.origins.count() == 1


def test_a_row_does_not_come_back_to_a_tenant_that_is_gone(superuser, acme):
    acme.origins.get().delete()
    number = last_number()
    acme.delete()
    last = last_number()

    shown = superuser.get(page(number))
    assert steps(shown) == [("origin https://app.acme.example", "add", str(HOMELESS))]
    assert "acme" in superuser.get(LOG).content.decode()

    assert undo(superuser, last).status_code == 302
    assert undo(superuser, number).status_code == 302
    assert Tenant.objects.get(slug="acme").origins.count() == 1


def test_a_row_that_another_tenant_has_now_is_not_told_of(member, acme, rival):
    entry = acme.origins.get()
    entry.note = "mine"
    entry.save()
    number = last_number()
    entry.tenant, entry.note = rival, "secret"
    entry.save()

    shown = member.get(page(number))

    assert (steps(shown), notes(shown)) == (
        [],
        [("origin https://app.acme.example", str(NOT_ALLOWED))],
    )
    assert "secret" not in shown.content.decode()


def test_a_row_that_came_from_another_tenant_is_not_told_of(member, superuser, acme, rival):
    host = rival.hosts.get()
    host.tenant = acme
    host.save()

    shown = member.get(page())

    assert notes(shown) == [("host rival.example.net", str(UNKNOWN))]
    assert steps(superuser.get(page())) == [("host rival.example.net", "change", "")]
    told = superuser.get(LOG).context["changes"][0].rows[0].differences
    assert [(one.before, one.after) for one in told] == [("rival", "acme")]
    assert member.get(LOG).context["changes"][0].rows[0].differences == []


def test_a_tenant_with_other_rows_by_now_goes_only_on_request(superuser, editor, acme):
    number = last_number()
    OriginFactory(tenant=acme)
    TenantMemberFactory(tenant=acme)

    shown = superuser.get(page(number))

    assert ("tenant acme", str(FULL)) in notes(shown)
    assert "tenant acme" not in [title for title, _word, _forbidden in steps(shown)]
    unable = editor.post(page(number), {"overwrites": "on", "check": "Check"})
    assert "tenant acme" not in [title for title, _word, _forbidden in steps(unable)]
    checked = superuser.post(page(number), {"overwrites": "on", "check": "Check"})
    assert undo(superuser, number, shown=checked).status_code == 302
    assert not Tenant.objects.filter(slug="acme").exists()
    assert not TenantMember.objects.exists()


def test_the_platform_itself_stays(superuser, platform):
    platform.history.all().delete()
    platform.save()
    platform.history.update(history_type="+")

    assert steps(superuser.get(page())) == [("tenant platform", "delete", str(PLATFORM_STAYS))]


def test_the_platform_s_rows_are_for_those_who_may_change_it(editor, platform):
    PathRuleFactory(tenant=platform)

    assert steps(editor.get(page())) == [("path rule /api/", "delete", str(NOT_ALLOWED))]


def test_a_host_that_another_tenant_took_is_told_only_to_those_who_see_it(acme):
    acme.hosts.get().delete()
    number = last_number()
    TenantHostFactory(tenant=make_site("rival"), host="acme.example.net")
    every = [
        name for name in ROW_PERMISSIONS if name not in ("view_tenanthost", "change_tenanthost")
    ]
    adder = UserFactory()
    TenantMemberFactory(tenant=acme, user=adder)

    shown = log_in(grant(adder, *every)).get(page(number))

    assert notes(shown) == [("host acme.example.net", str(CANNOT_BE_ADDED[TenantHost]))]


def test_what_the_gate_refuses_today_stops_all(superuser, acme):
    with generation.change():
        entry = Origin.objects.create(tenant=acme, pattern="https://Wrong.example")
        rule = PathRuleFactory(tenant=acme, path="/new/")
    with generation.change():
        entry.delete()
        rule.delete()

    refused = undo(superuser)

    assert "origin https://Wrong.example:" in refused.context["refused"]
    assert not PathRule.objects.filter(path="/new/").exists()


def test_who_may_write_nothing_is_offered_nothing(viewer, superuser, acme):
    assert page() in superuser.get(LOG).content.decode()
    assert page() not in viewer.get(LOG).content.decode()
    assert viewer.get(page()).status_code == 403


def test_members_are_part_of_what_is_undone(superuser, member, acme):
    found = TenantMember.objects.get()
    gone = found.user
    found.delete()

    assert member.get(page()).status_code == 403
    assert undo(superuser).status_code == 302
    assert TenantMember.objects.get().user == gone


def test_a_row_that_came_and_went_within_a_change_is_left_out(superuser, acme):
    with generation.change():
        OriginFactory(tenant=acme).delete()

    shown = superuser.get(page())

    assert (steps(shown), notes(shown)) == ([], [])
    assert_says(shown, "undo-nothing")


def test_a_tenant_is_renamed_back_by_those_who_may(superuser, acme):
    TenantFactory(slug="other")
    acme.slug = "renamed"
    acme.save()
    number = last_number()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE corsadmin_tenant SET slug = 'acme' WHERE slug = 'other'")

    refused = undo(superuser, number)

    (taken,) = Tenant().unique_error_message(Tenant, ("slug",)).messages
    assert taken in refused.context["refused"]
    assert TenantHost.objects.get(host="acme.example.net").tenant.slug == "renamed"
    assert reverse("admin:corsadmin_tenant_history", args=[acme.pk])
