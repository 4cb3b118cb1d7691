"""The command cors_import: what it prints, what it writes, how it ends."""

import io
import json
import re
import sys
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from corsadmin.models import Generation, Origin, Tenant
from corsadmin.models.counter import current_generation
from tests.factories import UserFactory, make_site
from tests.management.imports import refuse, refused, run
from tests.messages.screens import assert_says, filled
from tests.transfer.files import acme, document

pytestmark = pytest.mark.django_db

APP = {"pattern": "https://app.acme.example", "credentials": True}


def test_an_import_shows_its_plan_and_applies_it(write):
    printed = run(write(document(acme(name="Acme", origins=[APP]))), reason="OPS-12")

    made = current_generation("default")[0]
    assert printed.splitlines() == [
        '  + acme: tenant: name "Acme"',
        "  + acme: origin https://app.acme.example: credentials true",
        "                added    changed    removed  unchanged",
        "  tenants           1          0          0          0",
        "  hosts             0          0          0          0",
        "  origins           1          0          0          0",
        "  paths             0          0          0          0",
        filled("command-applied", generation=made),
    ]
    assert Origin.history.get().history_change_reason == "Import: OPS-12"


def test_a_second_import_says_that_nothing_is_to_be_changed(write):
    path = write(document(acme()))
    run(path)
    value = current_generation("default")[0]

    (line,) = run(path).splitlines()

    assert_says(line, "command-nothing-to-change", generation=value)
    assert current_generation("default")[0] == value


def test_a_dry_run_says_how_to_apply_exactly_its_plan(write):
    path = write(document(acme()))
    value = current_generation("default")[0]

    printed = run(path, "--dry-run")

    assert f"--expect-generation {value}" in printed.splitlines()[-1]
    assert not Tenant.objects.filter(slug="acme").exists()
    assert_says(run(path, "--expect-generation", value), "command-applied")


def test_an_expected_generation_that_has_passed_is_refused(write):
    path = write(document(acme()))
    value = current_generation("default")[0]
    make_site("rival")
    moved = current_generation("default")[0]

    last, complaints = refuse(path, "--expect-generation", value)

    assert complaints.endswith(" [changed-meanwhile]\n")
    assert f" {moved}." in complaints
    assert re.match(refused(1), last)


def test_prune_and_only_tenant(write):
    make_site("acme", origins=["https://old.example"])
    path = write(document(acme(origins=[APP]), {"slug": "rival"}))

    run(path, "--prune", "--only-tenant", "acme")

    assert Origin.objects.get().pattern == APP["pattern"]
    assert not Tenant.objects.filter(slug="rival").exists()


def test_every_problem_is_told_and_nothing_written(write):
    path = write(document(acme(nme=1, origins=[APP, {"pattern": "https://a.example:443"}])))

    last, complaints = refuse(path)

    assert re.match(refused(2), last)
    *lines, hint = complaints.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "tenants[0].origins[1].pattern (acme)",
        "tenants[0].nme (acme)",
    ]
    assert " https://a.example. [" in lines[0]
    assert_says(hint, "command-fixes-suggested", mendable=2, count=2)
    assert not Origin.objects.exists()


def test_standard_input_is_read_for_a_dash(monkeypatch):
    text = json.dumps(document(acme()))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))

    run("-")

    assert Tenant.objects.filter(slug="acme").exists()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("missing.json", "No such file or directory", id="no file"),
        pytest.param("", "Is a directory", id="a directory"),
        pytest.param("a\0b", "embedded null byte", id="NUL in the name"),
    ],
)
def test_a_file_that_cannot_be_opened_is_told_in_one_sentence(tmp_path, name, reason):
    path = f"{tmp_path}/{name}"

    assert refuse(path) == (filled("command-unreadable", file=path, reason=reason), "")


def test_the_author_is_kept_in_the_history(write):
    user = UserFactory(is_superuser=True)

    run(write(document(acme())), user=user.username)

    assert Tenant.history.get(slug="acme").history_user == user


def test_an_unknown_author_is_refused(write):
    last, complaints = refuse(write(document()), user="nobody")

    assert "nobody" in last
    assert complaints == ""


