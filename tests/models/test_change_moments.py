"""All rows of the history that one change writes bear one moment, by which the change is known."""

import pytest

from corsadmin.models import Origin, PathRule, Tenant, TenantHost, TenantMember, generation
from tests.factories import OriginFactory, TenantMemberFactory, make_site

KINDS = (Tenant, TenantHost, PathRule, Origin, TenantMember)


def moments():
    return {
        moment for kind in KINDS for moment in kind.history.values_list("history_date", flat=True)
    }


def delete_with_cascade():
    tenant = make_site("rival")
    TenantMemberFactory(tenant=tenant)
    for kind in KINDS:
        kind.history.all().delete()
    tenant.delete()


def save_several():
    with generation.change():
        OriginFactory.create_batch(2, tenant=Tenant.objects.get(slug="acme"))


def delete_a_queryset():
    OriginFactory.create_batch(2, tenant=Tenant.objects.get(slug="acme"))
    Origin.history.all().delete()
    Origin.objects.all().delete()


@pytest.mark.parametrize(
    ("write", "versions"),
    [
        pytest.param(save_several, 2, id="several rows saved in one change"),
        pytest.param(delete_with_cascade, 4, id="a tenant deleted with all it holds"),
        pytest.param(delete_a_queryset, 2, id="a queryset deleted"),
    ],
)
def test_the_rows_of_one_change_bear_one_moment(db, write, versions):
    make_site("acme", paths=[])
    for kind in KINDS:
        kind.history.all().delete()

    write()

    assert len(moments()) == 1
    assert sum(kind.history.count() for kind in KINDS) == versions


def test_changes_of_their_own_have_moments_of_their_own(db):
    tenant = make_site("acme")
    Origin.history.all().delete()

    OriginFactory(tenant=tenant)
    OriginFactory(tenant=tenant)

    first, second = Origin.history.order_by("history_id").values_list("history_date", flat=True)
    assert first < second
    assert generation.moment_of_change() is None


def test_a_date_that_a_row_brings_stays(db):
    tenant = make_site("acme")
    long_ago = tenant.history.get().history_date.replace(year=2001)
    tenant._history_date = long_ago

    tenant.save()

    assert tenant.history.latest("history_id").history_date == long_ago
    assert tenant._history_date == long_ago


def test_completed_changes_are_collected_where_they_are_made(db):
    tenant = make_site("acme")

    with generation.completed_changes() as outer:
        with generation.completed_changes() as inner:
            OriginFactory(tenant=tenant)
        OriginFactory(tenant=tenant)
        with pytest.raises(ZeroDivisionError), generation.change():
            1 / 0  # noqa: B018 (a change that fails)

    assert [change.tenants for change in inner] == [{tenant.pk}]
    assert len(outer) == 1
