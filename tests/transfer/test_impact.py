"""What an import breaks, and whom it lets in, of the callers of the last days."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from corsadmin.models import Tenant
from tests.admin.conftest import grant
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantMemberFactory,
    UserFactory,
    make_site,
)
from tests.messages.screens import assert_says
from tests.sightings.rows import see_caller, see_entry, see_rule

pytestmark = pytest.mark.django_db

APP, NEW = "https://app.acme.example", "https://new.example"
LOST = ("acme", APP, 1240)


@pytest.fixture
def acme():
    """A tenant whose application called today, and which refused a stranger."""
    acme = make_site("acme", origins=[APP])
    see_entry(acme.origins.get(), calls=1240)
    see_rule(acme)
    see_caller(acme, NEW)
    return acme


@pytest.fixture
def run(tmp_path):
    """Import tenants, and return what the command says, a file's path being the last argument."""

    def go(*tenants, command="cors_import", **options):
        file = tmp_path / "policies.json"
        file.write_text(json.dumps({"version": 1, "tenants": tenants}))
        out, errors = io.StringIO(), io.StringIO()
        try:
            call_command(command, str(file), stdout=out, stderr=errors, **options)
        except CommandError as error:
            errors.write(f"{error}")
        return out.getvalue().replace("\xa0", " "), errors.getvalue().replace("\xa0", " ")

    return go


def acme_with(*patterns):
    return {"slug": "acme", "origins": [{"pattern": pattern} for pattern in patterns]}


def lost(report):
    """Return the origins that a report for programs calls shut out, and their calls a day."""
    return [
        (impact["tenant"], one["origin"], one["calls_a_day"])
        for impact in json.loads(report)["impact"]
        for one in impact["lost"]
    ]


def person(*permissions, tenant=None):
    user = grant(UserFactory(), *permissions)
    if tenant is not None:
        TenantMemberFactory(tenant=tenant, user=user, role="editor")
    return user.username


def test_a_dry_run_says_it(acme, run):
    out, errors = run(acme_with(NEW), prune=True, dry_run=True)

    broken, opened = [line for line in out.splitlines() if line.startswith("  ! acme: ")]
    assert ("1,240" in broken, APP in broken) == (True, True)
    assert ("(5 " in opened, NEW in opened) == (True, True)
    assert errors == ""


def test_a_report_for_programs_has_it(acme, run):
    out, _errors = run(acme_with(NEW), prune=True, dry_run=True, format="json")

    (impact,) = json.loads(out)["impact"]
    lost, opened = impact.pop("lost"), impact.pop("opened")
    assert impact == {
        "tenant": "acme",
        "without_credentials": [],
        "refused_names": [],
        "is_cut": False,
    }
    day = acme.origins.get(pattern=APP).seen.last_day.isoformat()
    assert lost == [{"origin": APP, "calls_a_day": 1240, "last_seen": day, "depends_on": ""}]
    assert opened[0].pop("last_seen").endswith("Z")
    assert opened == [{"origin": NEW, "calls_a_day": 5, "depends_on": ""}]


def test_names_that_are_refused(acme, run):
    acme.paths.update(methods=["PUT"], request_headers=["x-a"])
    acme.origins.create(pattern=NEW)
    see_rule(acme, "/v2/", methods=["PUT"], headers=["x-a"])
    acme.paths.create(path="/v2/", methods=["PUT"], request_headers=["x-a"])
    rule = {"path": "/v2/", "methods": [], "request_headers": []}

    out, _errors = run({"slug": "acme", "paths": [rule]}, dry_run=True, format="json")

    (impact,) = json.loads(out)["impact"]
    (names,) = impact["refused_names"]
    assert names.pop("last_seen") == acme.origins.get(pattern=APP).seen.last_day.isoformat()
    assert names == {
        "rule": "/v2/",
        "methods": ["PUT"],
        "headers": ["x-a"],
        "calls_a_day": 1240,
        "depends_on": "",
    }


def test_who_names_no_user_is_not_asked(acme, run):
    out, _errors = run(acme_with(NEW), prune=True, format="json")

    assert lost(out) == [LOST]
    assert not acme.origins.filter(pattern=APP).exists()


