"""Accepting suggestions, and importing the rest without what is wrong."""

import csv
import io
import json
from dataclasses import replace

import pytest

from corsadmin.models import Origin, Tenant, TenantHost
from corsadmin.transfer.formats.bounds import COMMAND
from corsadmin.transfer.formats.registry import FORMATS
from corsadmin.transfer.importing import Choices, plan_import
from corsadmin.transfer.plan import autofix, ingest
from corsadmin.transfer.plan.apply import Signature, apply_plan
from corsadmin.transfer.report import fix_report
from tests.factories import make_site
from tests.transfer.files import acme, as_file, document, faults_of

pytestmark = pytest.mark.django_db

GOOD = {"pattern": "https://good.example"}


def run(content, **choices):
    """Import what can be imported; return (what was fixed, the rejects' reasons, their file)."""
    asked = Choices(**choices)
    with plan_import(as_file(content), asked) as found:
        apply_plan(found.plan, Signature())
        rejected = "".join(FORMATS[asked.format].write_rejects(found.rejects))
        reasons = [(fault.place, fault.code) for fault in found.rejects.faults()]
        return [str(fix) for fix in found.fixes], reasons, rejected


@pytest.mark.parametrize(
    ("tenant", "fixes"),
    [
        pytest.param(
            acme(origins=[{"pattern": "https://A.example:443/"}]),
            ["tenants[0].origins[0].pattern: https://A.example:443/ → https://a.example"],
            id="an origin with several slips",
        ),
        pytest.param(
            acme(hosts=["A.example:443"]),
            ["tenants[0].hosts[0]: A.example:443 → a.example"],
            id="a host",
        ),
        pytest.param({"slug": "Acme"}, ["tenants[0].slug: Acme → acme"], id="a slug"),
        pytest.param(
            acme(paths=[{"path": "/a", "methods": ["GET", "post"], "max_age": 90_000}]),
            [
                "tenants[0].paths[0].methods[1]: post → POST",
                "tenants[0].paths[0].max_age: 90000 → 86400",
            ],
            id="a method and a number",
        ),
        pytest.param(
            acme(origins=[{**GOOD, "credentals": True, "valid_until": "2027-01-31"}]),
            [
                "tenants[0].origins[0].credentals: credentals → credentials",
                "tenants[0].origins[0].valid_until: 2027-01-31 → 2027-01-31T00:00:00Z",
            ],
            id="a key and a moment",
        ),
        pytest.param(
            acme(origins=[{**GOOD, "scop": "api/"}]),
            [
                "tenants[0].origins[0].scop: scop → scope",
                "tenants[0].origins[0].scope: api/ → /api/",
            ],
            id="one suggestion lays bare the next",
        ),
    ],
)
def test_suggestions_are_accepted_and_listed(tenant, fixes):
    assert run(document(tenant), fix=True)[0] == fixes
    assert Tenant.objects.filter(slug="acme").exists()


@pytest.mark.parametrize(
    ("tenant", "codes"),
    [
        pytest.param(
            acme(origins=[{"pattern": "app.example"}, {"pattern": "*"}]),
            ["origin-any"],
            id="one row of two",
        ),
        pytest.param(acme(is_active="true"), ["wrong-type"], id="a wrong type"),
        pytest.param(acme(orgins=[GOOD]), ["key-unknown"], id="the key of a list of rows"),
        pytest.param(
            acme(origins=[{**GOOD, "patern": "https://other.example"}]),
            ["key-unknown"],
            id="a key that is there already",
        ),
        pytest.param(
            acme(origins=[{**GOOD, "notes": "one", "note_": "two"}]),
            ["key-unknown", "key-unknown"],
            id="two keys for one",
        ),
        pytest.param(
            acme(paths=[{"path": "api", "methods": ["GET", "GET"]}]),
            ["path-leading-slash-missing", "value-duplicate"],
            id="one problem of two",
        ),
    ],
)
def test_what_has_no_suggestion_refuses_the_file_all_the_same(tenant, codes):
    assert [code for _place, code in faults_of(document(tenant), fix=True)] == codes


def test_a_slug_that_is_mended_takes_its_rows_along():
    run(document({"slug": "Acme", "hosts": ["a.example"], "origins": [GOOD]}), fix=True)

    tenant = Tenant.objects.get(slug="acme")
    assert tenant.hosts.get().host == "a.example"
    assert tenant.origins.get().pattern == GOOD["pattern"]


def test_a_slug_in_a_table_is_mended_to_that_of_the_tenant():
    site = make_site("acme", name="")
    content = f"tenant,pattern\nAcme,{GOOD['pattern']}\n"

    fixes, _reasons, _rejected = run(content, format="csv", fix=True)

    assert fixes == ["line 2, tenant: Acme → acme"]
    assert site.origins.get().pattern == GOOD["pattern"]


def test_fixes_for_programs():
    content = document(acme(hosts=["A.example"]))
    with plan_import(as_file(content), Choices(fix=True)) as found:
        report = fix_report(found.fixes)

    assert report == [{"place": "tenants[0].hosts[0]", "before": "A.example", "after": "a.example"}]


