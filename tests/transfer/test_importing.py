"""A plan says what will happen, and applying it does just that, once."""

from datetime import UTC, datetime

import pytest

import corsadmin
from corsadmin import generation
from corsadmin.models import Generation, Origin, PathRule, Tenant, TenantHost
from corsadmin.transfer.applying import Signature, apply
from corsadmin.transfer.exporting import unknown_slugs
from corsadmin.transfer.faults import TransferError
from corsadmin.transfer.importing import Choices, plan_import
from corsadmin.transfer.planning import Counts
from corsadmin.transfer.report import plan_lines, plan_report
from tests.factories import OriginFactory, TenantFactory, UserFactory, make_site
from tests.transfer.files import acme, as_file, document, export, faults_of, run_import

pytestmark = pytest.mark.django_db

APP = {"pattern": "https://app.acme.example", "credentials": True, "note": "OPS-12"}
API = {"path": "/api/", "methods": ["GET"], "max_age": 600}


def counter():
    return generation.current("default")


def stored():
    """Return everything that is stored, with the primary keys."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Tenant, TenantHost, Origin, PathRule)
    ]


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

    lines, made = run_import(document(acme(name=site.name, origins=[APP])))

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


def test_a_missing_key_takes_the_default():
    make_site("acme", note="old", name="Old", is_active=False)

    lines, _made = run_import(document(acme()))

    assert lines == [
        '~ acme: tenant: name "Old" → "", is_active false → true, note "old" → ""',
    ]


def test_prune_removes_rows_of_the_named_tenants_only():
    make_site("acme", origins=["https://old.example", APP["pattern"]], name="")
    make_site("rival", origins=["https://rival.example"])

    lines, _made = run_import(document(acme(origins=[{"pattern": APP["pattern"]}])), prune=True)

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


def test_history_holds_every_row_with_author_and_reason():
    site = make_site("acme", origins=["https://old.example", APP["pattern"]])
    Origin.history.all().delete()
    user = UserFactory()

    run_import(
        document(acme(origins=[APP, {"pattern": "https://new.example"}])),
        prune=True,
        signature=Signature("OPS-12", user.pk),
    )

    records = Origin.history.order_by("pattern").values_list(
        "history_type", "pattern", "credentials", "tenant", "history_user", "history_change_reason"
    )
    assert list(records) == [
        ("~", "https://app.acme.example", True, site.pk, user.pk, "OPS-12"),
        ("+", "https://new.example", False, site.pk, user.pk, "OPS-12"),
        ("-", "https://old.example", False, site.pk, user.pk, "OPS-12"),
    ]
    added = Origin.history.get(history_type="+")
    assert added.id == Origin.objects.get(pattern="https://new.example").pk
    assert added.prev_record is None
    assert Tenant.history.filter(id=site.pk, history_type="~", history_user=user).exists()
    assert not PathRule.history.exclude(history_type__in="+-").exists()


def test_history_without_author_and_reason():
    run_import(document(acme()))

    record = Tenant.history.get(slug="acme")
    assert (record.history_user, record.history_change_reason) == (None, None)


def test_one_import_moves_the_counter_once_and_stamps_only_the_tenants_it_touches():
    make_site("acme", name="")
    rival = make_site("rival", name="")
    before, rebuild = counter()

    run_import(
        document(
            acme(hosts=["acme.example.net"], origins=[APP], paths=[{"path": "/api/"}]),
            {"slug": "rival", "hosts": ["rival.example.net"]},
            {"slug": "third", "origins": [APP]},
        )
    )

    assert counter() == (before + 1, rebuild)
    stamped = Tenant.objects.filter(generation=before + 1).values_list("slug", flat=True)
    assert set(stamped) == {"acme", "third"}
    rival.refresh_from_db()
    assert rival.generation <= before


def test_what_is_imported_governs_requests(client):
    paths = [{"path": "/orders", "methods": ["GET"]}]
    run_import(document(acme(hosts=["acme.localhost"], origins=[APP], paths=paths)))
    corsadmin.refresh()

    response = client.get("/orders", headers={"host": "acme.localhost", "origin": APP["pattern"]})

    assert response["Access-Control-Allow-Origin"] == APP["pattern"]


def test_a_plan_is_made_anew_when_the_database_has_moved():
    site = make_site("acme", name="")
    shown: list[str] = []

    with plan_import(as_file(document(acme(origins=[APP]))), Choices()) as found:
        OriginFactory(tenant=site, pattern=APP["pattern"])
        made = apply(found.plan, Signature(), remade=lambda plan: shown.extend(plan_lines(plan)))

    assert shown == [
        '  ~ acme: origin https://app.acme.example: credentials false → true, note "" → "OPS-12"'
    ]
    assert made == counter()[0]
    assert site.origins.get().note == "OPS-12"


def test_a_plan_that_was_shown_is_refused_when_the_database_has_moved():
    site = make_site("acme", name="")
    with plan_import(as_file(document(acme(origins=[APP]))), Choices()) as found:
        OriginFactory(tenant=site, pattern="https://other.example")
        before = counter()

        with pytest.raises(TransferError, match=f"generation {before[0]}"):
            apply(found.plan, Signature())

    assert counter() == before
    assert site.origins.get().pattern == "https://other.example"


def test_a_plan_that_became_impossible_is_refused():
    with plan_import(as_file(document(acme(hosts=["x.example"]))), Choices()) as found:
        TenantFactory(slug="rival").hosts.create(host="x.example")

        with pytest.raises(TransferError, match="rival"):
            apply(found.plan, Signature(), remade=lambda plan: None)

    assert not Tenant.objects.filter(slug="acme").exists()


def test_a_flushed_database_that_lost_its_counter_is_not_one_that_moved():
    Generation.objects.all().delete()

    lines, made = run_import(document(acme()), expected=0)

    assert lines == ["+ acme: tenant"]
    assert made == counter()[0] > 0


def test_a_plan_may_be_applied_inside_another_change():
    with generation.change("default"):
        _lines, made = run_import(document(acme()))

    assert made == counter()[0]


def test_an_expected_generation_that_is_right_is_accepted():
    lines, _made = run_import(document(acme()), expected=counter()[0])

    assert lines == ["+ acme: tenant"]


def test_a_failure_while_writing_leaves_nothing_behind():
    before = counter(), stored()
    content = document(acme(origins=[APP], paths=[API]))
    # No database takes this for a reason, so the history of the first row fails.
    broken = Signature(object())  # type: ignore[arg-type]

    with pytest.raises(Exception, match="type"), plan_import(as_file(content), Choices()) as found:
        apply(found.plan, broken)

    assert (counter(), stored()) == before


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
    assert lines[-1] == "  … and 7 more (--verbosity 2 shows all)"
    assert (len(report["steps"]), report["steps_left_out"]) == (4, 7)


def test_counts_of_a_plan():
    make_site("acme", origins=["https://a.example", "https://b.example"], name="")
    content = document(
        acme(
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


def test_more_rows_than_a_batch():
    origins = [{"pattern": f"https://a-{number}.example"} for number in range(5_001)]

    run_import(document(acme(origins=origins)))

    assert Origin.objects.count() == 5_001
    assert Origin.history.count() == 5_001
