"""What putting a tenant back asks for, whom it brings back, and what it leaves alone."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from corsadmin.admin.history.restore import ELSEWHERE
from corsadmin.admin.history.steps import NOT_ALLOWED
from corsadmin.admin.preview.preview import CHANGED, NOTHING
from corsadmin.admin.risks.acceptance import SAY_WHY
from corsadmin.models import Origin, PathRule, Tenant, TenantHost, TenantMember
from corsadmin.models.change_reason import RESTORED
from corsadmin.proposed_change.losses import LAST
from tests.admin.conftest import ROW_PERMISSIONS, grant, log_in
from tests.admin.forms import fields_of, submit
from tests.factories import OriginFactory, PathRuleFactory, TenantMemberFactory, UserFactory
from tests.messages.screens import assert_says, filled

pytestmark = pytest.mark.slow

MODELS = (Tenant, TenantHost, PathRule, Origin, TenantMember)
RISKY = "http://intranet.acme.example"


def url(tenant, before, name="restore"):
    address = reverse(f"admin:corsadmin_tenant_{name}", args=[tenant.pk])
    return f"{address}?{urlencode({'before': before.isoformat()})}"


def long_ago(*models):
    """Make what was written so far a year old; return a time after it."""
    for model in models or MODELS:
        model.history.update(history_date=datetime(2025, 1, 1, tzinfo=UTC))
    return datetime(2025, 6, 1, tzinfo=UTC)


def delete(tenant):
    """Delete a tenant; return it with its key, and the time before."""
    before, key = long_ago(), tenant.pk
    tenant.delete()
    tenant.pk = key
    return before


def moves_of(response):
    return {(move.title, move.action, move.forbidden) for move in response.context["moves"]}


@pytest.mark.parametrize(
    ("make", "fields", "now"),
    [
        pytest.param(
            OriginFactory,
            {"pattern": RISKY, "credentials": True, "risk_accepted": True},
            {"risk_accepted": False, "credentials": False},
            id="a danger",
        ),
        pytest.param(
            PathRuleFactory,
            {"path": "/open/", "any_origin": True},
            {"any_origin": False},
            id="open",
        ),
    ],
)
def test_a_risk_that_comes_back_needs_a_reason(superuser, acme, make, fields, now):
    row = make(tenant=acme, **fields)
    before = long_ago()
    type(row).objects.filter(pk=row.pk).update(**now)

    assert str(SAY_WHY) in superuser.get(url(acme, before)).content.decode()
    silent = submit(superuser, url(acme, before))

    assert silent.context["unexplained"] == SAY_WHY
    row.refresh_from_db()
    assert not getattr(row, next(iter(now)))
    assert submit(superuser, url(acme, before), {"change_reason": "OPS-1"}).status_code == 302
    row.refresh_from_db()
    assert getattr(row, next(iter(now)))
    reason = row.history.first().history_change_reason
    assert reason == f"{RESTORED}20250601-000000-000000: OPS-1"


@pytest.mark.parametrize("case", ["origins go", "origins change", "the tenant was inactive"])
def test_putting_back_what_locks_somebody_out_must_be_meant(superuser, acme, case):
    entry = acme.origins.get()
    if case == "origins go":
        Origin.history.all().delete()
    elif case == "origins change":
        Origin.history.update(enabled=False)
    else:
        Tenant.history.update(is_active=False)
    before = long_ago()

    asked = submit(superuser, url(acme, before))

    assert asked.context["losses"] == [LAST]
    assert Origin.objects.filter(pk=entry.pk, enabled=True, tenant__is_active=True).exists()
    meant = superuser.post(url(acme, before), {**fields_of(asked), "confirm_lockout": "on"})
    assert meant.status_code == 302
    assert not Origin.objects.filter(pk=entry.pk, enabled=True, tenant__is_active=True).exists()


def test_a_plan_that_is_overtaken_while_it_is_carried_out_writes_nothing(superuser, acme):
    before = long_ago()
    acme.name = "Other"
    acme.save()
    values = fields_of(superuser.get(url(acme, before)))
    done: list[str] = []

    def overtake(execute, sql, *rest):
        result = execute(sql, *rest)
        # The counter's row is ours now; what was committed just before has to be seen.
        if sql.startswith("UPDATE") and "corsadmin_generation" in sql and not done:
            done.append(sql)
            Origin.objects.create(tenant=acme, pattern="https://new.example")
        return result

    with connection.execute_wrapper(overtake):
        response = superuser.post(url(acme, before), values)

    assert response.context["refused"] == CHANGED
    acme.refresh_from_db()
    assert acme.name == "Other"


def test_members_come_back_with_a_deleted_tenant(superuser, acme):
    editor = TenantMemberFactory(tenant=acme, role="editor")
    leaver = TenantMemberFactory(tenant=acme, role="viewer")
    kept, user = editor.pk, editor.user
    before = delete(acme)
    gone = leaver.user.pk
    leaver.user.delete()

    plan = superuser.get(url(acme, before))
    response = submit(superuser, url(acme, before), {"change_reason": "back"})

    assert (f"member {user} (editor)", "add", "") in moves_of(plan)
    left_out = (f"member #{gone} (viewer)", "add", filled("undo-user-gone"))
    assert left_out in moves_of(plan)
    assert_says(plan, "restore-members-too")
    assert response.status_code == 302
    back = TenantMember.objects.get()
    assert (back.pk, back.user, back.role, back.tenant_id) == (kept, user, "editor", acme.pk)
    assert back.history.first().history_change_reason.endswith(": back")


NAMERS = {
    "neither name nor see members": [],
    "name members and not see them": ["add_tenantmember"],
    "see members and not name them": ["view_tenantmember"],
}


@pytest.mark.parametrize("codenames", NAMERS.values(), ids=NAMERS)
def test_members_stay_away_and_the_plan_names_none_for_those_who_may(acme, codenames):
    TenantMemberFactory(tenant=acme, role="editor", user=UserFactory(username="secret"))
    before = delete(acme)
    client = log_in(grant(UserFactory(), *ROW_PERMISSIONS, *codenames))

    plan = client.get(url(acme, before))
    submit(client, url(acme, before))

    assert_says(plan, "restore-members-not")
    assert "secret" not in plan.content.decode()
    told = "secret" in client.get(url(acme, before, "history")).content.decode()
    assert told == ("view_tenantmember" in codenames)
    assert Tenant.objects.filter(pk=acme.pk).exists()
    assert not TenantMember.objects.exists()


def test_members_of_a_tenant_that_is_there_stay_who_they_are(superuser, acme):
    before = long_ago()
    member = TenantMemberFactory(tenant=acme, role="editor")

    plan = superuser.get(url(acme, before))

    assert moves_of(plan) == set()
    assert_says(plan, "restore-members-stay")
    assert TenantMember.objects.filter(pk=member.pk).exists()


def test_the_history_tells_of_members_to_those_who_see_them(superuser, member, acme):
    TenantMemberFactory(tenant=acme, role="viewer", user=UserFactory(username="anna"))
    page = reverse("admin:corsadmin_tenant_history", args=[acme.pk])

    assert "anna (viewer)" in superuser.get(page).content.decode()
    assert "anna" not in member.get(page).content.decode()


def test_deleted_members_are_part_of_the_event_that_deleted_the_tenant(superuser, acme):
    TenantMemberFactory(tenant=acme, role="editor")
    long_ago()
    key = acme.pk
    submit(superuser, reverse("admin:corsadmin_tenant_delete", args=[key]))
    acme.pk = key

    page = reverse("admin:corsadmin_tenant_history", args=[key])
    event = superuser.get(page).context["changes"][0]
    plan = superuser.get(url(acme, event.moment))

    assert "member" in {row.kind for row in event.rows}
    assert any(title.startswith("member ") for title, _word, _forbidden in moves_of(plan))


@pytest.mark.parametrize("model", [TenantHost, Origin])
def test_what_belongs_to_another_tenant_now_is_left_there(superuser, acme, rival, model):
    row = model.objects.get(tenant=acme)
    before = long_ago()
    model.objects.filter(pk=row.pk).update(tenant=rival)

    plan = superuser.get(url(acme, before))
    response = superuser.post(url(acme, before), {"digest": plan.context["digest"]})

    assert [move.forbidden for move in plan.context["moves"]] == [str(ELSEWHERE)]
    assert "digest" not in fields_of(plan)
    assert response.context["refused"] == NOTHING
    row.refresh_from_db()
    assert row.tenant == rival


def test_a_member_learns_nothing_of_a_host_that_went_elsewhere(member, acme, rival):
    before = long_ago()
    TenantHost.objects.filter(tenant=acme).update(tenant=rival)

    plan = member.get(url(acme, before))

    assert [move.forbidden for move in plan.context["moves"]] == [str(NOT_ALLOWED)]
    assert str(ELSEWHERE) not in plan.content.decode()
    assert "rival" not in plan.content.decode()


def test_a_time_to_come_changes_nothing(superuser, acme):
    assert moves_of(superuser.get(url(acme, timezone.now() + timedelta(days=1)))) == set()


def test_a_tenant_is_put_back_to_be_the_platform_only_by_who_may_write_for_all(
    editor, superuser, platform
):
    platform.save()
    before = long_ago()
    platform.slug = "was-platform"
    platform.save()

    told = {
        client: [move.forbidden for move in client.get(url(platform, before)).context["moves"]]
        for client in (editor, superuser)
    }

    assert told[editor] == [str(NOT_ALLOWED)]
    assert told[superuser] == [""]
