"""The command cors_export: what it writes, where, and who may read it."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_site

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
        '        {"pattern": "https://app.acme.example", "credentials": false}\n'
        "      ],\n"
        '      "paths": [\n'
        '        {"path": "/api/", "enabled": true, "any_origin": false, "credentials": false,'
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
    with pytest.raises(CommandError, match="There is no tenant nobody"):
        run("--tenant", "nobody")


def test_r60_a_file_is_private_and_not_overwritten_without_force(tmp_path):
    path = tmp_path / "policies.json"

    _written, told = run("--output", path)

    before = path.read_text()
    assert told == f"Wrote {path}.\n"
    assert path.stat().st_mode & 0o777 == 0o600
    make_site("acme")
    with pytest.raises(CommandError, match="Choose another name, or --force"):
        run("--output", path)
    assert path.read_text() == before
    run("--output", path, "--force", "--verbosity", "0")
    assert '"acme"' in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_dangling_link_is_not_followed(tmp_path):
    link = tmp_path / "policies.json"
    link.symlink_to(tmp_path / "elsewhere.json")

    with pytest.raises(CommandError, match="exists"):
        run("--output", link)

    assert not (tmp_path / "elsewhere.json").exists()


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(CommandError, match=r"cannot be written: No such file or directory\."):
        run("--output", tmp_path / "nowhere" / "policies.json")


def test_help_has_examples(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("cors_export", "--help")

    assert ended.value.code == 0
    assert "manage.py cors_export > policies.json" in capsys.readouterr().out