def test_a_user_needs_a_reason_and_it_is_enough(acme, run):
    user = person(tenant=acme)

    _out, errors = run(acme_with(NEW), prune=True, user=user)
    assert "[callers-affected]" in errors
    assert ("1,240" in errors, APP in errors) == (True, True)
    assert acme.origins.filter(pattern=APP).exists()

    run(acme_with(NEW), prune=True, user=user, reason="OPS-1")
    assert not acme.origins.filter(pattern=APP).exists()


def test_a_table_of_origins(acme, tmp_path):
    file = tmp_path / "origins.csv"
    file.write_text(f"tenant,pattern\nacme,{NEW}\n")
    out = io.StringIO()

    call_command("cors_import", str(file), "--prune", "--dry-run", "--format=json", stdout=out)

    assert lost(out.getvalue()) == [LOST]


def test_files_that_are_the_whole_truth(acme, run):
    out, _errors = run(acme_with(APP), command="cors_sync", dry_run=True, format="json")

    # The file names no rule and no host.
    assert lost(out) == [LOST]


def test_a_host_that_a_file_gives_to_another_tenant(acme, run):
    make_site("rival")
    file = [{"slug": "rival", "hosts": ["acme.example.net"]}, {"slug": "acme"}]

    out, _errors = run(*file, dry_run=True, format="json")

    assert lost(out) == [LOST]


def test_what_is_for_all_is_put_to_those_whom_a_tenant_refused(run):
    PathRuleFactory(tenant=Tenant.objects.platform())
    acme = make_site("acme", paths=[])
    see_caller(acme, NEW)

    file = {"slug": "platform", "origins": [{"pattern": NEW}]}
    out, _errors = run(file, dry_run=True, format="json")

    (impact,) = json.loads(out)["impact"]
    assert (impact["tenant"], [one["origin"] for one in impact["opened"]]) == ("acme", [NEW])


def test_an_import_that_changes_nothing_that_was_seen(acme, run):
    out, _errors = run(acme_with("https://third.example"), dry_run=True, format="json")

    assert json.loads(out)["impact"] == []


def test_a_user_reads_of_no_caller_whose_sightings_they_do_not_see(acme, run):
    user = person("view_tenant", "change_origin", "add_origin", "delete_origin", "view_tenanthost")

    out, _errors = run(acme_with(NEW), prune=True, dry_run=True, user=user, format="json")
    assert json.loads(out)["impact"] == []

    out, _errors = run(acme_with(NEW), prune=True, dry_run=True, user=user)
    (line,) = [line for line in out.splitlines() if "1,240" in line]
    assert (APP in line, NEW in line) == (False, False)


def test_tenants_of_which_a_plan_writes_too_much_are_a_cut(acme, run, monkeypatch):
    monkeypatch.setattr("corsadmin.transfer.plan.callers.MAX_ROWS", 1)
    other = make_site("other")
    see_entry(OriginFactory(tenant=other, pattern=NEW))
    see_rule(other)
    file = [acme_with(NEW), {"slug": "other", "origins": []}]

    report, _errors = run(*file, prune=True, dry_run=True, format="json")
    out, _errors = run(*file, prune=True, dry_run=True)

    assert lost(report) == [("other", NEW, 10)]
    assert json.loads(report)["impact_is_cut"]
    assert_says(out, "impact-cut")


def test_a_report_for_a_member_holds_no_number_of_other_tenants(acme, run):
    user = person(tenant=acme)
    see_entry(Tenant.objects.platform().origins.create(pattern=NEW))
    shut = {**acme_with(APP), "inherits_platform": False}

    (everybody, own) = (
        json.loads(run(shut, dry_run=True, format="json", reason="OPS-1", **who)[0])["impact"]
        for who in ({}, {"user": user})
    )

    assert everybody[0]["lost"][0]["calls_a_day"] > 0
    lost = {"origin": NEW, "calls_a_day": None, "last_seen": None, "depends_on": "tenant"}
    assert own[0]["lost"] == [lost]
