"""`cors_import --from`: what is shown, imported and written."""

import json
import sys
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from corsadmin.models import Tenant
from tests.factories import make_site
from tests.messages.screens import assert_says, filled, pattern, text

pytestmark = pytest.mark.django_db

RULE = {
    "AllowedOrigins": ["https://*.example.com", "https://app.example.org"],
    "AllowedMethods": ["GET", "POST", "PUT"],
    "AllowedHeaders": ["authorization"],
}


def test_the_command_carries_over_into_a_tenant(capsys, tmp_path):
    site = make_site("acme", name="Acme", paths=[], note="stays")
    path = tmp_path / "cors.json"
    path.write_text(json.dumps([{**RULE, "AllowedHeaders": ["x-amz-*"]}]))

    call_command("cors_import", str(path), "--from", "s3", "--into", "acme", "--prune")

    printed = capsys.readouterr()
    why = text("convert-no-header-patterns")
    assert_says(printed.err, "command-not-carried-over", remark=f"AllowedHeaders 'x-amz-*': {why}")
    assert "+ acme: origin https://app.example.org: credentials true" in printed.out
    site.refresh_from_db()
    assert (site.name, site.note, site.hosts.count()) == ("Acme", "stays", 1)


def test_what_a_program_decides_replaces_what_is_stored(capsys, tmp_path):
    stored = {"path": "/", "any_origin": True, "max_age": 9, "enabled": False, "note": "stays"}
    site = make_site("acme", paths=[stored])
    path = tmp_path / "cors.json"
    path.write_text(json.dumps([RULE]))

    call_command("cors_import", str(path), "--from", "s3", "--into", "acme")

    rule = site.paths.get()
    assert (rule.any_origin, rule.credentials, rule.max_age) == (False, True, None)
    assert (rule.enabled, rule.note) == (False, "stays")


def test_the_command_reads_the_settings_of_this_project_or_of_a_module(capsys, monkeypatch):
    module = SimpleNamespace(CORS_ALLOWED_ORIGINS=["https://theirs.example"])
    monkeypatch.setitem(sys.modules, "theirs_settings", module)
    command = ("cors_import", "--from", "django-cors-headers", "--into", "acme", "--dry-run")

    with override_settings(CORS_ALLOWED_ORIGINS=["https://ours.example"]):
        call_command(*command)
        call_command(*command, "theirs_settings")
    call_command(*command, "theirs_settings.py", "--format", "json")

    printed = capsys.readouterr().out
    assert printed.index("https://ours.example") < printed.index("https://theirs.example")
    assert '"not_carried_over": []' in printed


def test_the_command_writes_a_file_instead(tmp_path, capsys):
    source, target = tmp_path / "cors.json", tmp_path / "acme.json"
    source.write_text(json.dumps([RULE]))
    command = ("cors_import", str(source), "--from", "s3", "--into", "acme")

    call_command(*command, "--convert", str(target))
    call_command(*command, "--convert", str(target), "--force", verbosity=0)

    assert capsys.readouterr().err == filled("command-converted", file=target) + "\n"
    assert not Tenant.objects.filter(slug="acme").exists()
    with pytest.raises(CommandError, match="--force"):
        call_command(*command, "--convert", str(target))
    call_command("cors_import", str(target))
    assert Tenant.objects.get(slug="acme").origins.count() == 2


@pytest.mark.parametrize(
    ("arguments", "message", "status"),
    [
        ([], pattern("command-name-a-file"), 2),
        (["--from", "s3"], pattern("command-into-whom"), 2),
        (["x.json", "--convert", "y.json"], pattern("command-convert-what"), 2),
        (["--from", "s3", "--into", "acme"], pattern("convert-name-a-file"), 1),
        (["--from", "s3", "--into", "acme", "missing.xml"], "No such file", 1),
        (
            ["--from", "django-cors-headers", "--into", "acme", "nowhere"],
            pattern("convert-no-module"),
            1,
        ),
    ],
)
def test_wrong_usage_is_told(arguments, message, status):
    with pytest.raises(CommandError, match=message) as raised:
        call_command("cors_import", *arguments)

    assert raised.value.returncode == status


def test_the_report_for_programs_says_what_no_output_can_hold(capsys, tmp_path):
    name = "https://\ud800"
    path = tmp_path / "cors.json"
    plugin = {"name": "cors", "config": {"origins": [name]}}
    path.write_text(json.dumps({"routes": [{"name": "a"}], "plugins": [plugin]}))

    call_command("cors_import", str(path), "--from", "kong", "--into", "acme", "--format", "json")

    report = json.loads(capsys.readouterr().out)
    assert name in report["not_carried_over"][0]["what"]
