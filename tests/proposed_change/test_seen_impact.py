"""What a change would answer differently of the sightings that are stored."""

from datetime import timedelta

import pytest
from django.utils import timezone

from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.consequences import find_consequences
from corsadmin.proposed_change.impact_sentences import impact_sentences
from tests.factories import OriginFactory, PathRuleFactory, TenantHostFactory, make_site
from tests.messages.screens import text
from tests.sightings.rows import see_caller, see_entry, see_rule

pytestmark = pytest.mark.django_db

APP, OTHER = "https://app.acme.example", "https://other.example"


@pytest.fixture
def acme():
    """A tenant that lists an application, which called today."""
    acme = make_site("acme", origins=[APP])
    see_entry(acme.origins.get(), calls=1240)
    see_rule(acme, methods=["PUT"])
    return acme


@pytest.fixture
def platform(db):
    return Tenant.objects.platform()


def impact_of(change):
    return find_consequences(change, "https://admin.example").impact


def found(change):
    """Return what is lost, opened, without credentials and refused by name, for each tenant."""
    return {
        one.slug: (
            [(each.origin, each.calls, str(each.depends)) for each in one.impact.lost],
            [(each.origin, each.calls, str(each.depends)) for each in one.impact.opened],
            [(each.origin, str(each.depends)) for each in one.impact.without_credentials],
            [(each.methods, each.calls) for each in one.impact.names],
        )
        for one in impact_of(change).tenants
    }


def deleted(rows):
    return ProposedChange.from_deletes(rows)


def edited(row, **fields):
    for name, value in fields.items():
        setattr(row, name, value)
    return ProposedChange.from_rows([row])


def lost(*affected):
    return ([*affected], [], [], [])


def test_an_entry_that_is_deleted(acme):
    assert found(deleted(acme.origins.all())) == {"acme": lost((APP, 1240, ""))}


def test_an_entry_that_ends(acme):
    past = timezone.now() - timedelta(minutes=1)

    assert found(edited(acme.origins.get(), valid_until=past)) == {"acme": lost((APP, 1240, ""))}


def test_an_entry_that_was_not_seen_for_more_than_seven_days():
    acme = make_site("acme", origins=[APP])
    see_entry(acme.origins.get(), days_ago=8)
    see_caller(acme, OTHER, days_ago=6)

    assert found(deleted(acme.origins.all())) == {}
    assert found(ProposedChange.from_rows([Origin(tenant=acme, pattern=OTHER)])) == {}


def test_an_origin_that_comes(acme):
    see_caller(acme, OTHER, calls=30)

    assert found(ProposedChange.from_rows([Origin(tenant=acme, pattern=OTHER)])) == {
        "acme": ([], [(OTHER, 30, "")], [], [])
    }


def test_calls_a_day_are_those_of_the_days_between(acme):
    week = timezone.now() - timedelta(days=5)
    see_caller(acme, OTHER, calls=30, preflights=12, first_seen=week)

    assert found(ProposedChange.from_rows([Origin(tenant=acme, pattern=OTHER)])) == {
        "acme": ([], [(OTHER, 10, "")], [], [])
    }


def test_a_wildcard_of_which_samples_are_known():
    acme = make_site("acme", origins=["https://*.acme.dev"])
    see_entry(acme.origins.get(), calls=100)
    see_caller(acme, "https://one.acme.dev", reason="allowed", preflights=9)

    assert found(deleted(acme.origins.all())) == {"acme": lost(("https://one.acme.dev", 100, ""))}


def test_wildcards_that_stay_are_taken_into_account(acme):
    OriginFactory(tenant=acme, pattern="https://*.acme.example")

    assert found(deleted(acme.origins.filter(pattern=APP))) == {}


def test_what_stands_in_for_an_entry_is_taken_into_account(acme):
    stands_in = Origin(tenant=acme, pattern="https://*.acme.example")

    assert found(ProposedChange.from_rows([stands_in], acme.origins.all())) == {}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"enabled": False}, lost((APP, 1240, "")), id="switched off"),
        pytest.param({"path": "/api/x/"}, lost((APP, 1240, "path")), id="narrowed"),
        pytest.param({"exclusive": True}, lost((APP, 1240, "")), id="exclusive"),
        pytest.param({"methods": ["GET"]}, ([], [], [], [(("PUT",), 1240)]), id="a method less"),
    ],
)
def test_a_rule_that_is_edited(acme, fields, expected):
    acme.paths.update(methods=["PUT"])

    assert found(edited(acme.paths.get(), **fields)) == {"acme": expected}


def test_credentials_that_are_taken():
    acme = make_site("acme", origins=[{"pattern": APP, "credentials": True}])
    acme.paths.update(credentials=True)
    see_entry(acme.origins.get())

    assert found(edited(acme.origins.get(), credentials=False)) == {
        "acme": ([], [], [(APP, "")], [])
    }


