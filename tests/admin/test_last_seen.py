"""When origins, path rules and tenants last let somebody in: column, filter, and who sees them."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from corsadmin.admin.last_seen.conditions import today
from corsadmin.models import EntrySeen, Origin, PathRule, RuleNames, Tenant
from tests.admin.callers import ago
from tests.admin.conftest import grant, log_in
from tests.admin.queries import queries_of
from tests.factories import OriginFactory, PathRuleFactory, TenantFactory, UserFactory

pytestmark = pytest.mark.slow

# How long ago a row was added, and last used, in days; None: never.
ROWS = {
    "used today": (400, 0),
    "used 31 days ago": (400, 31),
    "used 91 days ago": (400, 91),
    "used 366 days ago": (400, 366),
    "never used, old": (400, None),
    "never used, 31 days old": (31, None),
    "new and used": (3, 1),
    "new and not used": (3, None),
}
OLD = "used 366 days ago", "never used, old"
FILTERS = {
    "30": {*OLD, "used 91 days ago", "used 31 days ago", "never used, 31 days old"},
    "90": {*OLD, "used 91 days ago"},
    "365": {*OLD},
    "never": {"never used, old", "never used, 31 days old"},
    "not-yet": {"new and not used"},
    "7": set(),
    "": set(),
}


def made(model, name):
    if model is Origin:
        return OriginFactory(tenant=TenantFactory(slug="acme"), note=name)
    if model is PathRule:
        number = [*ROWS].index(name)
        return PathRuleFactory(tenant=TenantFactory(slug="acme"), path=f"/{number}/", note=name)
    return TenantFactory(note=name)


def use(row, days):
    day = today() - timedelta(days=days)
    if isinstance(row, Origin):
        EntrySeen.objects.create(entry=row, first_day=day, last_day=day, calls=5)
        return
    tenant, path = (row, "/api/") if isinstance(row, Tenant) else (row.tenant, row.path)
    RuleNames.objects.create(tenant=tenant, rule=path, first_day=day, last_day=day)


@pytest.fixture(params=[Origin, PathRule, Tenant], ids=["origins", "path rules", "tenants"])
def model(request, db):
    """Rows of a model, each used as its note says."""
    for name, (age, used) in ROWS.items():
        row = made(request.param, name)
        request.param.objects.filter(pk=row.pk).update(created=ago(days=age))
        if used is not None:
            use(row, used)
    return request.param


def page(model, query=""):
    return reverse(f"admin:corsadmin_{model._meta.model_name}_changelist") + query


def test_the_filter(superuser, model):
    for chosen, expected in FILTERS.items():
        shown = superuser.get(page(model, f"?seen={chosen}"))

        notes = {row.note for row in shown.context["cl"].result_list if row.note}
        assert notes == expected, chosen


def test_the_column(superuser, model):
    shown = superuser.get(page(model)).content.decode()

    assert shown.count(' class="field-last_seen">never</td>') == 2
    assert shown.count(' class="field-last_seen">not yet</td>') >= 1
    assert len(queries_of(superuser, page(model))) <= 20
    assert len(queries_of(superuser, page(model, "?seen=90"))) <= 20


@pytest.mark.parametrize(
    "permissions",
    [("view_origin", "view_tenant", "view_pathrule"), ()],
    ids=["without sightings", "with them"],
)
def test_the_column_is_for_those_who_may_view_sightings(model, permissions):
    allowed = permissions or ("view_origin", "view_tenant", "view_pathrule", "view_sighting")
    client = log_in(grant(UserFactory(), *allowed))
    shown = client.get(page(model)).content.decode()

    assert ("field-last_seen" in shown) is not bool(permissions)
    assert ("seen=90" in shown) is not bool(permissions)


def test_members_see_the_column_of_their_own(member, acme):
    entry = acme.origins.get()
    EntrySeen.objects.create(entry=entry, first_day=date(2026, 3, 1), last_day=date(2026, 4, 5))

    assert "04/05/2026" in member.get(page(Origin)).content.decode()


def test_a_deleted_entry_leaves_its_use_to_the_upkeep(superuser, acme):
    entry = acme.origins.get()
    use(entry, 3)
    entry.delete()

    assert superuser.get(page(Origin)).status_code == 200
