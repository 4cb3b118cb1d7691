"""The command cors_audit: which rows and columns it writes, where, and for whom."""

import csv
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from corsadmin.models import Origin
from corsadmin.transfer.audit.registry import AUDIT_FORMATS
from tests.factories import OriginFactory, TenantMemberFactory, UserFactory, make_site
from tests.messages.screens import filled, pattern

pytestmark = pytest.mark.django_db


def run(*arguments):
    """Run the command and return (its rows, what it told)."""
    out, told = io.StringIO(), io.StringIO()
    call_command("cors_audit", *map(str, arguments), stdout=out, stderr=told)
    return [*csv.DictReader(io.StringIO(out.getvalue(), newline=""))], told.getvalue()


@pytest.fixture
def sites():
    for slug in ("acme", "rival"):
        site = make_site(slug, origins=[f"https://app.{slug}.example"])
        OriginFactory(tenant=site, pattern=f"https://*.{slug}.example", credentials=True)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param([], ["app.acme", "*.acme", "app.rival", "*.rival"], id="all"),
        pytest.param(["--tenant", "acme"], ["app.acme", "*.acme"], id="of a tenant"),
        pytest.param(["--having", "wildcard"], ["*.acme", "*.rival"], id="wildcards"),
        pytest.param(
            ["--having=wildcard", "--having=credentials", "--tenant=rival"], ["*.rival"], id="three"
        ),
        pytest.param(["--having", "wildcard", "--having", "http"], [], id="nothing"),
        pytest.param(["--user", "member"], ["app.rival", "*.rival"], id="of a member"),
        pytest.param(["--user", "nobody"], [], id="of somebody without rights"),
    ],
)
def test_the_rows_that_were_asked_for(sites, arguments, expected):
    UserFactory(username="nobody")
    member = UserFactory(username="member")
    TenantMemberFactory(tenant=Origin.objects.latest("pk").tenant, user=member)

    rows, told = run("origins", *arguments)

    assert [row["pattern"] for row in rows] == [f"https://{name}.example" for name in expected]
    assert told == ""


def test_path_rules_and_members_are_tables_too(sites):
    TenantMemberFactory(tenant=make_site("third"), user__username="dora")

    assert {row["path"] for row in run("path-rules")[0]} == {"/api/"}
    assert [row["user"] for row in run("members")[0]] == ["dora"]


REFUSED = {
    "an unknown tenant": (
        ["origins", "--tenant", "none"],
        "command-no-tenant",
        {"tenants": "none"},
    ),
    "a tenant that the user may not see": (
        ["origins", "--tenant", "acme", "--user", "nobody"],
        "command-no-tenant",
        {"tenants": "acme"},
    ),
    "a condition of other rows": (["members", "--having", "http"], "command-only-origins", {}),
    "a workbook on a terminal": (
        ["origins", "--format", "xlsx"],
        "command-name-the-workbook",
        {},
    ),
}


@pytest.mark.parametrize(("arguments", "said", "values"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(sites, arguments, said, values):
    UserFactory(username="nobody")

    with pytest.raises(CommandError) as caught:
        run(*arguments)

    assert str(caught.value) == filled(said, **values)


def test_a_file_is_written(sites, tmp_path):
    path = tmp_path / "origins.xlsx"

    told = run("origins", "--format", "xlsx", "--output", path)[1]

    assert told == filled("command-wrote", file=path) + "\n"
    assert path.read_bytes().startswith(b"PK")
    assert run("origins", "--format", "xlsx", "--output", path, "--force", "-v0")[1] == ""


def test_more_rows_than_a_format_holds_are_refused_with_the_way_out(sites, monkeypatch):
    monkeypatch.setitem(AUDIT_FORMATS, "xlsx", AUDIT_FORMATS["xlsx"]._replace(max_rows=3))

    with pytest.raises(CommandError, match=pattern("command-too-many-rows", format="xlsx")):
        run("origins", "--format", "xlsx", "--output", "x.xlsx")


def test_a_database_that_fails_leaves_no_file(sites, tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE corsadmin_historicalorigin")

    with pytest.raises(CommandError, match=pattern("command-policies-unreadable")):
        run("origins", "--output", tmp_path / "x.csv")

    assert [*tmp_path.iterdir()] == []
