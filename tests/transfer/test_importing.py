"""A plan says what will happen, and applying it does just that, once."""

from datetime import UTC, datetime

import pytest

from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.transfer.exporting import unknown_slugs
from corsadmin.transfer.importing import Choices, plan_import
from corsadmin.transfer.plan.steps import Counts
from corsadmin.transfer.records.diagnostics import TransferError
from corsadmin.transfer.report import plan_lines, plan_report
from tests.factories import make_site
from tests.messages.screens import filled
from tests.transfer.files import (
    API,
    APP,
    acme,
    as_file,
    counter,
    document,
    export,
    faults_of,
    run_import,
    stored,
)

pytestmark = pytest.mark.django_db


def test_a_new_tenant_is_added_with_all_its_rows():
    lines, made = run_import(
        document(acme(name="Acme", hosts=["api.acme.example"], origins=[APP], paths=[API]))
    )

    tenant = Tenant.objects.get(slug="acme")
    assert lines == [
        '+ acme: tenant: name "Acme"',
        "+ acme: host api.acme.example",
        '+ acme: origin https://app.acme.example: credentials true, note "OPS-12"',
        '+ acme: path /api/: methods ["GET"], max_age 600',
    ]
    assert made == counter()[0] == tenant.generation
    assert tenant.hosts.get().host == "api.acme.example"
    assert tenant.origins.get().credentials is True
    assert tenant.paths.get().methods == ["GET"]
    assert tenant.paths.get().request_headers == ["content-type"]


def test_request_headers_in_another_case_are_no_difference():
    names = ["Content-Type", "X-A", "x-a"]
    content = document(acme(paths=[{"path": "/api/", "request_headers": names}]))

    lines, _made = run_import(content)
    again, made = run_import(content)

    assert lines[-1] == '+ acme: path /api/: request_headers ["content-type", "x-a"]'
    assert PathRule.objects.get().request_headers == ["content-type", "x-a"]
    assert again == []
    assert made == counter()[0]


def test_a_request_header_is_corrected_where_the_file_has_it():
    content = document(acme(paths=[{"path": "/api/", "request_headers": ["X-A", "X-B: 1"]}]))

    run_import(content, fix=True)

    assert PathRule.objects.get().request_headers == ["x-a", "x-b"]


def test_r51_a_dry_run_writes_nothing_and_says_what_the_real_run_does():
    make_site("acme", origins=["https://old.example"])
    content = document(acme(name="New", origins=[APP], paths=[API]))
    before = counter(), stored()

    planned, made = run_import(content, dry_run=True, prune=True)

    assert made is None
    assert (counter(), stored()) == before
    assert run_import(content, prune=True)[0] == planned


def test_r50_one_bad_row_among_many_and_nothing_is_written():
    origins = [{"pattern": f"https://a-{number}.example"} for number in range(1_000)]
    origins[500] = {"pattern": "https://a-500.example:443"}
    before = counter(), stored()

    assert faults_of(document(acme(origins=origins))) == [
        ("tenants[0].origins[500].pattern", "origin-default-port")
    ]
    assert (counter(), stored()) == before


def test_a_second_import_changes_nothing_and_moves_nothing():
    content = document(acme(hosts=["api.acme.example"], origins=[APP], paths=[API]))
    run_import(content, prune=True)
    before = counter(), stored()

    lines, made = run_import(content, prune=True)

    assert (lines, made) == ([], before[0][0])
    assert (counter(), stored()) == before


def test_export_then_import_changes_nothing():
    make_site(
        "acme",
        origins=[
            {"pattern": "https://b.example", "scope": "/api/"},
            {"pattern": "https://a.example", "valid_until": datetime(2027, 1, 31, 12, tzinfo=UTC)},
            {"pattern": "http://c.example", "credentials": True, "risk_accepted": True},
            {"pattern": "https://d.example", "enabled": False, "note": 'line\nline "é" \u2028'},
        ],
        paths=[{"path": "/b/", "methods": []}, {"path": "/a", "any_origin": True, "max_age": 0}],
    )
    make_site("empty", paths=[], is_active=False, inherits_platform=False, note="x", name="")
    text = export()

    lines, _made = run_import(text, prune=True)

    assert lines == []
    assert export() == text
    Tenant.objects.exclude(slug="platform").delete()
    run_import(text)
    assert export() == text


def test_an_export_can_be_limited_to_tenants():
    make_site("acme")
    make_site("rival")

    assert export() == export(["rival", "platform", "acme"])
    assert "rival" not in export(["acme"])
    assert export([]) == '{\n  "version": 1,\n  "tenants": []\n}\n'
    assert unknown_slugs(["acme", "nobody"]) == ["nobody"]


