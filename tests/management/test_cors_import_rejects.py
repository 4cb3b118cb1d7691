"""The command cors_import: what is mended, and what is rejected and goes to a file."""

import errno
import io
import json
import os
import re
import sys
from types import SimpleNamespace

import pytest
from django.core.management import CommandError

from corsadmin.models import Tenant
from tests.management.imports import refuse, run
from tests.messages.screens import assert_says, text
from tests.transfer.files import acme, document

pytestmark = pytest.mark.django_db


def test_suggestions_can_be_accepted(write):
    printed = run(write(document(acme(hosts=["A.example"]))), "--fix")

    assert printed.startswith("Fixed tenants[0].hosts[0]: A.example → a.example\n")
    assert Tenant.objects.get(slug="acme").hosts.get().host == "a.example"


def test_what_is_rejected_goes_to_a_file_beside(write, tmp_path):
    path = write(document(acme(hosts=["A.example", "b.example"])))
    rejects = tmp_path / "policies.rejects.json"
    told = io.StringIO()

    assert "+ acme: host b.example" in run(path, "--skip-invalid", "--dry-run", stderr=told)
    assert not rejects.exists()
    run(path, "--skip-invalid", stderr=told)

    rows = text("command-rejected-row")
    assert_says(told.getvalue(), "command-rejects-written", rows=rows, file=rejects)
    assert "Rejected tenants[0].hosts[0] (acme): " in told.getvalue()
    assert rejects.stat().st_mode & 0o777 == 0o600
    assert json.loads(rejects.read_text())["tenants"][0]["hosts"] == ["A.example"]
    last, _complaints = refuse(path, "--skip-invalid")
    assert re.match(f"{rejects} .*--rejects.*--force", last)
    run(path, "--skip-invalid", "--force", verbosity=0)
    run(path, "--skip-invalid", rejects=str(tmp_path / "other.json"), stderr=told)
    assert (tmp_path / "other.json").exists()


def test_half_of_a_character_is_kept_with_what_is_rejected(write, tmp_path):
    note = "half \ud800 of"
    origins = [{"pattern": "https://ok.example"}, {"pattern": "https://a.example", "note": note}]

    run(write(json.dumps(document(acme(origins=origins)))), "--skip-invalid", stderr=io.StringIO())

    kept = json.loads((tmp_path / "policies.rejects.json").read_text())
    assert kept["tenants"][0]["origins"][0]["note"] == note
    assert Tenant.objects.get(slug="acme").origins.get().pattern == "https://ok.example"


def test_nothing_is_imported_when_the_rejects_cannot_be_written(write, tmp_path):
    path = write(document(acme(hosts=["A.example"])))

    last, _complaints = refuse(path, "--skip-invalid", rejects=f"{tmp_path}/nowhere/x.json")

    reason = os.strerror(errno.ENOENT)
    assert_says(last, "command-unwritable-import", reason=reason)
    assert not Tenant.objects.filter(slug="acme").exists()


def test_no_file_is_written_when_nothing_is_rejected(write, tmp_path):
    run(write(document(acme())), "--skip-invalid")

    assert [path.name for path in tmp_path.iterdir()] == ["policies.json"]


def test_rejects_of_standard_input_have_a_name_of_their_own(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    text = json.dumps(document(acme(hosts=["A.example"])))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))

    run("-", "--skip-invalid", stderr=io.StringIO())

    assert (tmp_path / "rejects.json").exists()


def test_rows_that_are_skipped_must_not_be_pruned(write):
    with pytest.raises(CommandError, match="not allowed with argument"):
        run(write(document()), "--skip-invalid", "--prune")
