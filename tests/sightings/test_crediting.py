"""Which entries and rules are held for used: over-crediting is the harmless mistake."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from corsadmin.models import EntrySeen, Origin, RuleNames, Tenant
from corsadmin.sightings.batch import AllowedBy, Calls, Names, SightingBatch
from tests.factories import OriginFactory, PathRuleFactory, make_site
from tests.sightings.batches import APP, SHOP, allowed, caller, seen, stored, write

NOON_MOMENT = datetime(2026, 11, 30, 12, tzinfo=UTC)


def used(**given):
    """Return which entries were used."""
    return stored(Origin, "pattern", "scope", seen__isnull=False, **given)


@pytest.mark.parametrize(
    ("entries", "platforms", "rule", "expected"),
    [
        pytest.param([{}], [], "/api/", [(APP, "")], id="an entry for every path"),
        pytest.param(
            [{}, {"scope": "/api/v1/"}, {"scope": "/other/"}],
            [],
            "/api/",
            [(APP, ""), (APP, "/api/v1/")],
            id="every scope that can reach the rule",
        ),
        pytest.param([{}], [{}], "/api/", [(APP, "")], id="the tenant's before the platform's"),
        pytest.param([], [{"scope": "/api/"}], "/api/", [(APP, "/api/")], id="the platform's"),
        pytest.param(
            [{"scope": "/other/"}],
            [{"scope": "/*/"}],
            "/api/",
            [(APP, "/*/")],
            id="the platform's where the tenant's cannot reach",
        ),
        pytest.param([{"enabled": False}], [], "/api/", [], id="no entry that is off"),
        pytest.param(
            [{"valid_until": NOON_MOMENT - timedelta(days=4_000)}],
            [],
            "/api/",
            [],
            id="no entry that has ended",
        ),
        pytest.param(
            [{"valid_from": NOON_MOMENT + timedelta(days=40_000)}],
            [],
            "/api/",
            [],
            id="no entry that is to begin",
        ),
        pytest.param(
            [
                {
                    "valid_from": NOON_MOMENT - timedelta(days=4_000),
                    "valid_until": NOON_MOMENT + timedelta(days=40_000),
                }
            ],
            [],
            "/api/",
            [(APP, "")],
            id="an entry in its window",
        ),
        pytest.param([{"pattern": SHOP}], [], "/api/", [], id="no entry with another pattern"),
    ],
)
def test_entries_are_credited_by_pattern(database, entries, platforms, rule, expected):
    acme = make_site("acme")
    platform = Tenant.objects.get(slug="platform")
    rival = make_site("rival", origins=[APP])
    for tenant, given in ((acme, entries), (platform, platforms)):
        for fields in given:
            OriginFactory(tenant=tenant, **{"pattern": APP, **fields})

    write(allowed(3, rule=rule), allowed(0, entry=""))

    assert used() == expected
    assert not EntrySeen.objects.filter(entry__tenant=rival).exists()


def test_calls_of_several_rules_are_one_entrys(database):
    make_site("acme", origins=[APP])
    batch = SightingBatch(
        allowed={
            AllowedBy("acme", "/api/", False, APP): Calls(3),
            AllowedBy("acme", "/", True, APP): Calls(4),
        }
    )

    write(batch)

    assert stored(EntrySeen, "calls") == [(7,)]


def test_an_entry_of_a_lost_platform_is_not_credited(database):
    make_site("acme")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM corsadmin_tenant WHERE slug = 'platform'")

    write(allowed(), SightingBatch(names={("acme", "/api/"): Names()}))

    assert EntrySeen.objects.count() == 0
    assert RuleNames.objects.count() == 1


def test_a_rule_that_is_inherited_counts_for_the_platform_too(database):
    platform = Tenant.objects.get(slug="platform")
    PathRuleFactory(tenant=platform, path="/")
    PathRuleFactory(tenant=platform, path="/api/")
    make_site("acme")
    make_site("rival", paths=[])

    write(
        SightingBatch(
            callers={caller("acme", rule="/"): seen(), caller("rival", rule=""): seen()},
            names={
                ("acme", "/api/"): Names({"GET"}),
                ("rival", "/api/"): Names({"PUT"}),
                ("platform", "/"): Names({"POST"}),
            },
        )
    )

    assert stored(RuleNames, "tenant__slug", "rule", "methods") == [
        ("acme", "/", []),
        ("acme", "/api/", ["GET"]),
        ("platform", "/", ["POST"]),
        ("platform", "/api/", ["PUT"]),
        ("rival", "/api/", ["PUT"]),
    ]