def test_a_change_is_shown_field_by_field():
    site = make_site(
        "acme",
        origins=[{"pattern": APP["pattern"], "valid_until": datetime(2027, 1, 31, tzinfo=UTC)}],
    )
    before = site.origins.get()

    lines, made = run_import(document(acme(origins=[{**APP, "valid_until": None}])))

    after = site.origins.get()
    (line,) = lines
    assert line == (
        "~ acme: origin https://app.acme.example: credentials false → true, valid_until "
        '"2027-01-31T00:00:00Z" → null, note "" → "OPS-12"'
    )
    assert made is not None
    assert (after.pk, after.credentials, after.valid_until) == (before.pk, True, None)
    assert after.created == before.created
    assert after.modified > before.modified
    assert site.paths.get().path == "/api/"


def test_prune_removes_rows_of_the_named_tenants_only():
    make_site("acme", origins=["https://old.example", APP["pattern"]], name="")
    make_site("rival", origins=["https://rival.example"])

    content = document(acme(hosts=[], origins=[{"pattern": APP["pattern"]}], paths=[]))
    lines, _made = run_import(content, prune=True)

    assert lines == [
        "- acme: host acme.example.net",
        "- acme: origin https://old.example",
        "- acme: path /api/",
    ]
    assert sorted(Origin.objects.values_list("pattern", flat=True)) == [
        "https://app.acme.example",
        "https://rival.example",
    ]
    assert TenantHost.objects.get().host == "rival.example.net"
    assert Tenant.objects.filter(slug="rival").exists()


def test_only_some_tenants_of_a_file_can_be_imported():
    content = document(
        {"origins": [{"pattern": "no origin"}], "hosts": 3, "slug": "rival", "nme": 1},
        {"slug": "rival-2", "origins": [{"pattern": "no origin"}]},
        {"hosts": ["api.acme.example"], "slug": "acme"},
    )

    lines, _made = run_import(content, only=frozenset({"acme"}))

    assert lines == ["+ acme: tenant", "+ acme: host api.acme.example"]
    assert not Tenant.objects.filter(slug__startswith="rival").exists()


def test_the_platform_may_be_in_a_file():
    run_import(
        document({"slug": "platform", "name": "All", "origins": [APP], "paths": [{"path": "/a"}]})
    )

    platform = Tenant.objects.platform()
    assert platform.name == "All"
    assert platform.origins.get().pattern == APP["pattern"]


def test_a_host_moves_between_tenants_that_the_file_names():
    acme_site, rival = make_site("acme", name=""), make_site("rival", name="")
    host = TenantHost.objects.get(host="rival.example.net")

    lines, made = run_import(
        document(
            acme(hosts=["acme.example.net", "rival.example.net"]), {"slug": "rival", "hosts": []}
        )
    )

    assert lines == ['~ acme: host rival.example.net: tenant "rival" → "acme"']
    host.refresh_from_db()
    assert host.tenant == acme_site
    assert set(Tenant.objects.filter(generation=made)) == {acme_site, rival}


def test_temporary_tables_are_gone_afterwards():
    run_import(document(acme()))
    with pytest.raises(TransferError):
        run_import(document(acme(nme=1)))

    run_import(document(acme()))


def test_a_long_plan_is_cut_and_says_so():
    origins = [{"pattern": f"https://a-{number}.example"} for number in range(10)]

    with plan_import(as_file(document(acme(origins=origins))), Choices()) as found:
        lines, report = list(plan_lines(found.plan, 4)), plan_report(found.plan, 4)

    assert len(lines) == 5
    assert lines[-1].strip() == filled("command-more-steps", count=7)
    assert (len(report["steps"]), report["steps_left_out"]) == (4, 7)


def test_counts_of_a_plan():
    make_site("acme", origins=["https://a.example", "https://b.example"], name="")
    content = document(
        acme(
            hosts=[],
            origins=[
                {"pattern": "https://a.example"},
                {"pattern": "https://c.example"},
            ],
            paths=[{"path": "/api/", "note": "new"}],
        )
    )

    with plan_import(as_file(content), Choices(prune=True)) as found:
        counts = {kind.section: found for kind, found in found.plan.counts.items()}

    assert counts == {
        "tenants": Counts(added=0, changed=0, removed=0, unchanged=1),
        "hosts": Counts(added=0, changed=0, removed=1, unchanged=0),
        "origins": Counts(added=1, changed=0, removed=1, unchanged=1),
        "paths": Counts(added=0, changed=1, removed=0, unchanged=0),
    }


@pytest.mark.slow
def test_more_rows_than_a_batch():
    origins = [{"pattern": f"https://a-{number}.example"} for number in range(5_001)]

    run_import(document(acme(origins=origins)))

    assert Origin.objects.count() == 5_001
    assert Origin.history.count() == 5_001