def test_the_report_for_programs(write):
    path = write(document(acme(origins=[{**APP, "valid_until": "2027-01-31T00:00:00Z"}])))
    value = current_generation("default")[0]

    planned = json.loads(run(path, "--dry-run", "--format", "json"))
    applied = json.loads(run(path, "--format", "json"))

    assert planned == {
        "generation": value,
        "counts": {
            section: {"added": added, "changed": 0, "removed": 0, "unchanged": 0}
            for section, added in {"tenants": 1, "hosts": 0, "origins": 1, "paths": 0}.items()
        },
        "steps": [
            {"sign": "+", "kind": "tenant", "tenant": "acme", "title": "acme", "fields": {}},
            {
                "sign": "+",
                "kind": "origin",
                "tenant": "acme",
                "title": "https://app.acme.example",
                "fields": {
                    "credentials": {"before": None, "after": True},
                    "valid_until": {"before": None, "after": "2027-01-31T00:00:00Z"},
                },
            },
        ],
        "steps_left_out": 0,
        "widened": [],
        "opened_rules": [],
        "impact": [],
        "impact_is_cut": False,
        "applied": False,
        "generation_after": None,
        "fixed": [],
        "problems": [],
    }
    assert applied == {**planned, "applied": True, "generation_after": value + 1}


def test_the_report_for_programs_holds_the_problems(write, capsys):
    path = write(document(acme(origins=[{"pattern": "https://a.example:443"}])))

    with pytest.raises(CommandError, match=refused(1)):
        call_command("cors_import", str(path), "--format", "json")

    report = json.loads(capsys.readouterr().out)
    message = report["problems"][0].pop("message")
    assert report == {
        "applied": False,
        "problems": [
            {
                "place": "tenants[0].origins[0].pattern",
                "tenant": "acme",
                "code": "origin-default-port",
                "value": "https://a.example:443",
                "suggestion": "https://a.example",
            }
        ],
    }
    assert_says(message, "message-write", suggestion="https://a.example")


def test_verbosity_says_how_much_is_printed(write):
    origins = [{"pattern": f"https://a-{number}.example"} for number in range(300)]
    path = write(document(acme(origins=origins)))

    usual = run(path, "--dry-run").splitlines()
    verbose = run(path, "--dry-run", verbosity=2).splitlines()
    quiet = run(path, verbosity=0)

    assert usual[200].strip() == filled("command-more-steps", count=101)
    assert len(verbose) == 301 + 6
    assert quiet == ""
    assert Origin.objects.count() == 300


@pytest.mark.parametrize("verbosity", [pytest.param(1, id="usual"), pytest.param(0, id="quiet")])
def test_a_plan_that_had_to_be_made_anew_is_shown_again(write, verbosity):
    path = write(document(acme(name="Acme")))

    with connection.execute_wrapper(_Interrupter(lambda: make_site(paths=[], name="Old"))):
        printed = run(path, verbosity=verbosity)

    if verbosity:
        assert '  ~ acme: tenant: name "Old" → "Acme"' in printed
    assert Tenant.objects.get(slug="acme").name == "Acme"


def test_a_fresh_database_that_has_moved_is_told_too(write):
    Generation.objects.update(value=0)

    test_a_plan_that_had_to_be_made_anew_is_shown_again(write, 1)


class _Interrupter:
    """Somebody else who is quicker: writes just before the import takes the counter."""

    def __init__(self, write):
        self._writes = [write]

    def __call__(self, execute, sql, *arguments):
        if sql.startswith("UPDATE") and self._writes:
            self._writes.pop()()
        return execute(sql, *arguments)


def test_r53_a_user_is_refused_what_the_admin_would_refuse(write):
    last, complaints = refuse(write(document(acme())), user=UserFactory().username)

    assert re.fullmatch(r".* acme\. \[not-permitted\]\n", complaints)
    assert re.match(refused(1), last)


def test_the_sample_of_the_demo_is_imported():
    sample = settings.BASE_DIR / "project" / "sample" / "policies.json"

    printed = run(sample, "--prune")

    assert_says(printed, "command-applied")
    assert_says(run(sample, "--prune"), "command-nothing-to-change")


def test_help_has_examples(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("cors_import", "--help")

    assert ended.value.code == 0
    assert "manage.py cors_import policies.json --dry-run" in capsys.readouterr().out
