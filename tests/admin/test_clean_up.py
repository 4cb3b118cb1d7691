"""The clean-up pages: what nobody uses is proposed, explained, and disabled after a question."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from corsadmin.admin.clean_up import views
from corsadmin.admin.clean_up.table import HEADING
from corsadmin.models import EntrySeen, Origin, RuleNames, Tenant, Traffic, Unseen
from tests.admin.callers import ago, sighted
from tests.admin.conftest import grant, log_in
from tests.admin.queries import queries_of
from tests.admin.unused import ALL, UNUSED, day, of, proposed, rows_of, text
from tests.factories import OriginFactory, UserFactory
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("days", "entries"), [("30", UNUSED), ("90", UNUSED), ("365", UNUSED[1:]), ("x", UNUSED)]
)
def test_what_nobody_used_in_a_period_is_proposed(member, old, days, entries):
    assert proposed(member, old, days=days) == (entries, ["/unused/"])


OUT = {
    "disabled": {"enabled": False},
    "ended": {"valid_until": ago(days=1)},
    "valid since yesterday": {"valid_from": ago(days=1)},
    "younger than the period": {"created": ago(days=80)},
}


@pytest.mark.parametrize("fields", OUT.values(), ids=OUT)
def test_what_was_not_in_force_for_the_period_is_not_proposed(member, old, fields):
    Origin.objects.filter(pattern="https://unused.example").update(**fields)

    assert proposed(member, old)[0] == UNUSED[:1]


def test_what_each_was_used_for_is_said(member, old):
    sighted(old, "https://a.seldom.example", "allowed")
    sighted(old, "https://elsewhere.example", "allowed")
    RuleNames.objects.create(
        tenant=old, rule="/unused/", first_day=day(300), last_day=day(200), methods=["PUT"]
    )
    shown = text(member, of(old))

    assert_says(shown, "clean-up-calls-a-day", count=7)
    assert "<br><code>https://a.seldom.example</code></td>" in shown
    assert "https://elsewhere.example" not in shown
    assert "<code>PUT</code>" in shown
    assert ">never</td>" in shown


def test_a_stored_pattern_that_is_none_has_no_samples(member, old):
    sighted(old, "https://a.seldom.example", "allowed")
    Origin.objects.filter(pattern__contains="*").update(pattern="https://*bad*")

    assert "https://*bad*" in proposed(member, old)[0]


def nothing_recorded(tenant):
    Traffic.objects.all().delete()
    RuleNames.objects.all().delete()
    EntrySeen.objects.all().delete()


def recorded_lately(tenant):
    nothing_recorded(tenant)
    RuleNames.objects.create(tenant=tenant, rule="/api/", first_day=day(50), last_day=day(1))


def not_looked_at(tenant):
    Traffic.objects.create(tenant=tenant, outcome="allowed", hour=ago(days=3), calls=90)
    Unseen.objects.create(tenant=tenant, hour=ago(days=3), not_looked_at=6)


def not_active(tenant):
    tenant.is_active = False
    tenant.save()


OBSTACLES = {
    "nothing was recorded": (nothing_recorded, "clean-up-nothing-recorded", {}),
    "recording is younger than the period": (
        recorded_lately,
        "clean-up-recorded-lately",
        {"days": 90},
    ),
    "too many calls were not looked at": (not_looked_at, "clean-up-not-examined", {"share": 7}),
    "the tenant is off": (not_active, "clean-up-inactive", {}),
}


@pytest.mark.parametrize(("happens", "code", "values"), OBSTACLES.values(), ids=OBSTACLES)
def test_without_evidence_nothing_is_proposed_nor_disabled(superuser, old, happens, code, values):
    happens(old)

    assert proposed(superuser, old) == ([], [])
    assert_says(text(superuser, of(old)), "clean-up-nothing-proposed")
    for page in (of(old), ALL):
        assert_says(text(superuser, page), code, **values)
    entry = Origin.objects.get(pattern="https://unused.example")
    superuser.post(of(old), {"disable": "origin", "chosen_origin": [entry.pk]})
    entry.refresh_from_db()
    assert entry.enabled
    for page in (of(old), ALL):
        _heading, tenant = rows_of(superuser, page)
        assert tenant[:2] == ["tenant", "acme"]
        assert_says(tenant[HEADING.index("why_nothing")], code, **values)


def test_a_few_calls_that_were_not_looked_at_are_no_obstacle(member, old):
    Traffic.objects.create(tenant=old, outcome="allowed", hour=ago(days=3), calls=900)
    Unseen.objects.create(tenant=old, hour=ago(days=3), not_looked_at=40)
    Unseen.objects.create(tenant=old, hour=ago(days=95), not_looked_at=9_000)

    assert proposed(member, old)[0] == UNUSED


def test_the_file_says_the_same_and_runs_nothing(member, old):
    sighted(old, "https://a.seldom.example", "allowed")
    Tenant.objects.filter(pk=old.pk).update(note="=2+2")
    RuleNames.objects.create(
        tenant=old, rule="/unused/", first_day=day(300), last_day=day(200),
        methods=["PUT"], request_headers=["=cmd"],
    )  # fmt: skip
    heading, *rows = rows_of(member, of(old))

    added = ago(days=380).date().isoformat()
    acme = {"tenant": "acme", "added": added}
    entry = {"kind": "origin", "credentials": "false", **acme}
    first = {"first_seen": day(300).isoformat()}
    assert heading == [*HEADING]
    assert [{name: cell for name, cell in zip(HEADING, row, strict=True) if cell} for row in rows] == [
        {"kind": "tenant", **acme, "unused_origins": "2", "note": "'=2+2"},
        {**entry, **first, "pattern": "https://*.seldom.example", "last_seen": day(100).isoformat(),
         "calls_a_day": "7", "used_for": "https://a.seldom.example"},
        {**entry, "pattern": "https://unused.example", "note": "'=1+1"},
        {"kind": "path rule", "credentials": "false", **acme, **first, "pattern": "/unused/",
         "last_seen": day(200).isoformat(), "used_for": "PUT =cmd"},
    ]  # fmt: skip
    assert rows_of(member, ALL) == [heading, *rows]


def test_tenants_with_something_unused_are_listed(superuser, old, rival):
    shown = superuser.get(ALL).context["tenants"]

    assert [(tenant.slug, number, said) for tenant, number, said in shown] == [("acme", 2, "")]
    assert_says(text(superuser, of(rival)), "clean-up-nothing-unused")


def test_nothing_unused_is_said(superuser, acme, recorded):
    for page in (ALL, of(acme)):
        assert_says(text(superuser, page), "clean-up-nothing-unused")
        assert_says(text(superuser, page), "clean-up-shorter-period")


def test_members_see_their_own_tenants_alone(member, old, rival):
    OriginFactory(tenant=rival, pattern="https://theirs.example")
    Origin.objects.update(created=ago(days=380))

    assert "rival" not in text(member, ALL)
    assert "theirs" not in str(rows_of(member, ALL))
    foreign, nothing = member.get(of(rival)), member.get(of(Tenant(pk=987654)))
    assert foreign.status_code == nothing.status_code == 404


def test_the_pages_are_for_those_who_see_sightings(old):
    lists = log_in(grant(UserFactory(), "view_tenant", "view_origin", "view_pathrule"))

    assert lists.get(ALL).status_code == 403
    assert lists.get(of(old)).status_code == 404


def test_pages_are_bounded_and_cost_few_queries(superuser, member, old, monkeypatch):
    tenants = Tenant.objects.bulk_create([Tenant(slug=f"many-{one:04}") for one in range(60)])
    Origin.objects.bulk_create(
        [Origin(tenant=tenant, pattern="https://unused.example") for tenant in tenants]
    )
    Origin.objects.bulk_create(
        [Origin(tenant=old, pattern=f"https://unused-{one}.example") for one in range(60)]
    )
    Origin.objects.filter(seen=None).update(created=timezone.now() - timedelta(days=380))

    assert len(superuser.get(ALL).context["tenants"]) == 50
    assert len(superuser.get(ALL, {"p": "2"}).context["tenants"]) == 11
    assert len(superuser.get(of(old)).context["entries"]) == 50
    for client, page in ((superuser, ALL), (superuser, of(old)), (member, ALL), (member, of(old))):
        assert len(queries_of(client, page)) <= 20
    monkeypatch.setattr(views, "MAX_TENANTS", 10)
    assert len(superuser.get(ALL).context["tenants"]) == 10
    assert_says(text(superuser, ALL), "pages-more-tenants")


def test_it_is_linked_from_the_tenants(member, old):
    assert ALL in text(member, reverse("admin:corsadmin_tenant_changelist"))
    assert of(old) in text(member, reverse("admin:corsadmin_tenant_change", args=[old.pk]))