def test_a_tenant_that_is_switched_off_or_deleted(acme):
    for change in (edited(acme, is_active=False), deleted(Tenant.objects.filter(slug="acme"))):
        assert found(change) == {"acme": lost((APP, 1240, ""))}


def test_a_tenant_that_is_switched_on(acme):
    Tenant.objects.filter(pk=acme.pk).update(is_active=False)
    see_caller(acme, APP)
    acme.refresh_from_db()

    assert found(edited(acme, is_active=True)) == {"acme": ([], [(APP, 5, "")], [], [])}


def test_a_tenant_that_stays_switched_off(acme):
    Tenant.objects.filter(pk=acme.pk).update(is_active=False)

    assert found(deleted(acme.origins.all())) == {}


def test_the_only_host_and_one_of_two(acme):
    assert found(deleted(TenantHost.objects.filter(tenant=acme))) == {"acme": lost((APP, 1240, ""))}

    TenantHostFactory(tenant=acme, host="second.example.net")

    one = TenantHost.objects.filter(host="second.example.net")
    assert found(deleted(one)) == {"acme": lost((APP, 1240, "host"))}


def test_a_host_that_goes_to_another_tenant(acme):
    rival = make_site("rival", origins=[OTHER])
    see_caller(acme, OTHER)

    assert found(edited(acme.hosts.get(), tenant=rival)) == {
        "acme": ([(APP, 1240, "")], [(OTHER, 5, "")], [], [])
    }


@pytest.fixture
def heir(platform):
    """A tenant that inherits its rule and its origin, and was called."""
    PathRuleFactory(tenant=platform, path="/api/")
    see_entry(OriginFactory(tenant=platform, pattern=APP), calls=500)
    see_rule(platform)
    heir = make_site("heir", paths=[])
    see_rule(heir)
    see_caller(heir, OTHER)
    return heir


def test_what_a_tenant_inherits_may_have_served_others(heir):
    expected = {"heir": lost((APP, 500, "tenant"))}

    assert found(edited(heir, inherits_platform=False)) == expected
    PathRuleFactory(tenant=heir, path="/api/")
    assert found(edited(heir.paths.get(), path="/elsewhere/", exclusive=True)) == {}
    assert found(edited(heir.paths.get(), exclusive=True)) == expected


def test_an_entry_of_the_platform_is_compared_with_all_its_use(heir):
    assert found(deleted(Origin.objects.all())) == {"platform": lost((APP, 500, ""))}


def test_an_entry_that_comes_for_all_is_put_to_those_whom_tenants_refused(heir, platform):
    change = ProposedChange.from_rows([Origin(tenant=platform, pattern=OTHER)])

    assert found(change) == {"heir": ([], [(OTHER, 5, "")], [], [])}
    assert impact_of(change).is_shared


def test_a_rule_of_the_platform_takes_the_tenants_own_entries_too(heir, platform):
    see_entry(OriginFactory(tenant=heir, pattern=OTHER), calls=7)

    assert found(deleted(PathRule.objects.all())) == {
        "platform": lost((APP, 500, "")),
        "heir": lost((OTHER, 7, "")),
    }


def test_tenants_that_do_not_inherit_or_were_not_seen_are_not_compared(heir, platform):
    make_site("quiet", paths=[])
    alone = make_site("alone", paths=[], inherits_platform=False)
    see_caller(alone, OTHER)

    change = ProposedChange.from_rows([Origin(tenant=platform, pattern=OTHER)])

    assert [*found(change)] == ["heir"]


def test_more_tenants_than_are_compared_are_a_cut(heir, platform, monkeypatch):
    monkeypatch.setattr("corsadmin.proposed_change.seen_impact.MAX_TENANTS", 2)
    see_caller(make_site("more", paths=[]), OTHER)

    impact = impact_of(ProposedChange.from_rows([Origin(tenant=platform, pattern=OTHER)]))

    assert impact.is_cut
    assert [one.slug for one in impact.tenants] == ["heir"]


def test_more_sightings_than_are_compared_are_a_cut(acme, monkeypatch):
    monkeypatch.setattr("corsadmin.sightings.recent_rows.MAX_SEEN", 1)
    see_caller(acme, OTHER)
    see_caller(acme, "https://another.example")

    impact = impact_of(deleted(acme.origins.all()))

    assert impact.tenants[0].impact.is_cut
    assert impact_sentences(impact, seen=None, named=None)[-1] == text("impact-cut")


def test_a_change_of_a_new_tenant_breaks_nothing(acme):
    change = ProposedChange.from_rows([Tenant(slug="new"), PathRule(path="/")])

    assert found(change) == {}
