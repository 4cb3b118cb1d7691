"""The command cors_export: what it writes, where, and who may read it."""

import errno
import io
import json
import os
import sys

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import connection

from corsadmin.management.exit_codes import UNREAD
from tests.factories import TenantMemberFactory, UserFactory, make_site
from tests.messages.screens import assert_says, filled, pattern, text

pytestmark = pytest.mark.django_db


def run(*arguments):
    """Run the command and return (what it wrote, what it told)."""
    out, told = io.StringIO(), io.StringIO()
    call_command("cors_export", *map(str, arguments), stdout=out, stderr=told)
    return out.getvalue(), told.getvalue()


def test_an_export_is_written_to_standard_output():
    make_site("acme", origins=["https://app.acme.example"])

    written, told = run("--tenant", "acme")

    assert told == ""
    assert written == (
        "{\n"
        '  "version": 1,\n'
        '  "tenants": [\n'
        "    {\n"
        '      "slug": "acme",\n'
        '      "name": "Acme",\n'
        '      "is_active": true,\n'
        '      "inherits_platform": true,\n'
        '      "note": "",\n'
        '      "hosts": [\n'
        '        "acme.example.net"\n'
        "      ],\n"
        '      "origins": [\n'
        '        {"pattern": "https://app.acme.example", "credentials": false, "enabled": true,'
        ' "scope": "", "valid_from": null, "valid_until": null, "risk_accepted": false,'
        ' "made_by": "", "note": ""}\n'
        "      ],\n"
        '      "paths": [\n'
        '        {"path": "/api/", "enabled": true, "exclusive": false, "any_origin": false, "credentials": false,'
        ' "methods": ["GET", "HEAD", "POST"], "request_headers": ["content-type"],'
        ' "exposed_headers": [], "max_age": null, "refuse_unlisted": false, "note": ""}\n'
        "      ]\n"
        "    }\n"
        "  ]\n"
        "}\n"
    )


def test_all_tenants_are_written_unless_some_are_named():
    for slug in ("b", "a", "c"):
        make_site(slug)

    every = json.loads(run()[0])["tenants"]
    two = json.loads(run("--tenant", "c", "--tenant", "a")[0])["tenants"]

    assert [tenant["slug"] for tenant in every] == ["a", "b", "c", "platform"]
    assert [tenant["slug"] for tenant in two] == ["a", "c"]


def test_an_unknown_tenant_is_refused():
    with pytest.raises(CommandError, match="nobody"):
        run("--tenant", "nobody")


def test_r60_a_file_is_private_and_not_overwritten_without_force(tmp_path):
    path = tmp_path / "policies.json"

    _written, told = run("--output", path)

    before = path.read_text()
    assert told == filled("command-wrote", file=path) + "\n"
    assert path.stat().st_mode & 0o777 == 0o600
    make_site("acme")
    with pytest.raises(CommandError, match="--force"):
        run("--output", path)
    assert path.read_text() == before
    run("--output", path, "--force", "--verbosity", "0")
    assert '"acme"' in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_dangling_link_is_not_followed(tmp_path):
    link = tmp_path / "policies.json"
    link.symlink_to(tmp_path / "elsewhere.json")

    with pytest.raises(CommandError, match=pattern("command-exists", file=link)):
        run("--output", link)

    assert not (tmp_path / "elsewhere.json").exists()


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    reason = os.strerror(errno.ENOENT)
    with pytest.raises(CommandError, match=pattern("command-unwritable", reason=reason)):
        run("--output", tmp_path / "nowhere" / "policies.json")


def test_what_is_no_file_is_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    reason = text("command-no-file")
    with pytest.raises(CommandError, match=pattern("command-unwritable", reason=reason)):
        run("--output", pipe, "--force")

    assert pipe.is_fifo()


def test_a_reader_that_goes_away_is_told_in_one_sentence():
    """As `cors_export | head` does."""
    reading, writing = os.pipe()
    os.close(reading)

    with (
        os.fdopen(writing, "w") as out,
        pytest.raises(CommandError, match=UNREAD),
    ):
        call_command("cors_export", stdout=out)


@pytest.mark.parametrize("name", ["json", "yaml", "csv", "xlsx"])
def test_every_format_comes_back_as_it_was(tmp_path, name):
    make_site("acme", origins=["https://app.acme.example"])
    path = tmp_path / f"policies.{name}"

    run("--format", name, "--output", path)

    out = io.StringIO()
    call_command("cors_import", str(path), "--prune", stdout=out)
    assert_says(out.getvalue(), "command-nothing-to-change")


def test_a_workbook_needs_a_file():
    with pytest.raises(CommandError, match="--output FILE"):
        run("--format", "xlsx")


def test_a_format_whose_library_is_missing_is_told(tmp_path, monkeypatch):
    for name, module in (("xlsx", "openpyxl"), ("yaml", "yaml")):
        monkeypatch.setitem(sys.modules, module, None)

        with pytest.raises(CommandError, match="pip install"):
            run("--format", name, "--output", tmp_path / "policies")

    assert list(tmp_path.iterdir()) == []


def test_a_text_that_a_format_cannot_hold_is_told(tmp_path):
    make_site("acme", origins=[{"pattern": "https://a.example", "note": "x" * 40_000}])

    with pytest.raises(CommandError, match=pattern("transfer-cell-too-long")):
        run("--format", "xlsx", "--output", tmp_path / "origins.xlsx")


def test_r60_a_user_gets_only_what_they_may_see():
    member = TenantMemberFactory(tenant=make_site("acme"))
    make_site("rival")
    name = member.user.username

    written, _told = run("--user", name)

    assert [tenant["slug"] for tenant in json.loads(written)["tenants"]] == ["acme"]
    for slug in ("rival", "nobody"):
        with pytest.raises(CommandError, match=slug):
            run("--user", name, "--tenant", slug)
    assert "rival" in run("--user", UserFactory(is_superuser=True).username)[0]


def test_r60_who_may_not_see_all_that_an_export_holds_gets_nothing():
    make_site("acme")
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename="view_tenant"))

    assert json.loads(run("--user", user.username)[0])["tenants"] == []


def test_help_has_examples(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("cors_export", "--help")

    assert ended.value.code == 0
    assert "manage.py cors_export > policies.json" in capsys.readouterr().out


def test_missing_tables_are_told():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE corsadmin_tenant RENAME TO gone")

    with pytest.raises(CommandError, match="corsadmin_tenant"):
        run()