def test_the_rest_is_imported_and_the_rejects_can_be_mended_and_imported():
    make_site("rival")
    content = document(
        acme(
            name="Acme",
            hosts=["a.example", "B.example", "rival.example.net", "a.example"],
            origins=[GOOD, {"pattern": "bad", "note": "x"}, {**GOOD, "note": "again"}],
            paths=[{"path": "/a"}, {"path": "b"}],
        ),
        {"slug": "third", "note": 3, "hosts": ["third.example"], "origins": [GOOD]},
    )

    fixes, reasons, rejected = run(content, skip_invalid=True)

    assert fixes == []
    assert reasons == [
        ("tenants[0].hosts[1]", "host-upper-case"),
        ("tenants[0].origins[1].pattern", "origin-scheme-missing"),
        ("tenants[0].paths[1].path", "path-leading-slash-missing"),
        ("tenants[1].note", "wrong-type"),
        ("tenants[0].hosts[3]", "duplicate"),
        ("tenants[0].origins[2]", "duplicate"),
        ("tenants[1].hosts[0]", "tenant-rejected"),
        ("tenants[1].origins[0]", "tenant-rejected"),
        ("tenants[0].hosts[2]", "host-taken"),
    ]
    assert sorted(
        TenantHost.objects.filter(tenant__slug="acme").values_list("host", flat=True)
    ) == ["a.example"]
    assert not Tenant.objects.filter(slug="third").exists()
    file = json.loads(rejected)
    first, third = file["tenants"]
    assert first["name"] == "Acme"
    assert first["hosts"] == ["B.example", "a.example", "rival.example.net"]
    assert [row["pattern"] for row in first["origins"]] == ["bad", "https://good.example"]
    assert first["origins"][0]["note"] == "x"
    assert first["origins"][0]["problems"][0].startswith("tenants[0].origins[1].pattern (acme): ")
    assert len(first["problems"]) == 3
    assert third["note"] == 3
    assert third["hosts"] == ["third.example"]

    first["hosts"] = ["b.example"]
    first["origins"] = [{**first["origins"][0], "pattern": "https://mended.example"}]
    del first["paths"]
    third["note"] = "3"
    run(file)

    names = Origin.objects.order_by("pattern").values_list("tenant__slug", "pattern")
    assert list(names) == [
        ("acme", "https://good.example"),
        ("third", "https://good.example"),
        ("acme", "https://mended.example"),
    ]
    assert Tenant.objects.get(slug="acme").name == "Acme"


def test_what_cannot_be_mended_is_set_aside():
    origins = [GOOD, {"pattern": "https://A.example"}, {"pattern": "*"}]

    fixes, reasons, _rejected = run(document(acme(origins=origins)), fix=True, skip_invalid=True)

    assert fixes == ["tenants[0].origins[1].pattern: https://A.example → https://a.example"]
    assert reasons == [("tenants[0].origins[2].pattern", "origin-any")]
    assert Origin.objects.count() == 2


def test_rows_that_are_no_objects_are_set_aside_too():
    content = document(acme(origins=[3, GOOD]), {"slug": ["x"]})

    _fixes, reasons, rejected = run(content, skip_invalid=True)

    assert reasons == [("tenants[0].origins[0]", "wrong-type"), ("tenants[1].slug", "wrong-type")]
    assert json.loads(rejected)["tenants"][0]["origins"] == [3]
    assert Origin.objects.get().pattern == GOOD["pattern"]


def test_a_broken_frame_refuses_the_file_also_when_rows_are_skipped():
    content = '{"version": 1, "tenants": [{"slug": "acme"}'

    assert faults_of(content, skip_invalid=True) == [("line 1, column 44", "unreadable")]


def test_rejects_of_a_table_are_a_table_with_reasons():
    make_site("acme")
    content = (
        "tenant,pattern,credentials,valid_until,note\n"
        "acme,https://good.example,,,\n"
        "acme,https://a.example:443,maybe,2027-01-31,=1\n"
        "nobody,https://b.example,true,,\n"
        "acme,https://short.example\n"
    )

    _fixes, reasons, rejected = run(content, format="csv", skip_invalid=True)

    assert {code for _place, code in reasons} == {
        *("wrong-type", "moment-without-zone", "origin-default-port"),
        *("tenant-unknown", "cell-count"),
    }
    rows = list(csv.DictReader(io.StringIO(rejected, newline="")))
    assert [row["pattern"] for row in rows] == [
        "https://a.example:443",
        "https://b.example",
        "https://short.example",
    ]
    assert rows[0]["credentials"] == "maybe"
    assert rows[0]["note"] == "'=1"
    assert rows[0]["problems"]
    assert faults_of(rejected, format="csv", fix=True) == [
        ("line 2, credentials", "wrong-type"),
        ("line 2, valid_until", "moment-without-zone"),
        ("line 2, pattern", "origin-default-port"),
        ("line 3, tenant", "tenant-unknown"),
    ]


def test_rejects_carry_their_tenants_and_no_others():
    content = document(acme(name="Acme", hosts=["A.example"]), {"slug": "rival"})

    _fixes, _reasons, rejected = run(content, skip_invalid=True)

    (tenant,) = json.loads(rejected)["tenants"]
    assert (tenant["slug"], tenant["name"]) == ("acme", "Acme")


def test_rejects_of_yaml_are_yaml():
    content = "version: 1\ntenants:\n- slug: acme\n  origins:\n  - pattern: '*'\n"

    _fixes, _reasons, rejected = run(content, format="yaml", skip_invalid=True)

    assert "- slug: acme\n" in rejected
    assert faults_of(rejected, format="yaml") == [("tenants[0].origins[0].pattern", "origin-any")]


def test_far_too_many_problems_end_the_reading(monkeypatch):
    monkeypatch.setattr(ingest, "MAX_REJECTS", 3)
    content = document(acme(hosts=["A.example"] * 10))

    few = replace(COMMAND, problems=3)
    assert len(faults_of(content, bounds=few)) == 4
    assert faults_of(content, skip_invalid=True) == [("", "too-many-problems")]


def test_suggestions_are_not_followed_for_ever(monkeypatch):
    monkeypatch.setattr(autofix, "_MAX_ROUNDS", 0)

    assert faults_of(document(acme(hosts=["A.example"])), fix=True) == [
        ("tenants[0].hosts[0]", "host-upper-case")
    ]
