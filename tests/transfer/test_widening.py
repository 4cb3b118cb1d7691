"""What an import would let strangers do, for every user and any number of tenants."""

import io
import json
import re

import pytest
from django.core.management import CommandError, call_command

from corsadmin.models import PathRule, Tenant
from corsadmin.transfer.importing import Choices, plan_import
from corsadmin.transfer.plan import proposal
from corsadmin.transfer.plan.proposal import widened_by
from tests.factories import PathRuleFactory, TenantMemberFactory, UserFactory, make_site
from tests.transfer.files import as_file, document

pytestmark = pytest.mark.django_db

OPEN = {"path": "/", "any_origin": True}
PRIVATE = {"path": "/private/"}
ACME = {"slug": "acme", "hosts": ["acme.example.net"]}


def widened(*tenants, **choices):
    """Return what a file widens, as (tenant, patterns)."""
    with plan_import(as_file(document(*tenants)), Choices(**choices)) as made:
        return [(found.slug, found.patterns) for found in widened_by(made.plan)]


@pytest.fixture
def acme():
    return make_site("acme", paths=[OPEN, PRIVATE])


@pytest.mark.parametrize(
    ("tenants", "prune", "expected"),
    [
        pytest.param([{**ACME, "paths": [OPEN]}], True, [("acme", ("/private/",))], id="pruned"),
        pytest.param([{**ACME, "paths": [OPEN]}], False, [], id="not pruned"),
        pytest.param([{**ACME, "paths": [PRIVATE]}], True, [], id="the open rule pruned"),
        pytest.param([{**ACME, "name": "Acme"}], False, [], id="a name"),
        pytest.param(
            [{**ACME, "paths": [{**OPEN, "methods": ["PUT"]}]}],
            False,
            [("acme", ("/",))],
            id="another method",
        ),
        pytest.param(
            [{**ACME, "paths": [OPEN, {**PRIVATE, "any_origin": True}]}],
            False,
            [("acme", ("/private/",))],
            id="a rule opened",
        ),
        pytest.param(
            [{"slug": "new", "hosts": ["new.example.net"], "paths": [OPEN]}],
            False,
            [],
            id="a new tenant, judged by its own rules",
        ),
        pytest.param(
            [
                {**ACME, "hosts": []},
                {"slug": "new", "hosts": ["acme.example.net"], "paths": [OPEN]},
            ],
            False,
            [("new", ("/private/",))],
            id="a host that moves to a new tenant",
        ),
        pytest.param(
            [{**ACME, "hosts": []}, {"slug": "new", "hosts": ["acme.example.net"]}],
            False,
            [],
            id="a host that moves to a new tenant without rules",
        ),
    ],
)
def test_what_a_file_widens(acme, tenants, prune, expected):
    assert widened(*tenants, prune=prune) == expected


def test_where_no_host_finds_a_tenant_a_host_that_moves_opens_nothing(settings, acme):
    settings.CORSADMIN = {"TENANT_RESOLVER": "corsadmin.tenants.single"}

    assert (
        widened({"slug": "acme"}, {"slug": "new", "hosts": ["acme.example.net"], "paths": [OPEN]})
        == []
    )


def test_a_table_of_origins_widens_nothing(acme):
    table = "tenant,pattern\nacme,https://a.example\n"
    with plan_import(as_file(table), Choices(format="csv")) as made:
        assert widened_by(made.plan) == []


def test_the_platform_and_what_inherits_from_it_in_batches(monkeypatch):
    """Heirs that the file names are judged as they will be, the others as they are."""
    monkeypatch.setattr(proposal, "_BATCH", 1)
    platform = Tenant.objects.platform()
    PathRuleFactory(tenant=platform, path="/private/")
    for slug in ("beside", "named", "closed", "alone"):
        make_site(slug, paths=[OPEN], inherits_platform=slug != "alone")
    closed = {"slug": "closed", "hosts": ["closed.example.net"], "paths": [OPEN, PRIVATE]}
    named = {"slug": "named", "name": "Named", "hosts": ["named.example.net"], "paths": [OPEN]}

    found = widened({"slug": "platform", "paths": []}, closed, named, prune=True)

    assert found == [("beside", ("/private/",)), ("named", ("/private/",))]


def run(tmp_path, *tenants, command="cors_import", **options):
    """Run a dry run of a command and return what it printed."""
    file = tmp_path / "policies.json"
    file.write_text(json.dumps(document(*tenants)))
    out = io.StringIO()
    call_command(command, str(file), dry_run=True, stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize("command", ["cors_import", "cors_sync"])
def test_a_dry_run_without_a_user_says_what_widens(acme, tmp_path, command):
    options = {"prune": True} if command == "cors_import" else {}

    printed = run(tmp_path, {**ACME, "paths": [OPEN]}, command=command, **options)
    report = run(tmp_path, {**ACME, "paths": [OPEN]}, command=command, format="json", **options)

    assert re.search(r"^  ! acme: .* /private/\.$", printed, re.MULTILINE)
    assert json.loads(report)["widened"] == [{"tenant": "acme", "paths": ["/private/"]}]


def test_a_dry_run_that_widens_nothing_says_nothing(acme, tmp_path):
    assert "!" not in run(tmp_path, {**ACME, "name": "Acme"})
    assert json.loads(run(tmp_path, ACME, format="json"))["widened"] == []


def test_a_command_without_a_user_is_carried_out_without_a_reason(acme, tmp_path):
    file = tmp_path / "policies.json"
    file.write_text(json.dumps(document({**ACME, "paths": [OPEN]})))

    call_command("cors_sync", str(file), stdout=io.StringIO())

    assert PathRule.objects.get(tenant=acme).path == "/"


def test_a_user_of_a_command_is_told_which_permission_is_missing(acme, tmp_path):
    TenantMemberFactory(tenant=acme, role="editor", user=UserFactory(username="editor"))
    errors = io.StringIO()

    with pytest.raises(CommandError):
        run(tmp_path, {**ACME, "paths": [OPEN]}, prune=True, user="editor", stderr=errors)

    assert re.fullmatch(
        r"acme: .* /private/\. .* corsadmin\.allow_any_origin\. \[opening-not-permitted\]\n",
        errors.getvalue(),
    )
