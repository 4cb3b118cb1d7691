"""Copy rows to other tenants: the plan, what is added, and what nobody can force."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.urls import reverse

from corsadmin.forms.accepting import SAY_WHY
from corsadmin.models import Generation, Origin, PathRule, Tenant
from tests.admin.conftest import grant, log_in
from tests.admin.forms import fields_of
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
    TenantMemberFactory,
    UserFactory,
)

APP = "https://app.acme.example"
RISKY = {"pattern": "http://intranet.example", "credentials": True, "risk_accepted": True}


def send(client, rows, *, model="origin", **extra):
    url = reverse(f"admin:corsadmin_{model}_changelist")
    keys = [row.pk for row in rows]
    return client.post(url, {"action": "copy_to_tenants", "_selected_action": keys, **extra})


def look(client, rows, slugs, **extra):
    return send(client, rows, slugs=slugs, check="Check", **extra)


def confirm(client, shown, rows, **extra):
    """Press the button of a plan, some fields having been changed."""
    values = {**fields_of(shown), "copy": "Add", **extra}
    model = rows[0]._meta.model_name
    values.pop("action")
    values.pop("_selected_action")
    return send(client, rows, model=model, **values)


def plan(response):
    return [
        (copy.tenant.slug, str(copy.row), copy.state) for copy in response.context_data["copies"]
    ]


def errors(response):
    return response.context_data["form"].errors


def patterns(tenant):
    return set(tenant.origins.values_list("pattern", flat=True))


def moves():
    return Generation.objects.get().value


@pytest.fixture
def both(acme, rival):
    """Make the member an editor of rival too."""
    TenantMemberFactory(tenant=rival, user=acme.members.get().user, role="editor")
    return rival


def test_the_action_asks_for_tenants_first(superuser, acme):
    response = send(superuser, acme.origins.all(), index="0", change_reason="OPS-1")

    shown = response.content.decode()
    assert response.status_code == 200
    assert 'class="admin-autocomplete"' in shown
    assert "autocomplete.js" in shown
    assert fields_of(response)["change_reason"] == "OPS-1"
    assert not errors(response)


def test_the_plan_says_what_becomes_of_each_row(superuser, acme, rival):
    OriginFactory(tenant=rival, pattern=APP)
    other = OriginFactory(tenant=acme, pattern="https://other.example", note="ours")
    OriginFactory(tenant=rival, pattern="https://other.example", note="theirs")
    new = OriginFactory(tenant=acme, pattern="https://*.new.example")
    wrong = OriginFactory(tenant=acme, pattern="https://Wrong.example")

    response = look(superuser, acme.origins.all(), "rival")

    assert plan(response) == [
        ("rival", APP, "there"),
        ("rival", other.pattern, "other"),
        ("rival", new.pattern, "new"),
        ("rival", wrong.pattern, "refused"),
    ]
    shown = response.content.decode()
    assert "must be in lower case" in shown
    assert "is there already with other values, which stay" in shown
    assert 'corsadmin-note">note</span>' in shown
    assert "Add 1 row" in shown


def test_what_was_shown_is_added_as_one_change(superuser, acme, rival):
    fresh = TenantFactory(slug="fresh")
    entry = acme.origins.get()
    Origin.objects.filter(pk=entry.pk).update(scope="/api/", note="x", credentials=True)
    before = moves()

    shown = look(superuser, [entry], "rival fresh")
    response = confirm(superuser, shown, [entry], change_reason="OPS-1")

    assert response.status_code == 302
    assert moves() == before + 1
    for tenant in (rival, fresh):
        row = tenant.origins.get(pattern=APP)
        assert (row.scope, row.note, row.credentials) == ("/api/", "x", True)
        version = row.history.get()
        assert version.history_change_reason == "OPS-1"
        assert version.history_user.username == "superuser"
    logged = {(entry.object_repr, entry.get_change_message()) for entry in LogEntry.objects.all()}
    message = f"Added origin “{APP} (/api/)”."
    assert logged == {("fresh", message), ("rival", message)}


def test_path_rules_are_copied_too(superuser, acme, rival):
    rule = PathRuleFactory(tenant=acme, path="/x/", methods=["PUT"], max_age=60)

    shown = look(superuser, [rule], "rival", model="pathrule")
    confirm(superuser, shown, [rule])

    copy = rival.paths.get(path="/x/")
    assert (copy.methods, copy.max_age) == (["PUT"], 60)


def test_tenants_can_be_chosen_from_the_list(superuser, acme, rival):
    shown = send(superuser, acme.origins.all(), tenants=[rival.pk], check="Check")

    assert plan(shown) == [("rival", APP, "new")]
    assert f'<option value="{rival.pk}" selected>rival</option>' in shown.content.decode()


def test_the_same_row_of_two_tenants_is_added_once(superuser, acme, rival):
    OriginFactory(tenant=rival, pattern=APP)
    TenantFactory(slug="fresh")

    shown = look(superuser, Origin.objects.filter(pattern=APP), "fresh")

    assert [state for _tenant, _row, state in plan(shown)] == ["new", "there"]


def test_a_plan_that_is_no_longer_true_is_shown_again(superuser, acme, rival):
    entry = acme.origins.get()
    shown = look(superuser, [entry], "rival")
    OriginFactory(tenant=rival, pattern=APP)
    before = moves()

    response = confirm(superuser, shown, [entry])

    assert errors(response)["__all__"] == ["Something has changed meanwhile: look again."]
    assert plan(response) == [("rival", APP, "there")]
    assert moves() == before


def test_nothing_is_written_when_a_row_cannot_be(superuser, acme, rival):
    entry = acme.origins.get()
    shown = look(superuser, [entry], "rival")

    def fail(execute, sql, *rest):
        if sql.startswith("INSERT") and "historicalorigin" in sql:
            raise RuntimeError
        return execute(sql, *rest)

    before = moves()
    with connection.execute_wrapper(fail), pytest.raises(RuntimeError):
        confirm(superuser, shown, [entry])

    assert moves() == before
    assert not rival.origins.filter(pattern=APP).exists()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("make", "fields"),
    [
        pytest.param(OriginFactory, RISKY, id="a danger"),
        pytest.param(PathRuleFactory, {"path": "/open/", "any_origin": True}, id="any origin"),
    ],
)
def test_copying_a_risk_needs_permission_and_a_reason(member, superuser, both, make, fields):
    row = make(tenant=Tenant.objects.get(slug="acme"), **fields)
    model = row._meta.model_name

    refused = look(member, [row], "rival", model=model)
    assert plan(refused) == [("rival", str(row), "refused")]
    assert "You have no permission" in refused.context_data["copies"][0].message
    confirm(member, refused, [row], change_reason="OPS-1")

    shown = look(superuser, [row], "rival", model=model)
    silent = confirm(superuser, shown, [row])
    assert errors(silent) == {"change_reason": [str(SAY_WHY)]}
    kind = type(row)
    assert kind.objects.filter(tenant=both).count() == 1
    assert confirm(superuser, shown, [row], change_reason="OPS-1").status_code == 302
    assert kind.objects.filter(tenant=both).count() == 2


@pytest.mark.parametrize("case", ["slug", "number", "nothing", "viewed", "platform"])
def test_a_member_copies_to_own_tenants_only(member, acme, rival, platform, case):
    seen = TenantFactory(slug="seen")
    TenantMemberFactory(tenant=seen, user=acme.members.get().user, role="viewer")
    cases: dict[str, dict[str, Any]] = {
        "slug": {"slugs": "rival"},
        "number": {"tenants": [rival.pk]},
        "nothing": {"tenants": [987654]},
        "viewed": {"tenants": [seen.pk]},
        "platform": {"slugs": "platform"},
    }

    for button in ("check", "copy"):
        response = send(member, acme.origins.all(), **cases[case], **{button: "x"})

        assert errors(response)
        assert response.context_data["copies"] == []
        assert ">rival<" not in response.content.decode()
    assert not Origin.objects.filter(pattern=APP).exclude(tenant=acme).exists()


def test_a_slug_that_is_not_ones_own_is_told_like_one_that_is_nobodys(member, acme, rival):
    told = [
        errors(look(member, acme.origins.all(), slug))["slugs"][0].replace(slug, "…")
        for slug in ("rival", "nobody")
    ]

    assert told == ["You can copy to no tenant called …."] * 2


def test_rows_of_others_are_not_copied(member, acme, rival):
    foreign = rival.origins.get()

    shown = look(member, [foreign], "acme")
    confirm(member, shown, [foreign])

    assert plan(shown) == []
    assert patterns(acme) == {APP}


def test_whoever_edits_both_copies_between_them(member, acme, both):
    entry = acme.origins.get()

    confirm(member, look(member, [entry], "rival"), [entry])

    assert APP in patterns(both)


def test_the_platform_needs_its_own_permission(editor, acme, platform):
    entry = acme.origins.get()

    assert "slugs" in errors(look(editor, [entry], "platform"))
    mighty = log_in(grant(UserFactory(), "change_origin", "add_origin", "change_platform"))
    confirm(mighty, look(mighty, [entry], "platform"), [entry])
    assert patterns(platform) == {APP}


@pytest.mark.parametrize("person", ["viewer", "outsider"])
def test_whoever_adds_nothing_copies_nothing(request, acme, person):
    client = request.getfixturevalue(person)

    assert look(client, acme.origins.all(), "acme").status_code == 403


def test_no_tenant_is_said(superuser, acme):
    assert errors(look(superuser, acme.origins.all(), ""))["__all__"] == [
        "Say which tenants to copy to."
    ]


def test_more_than_a_page_can_do_is_left_to_a_file(superuser, acme):
    names = [f"t-{number}" for number in range(501)]
    Tenant.objects.bulk_create([Tenant(slug=name) for name in names])
    OriginFactory(tenant=acme)

    response = look(superuser, acme.origins.all(), " ".join(names))

    assert "more than 1,000 rows" in errors(response)["__all__"][0]
    assert plan(response) == []


def test_a_plan_for_many_tenants_costs_few_queries(superuser, acme, django_assert_max_num_queries):
    Tenant.objects.bulk_create([Tenant(slug=f"t-{number}") for number in range(50)])

    with django_assert_max_num_queries(40):
        look(superuser, acme.origins.all(), " ".join(f"t-{number}" for number in range(50)))


def test_copies_stay_copies(superuser, acme, rival):
    """What is copied belongs to the tenant it went to: keys in the form change nothing."""
    entry = acme.origins.get()
    shown = look(superuser, [entry], "rival")

    confirm(superuser, shown, [entry], id=entry.pk, tenant=acme.pk)

    entry.refresh_from_db()
    assert entry.tenant == acme
    assert PathRule.objects.count() == 2
    assert patterns(rival) == {"https://app.rival.example", APP}
