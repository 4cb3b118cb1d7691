"""The one reader of what tenants hold: which rows, in which order, and how many at once."""

import pytest
from django.db.models import Q

from corsadmin.models import Origin, PathRule, Tenant, TenantHost, tenant_rows
from corsadmin.models.policy_rows import HostRow, OriginRow, RuleRow
from corsadmin.models.tenant_rows import (
    ENABLED,
    NONE,
    group_rows,
    owned_row,
    owned_rows,
    read_tenant_rows,
)
from corsadmin.transfer.records.record_types import HOST, ORIGIN, PATH
from tests.factories import OriginFactory, PathRuleFactory, TenantHostFactory, make_site

pytestmark = pytest.mark.django_db

ANY_DATABASE = "default"


def read(*tenants, **which):
    """Return what tenants hold, as (slug, hosts, paths, origins)."""
    return [
        (
            held.tenant.slug,
            [row.host for row in held.hosts],
            [row.path for row in held.rules],
            [row.name for row in held.origins],
        )
        for held in read_tenant_rows(tenants, ANY_DATABASE, **which)
    ]


@pytest.mark.parametrize(
    ("row_type", "kind"),
    [
        pytest.param(HostRow, HOST, id="hosts"),
        pytest.param(RuleRow, PATH, id="path rules"),
        pytest.param(OriginRow, ORIGIN, id="origin entries"),
    ],
)
def test_a_row_has_every_column_that_a_file_has(row_type, kind):
    assert row_type._fields == kind.names


def test_tenants_keep_their_order_and_their_rows_are_sorted_by_their_keys():
    acme = make_site("acme", paths=[{"path": "/b/"}, {"path": "/a/"}])
    rival = make_site("rival", origins=["https://b.example", "https://a.example"], paths=[])
    OriginFactory(tenant=rival, pattern="https://a.example", scope="/api/")
    TenantHostFactory(tenant=acme, host="a.example")

    assert read(rival, acme) == [
        (
            "rival",
            ["rival.example.net"],
            [],
            ["https://a.example", "https://a.example (/api/)", "https://b.example"],
        ),
        ("acme", ["a.example", "acme.example.net"], ["/a/", "/b/"], []),
    ]


def test_conditions_choose_the_rows():
    acme = make_site("acme", origins=["https://a.example", "https://b.example"])
    PathRuleFactory(tenant=acme, path="/off/", enabled=False)

    found = read(acme, hosts=NONE, rules=ENABLED, origins=Q(pattern="https://b.example"))

    assert found == [("acme", [], ["/api/"], ["https://b.example"])]


def test_what_is_not_wanted_is_not_asked_for(django_assert_num_queries):
    acme = make_site("acme", origins=["https://a.example"])

    with django_assert_num_queries(1):
        assert read(acme, hosts=NONE, origins=NONE) == [("acme", [], ["/api/"], [])]


@pytest.mark.parametrize(
    ("tenants", "origins", "batches"),
    [
        pytest.param(500, 20_000, [4], id="few are read at once"),
        pytest.param(3, 20_000, [3, 1], id="at most so many tenants"),
        pytest.param(500, 3, [1, 2, 1], id="at most so many origins"),
        pytest.param(500, 1, [1, 1, 1, 1], id="a tenant with more origins is read alone"),
        pytest.param(3, 3, [1, 2, 1], id="both"),
    ],
)
def test_only_a_part_of_many_tenants_is_read_at_once(
    monkeypatch, django_assert_num_queries, tenants, origins, batches
):
    monkeypatch.setattr(tenant_rows, "MAX_TENANTS", tenants)
    monkeypatch.setattr(tenant_rows, "MAX_ORIGINS", origins)
    counts = {"a": 3, "b": 1, "c": 2, "d": 2}
    sites = [
        make_site(slug, origins=[f"https://{number}.example" for number in range(count)])
        for slug, count in counts.items()
    ]

    # Origins are counted once, and the rows of a batch take three queries.
    with django_assert_num_queries(1 + 3 * len(batches)):
        found = read(*sites)

    assert [(slug, len(entries)) for slug, _hosts, _paths, entries in found] == [*counts.items()]


def test_bytes_in_a_text_column_are_sorted_among_texts():
    """SQLite keeps them as they were written."""
    hosts = [HostRow._make([host]) for host in ("b.example", b"bytes", "a.example")]

    (held,) = group_rows([Tenant(pk=1)], [(1, row) for row in hosts], [], [])

    assert sorted(map(str, held.hosts)) == sorted(map(str, hosts))


def test_a_row_that_is_not_stored_reads_like_one_that_is():
    acme = make_site("acme", origins=["https://a.example"])

    for model in (TenantHost, PathRule, Origin):
        assert [owned_row(model.objects.get())] == [*owned_rows(model.objects.all())]
    assert owned_row(Origin(pattern="https://new.example"))[0] is None
    assert Tenant.objects.get(pk=owned_row(acme.paths.get())[0]) == acme
