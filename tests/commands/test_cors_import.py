"""The command cors_import: what it prints, what it writes, how it ends."""

import io
import json
import sys
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.db import connection

from corsadmin import generation
from corsadmin.management.screen import Progress
from corsadmin.models import Generation, Origin, Tenant
from corsadmin.transfer.faults import fault
from tests.factories import UserFactory, make_site
from tests.transfer.files import acme, document

pytestmark = pytest.mark.django_db

APP = {"pattern": "https://app.acme.example", "credentials": True}
ENTRY = fault("", "key-missing")


def run(*arguments, **options):
    """Run the command and return what it printed."""
    out = io.StringIO()
    call_command("cors_import", *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def refuse(*arguments, **options):
    """Run the command, which must fail, and return (its last sentence, its complaints)."""
    complaints = io.StringIO()
    with pytest.raises(CommandError) as raised:
        run(*arguments, stderr=complaints, **options)
    assert raised.value.returncode == 1
    return str(raised.value), complaints.getvalue()


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a document to a file and returns its path."""

    def write(content, name="policies.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def test_an_import_shows_its_plan_and_applies_it(write):
    printed = run(write(document(acme(name="Acme", origins=[APP]))), reason="OPS-12")

    made = generation.current("default")[0]
    assert printed.splitlines() == [
        '  + acme: tenant: name "Acme"',
        "  + acme: origin https://app.acme.example: credentials true",
        "                added    changed    removed  unchanged",
        "  tenants           1          0          0          0",
        "  hosts             0          0          0          0",
        "  origins           1          0          0          0",
        "  paths             0          0          0          0",
        f"Applied as generation {made}.",
    ]
    assert Origin.history.get().history_change_reason == "OPS-12"


def test_a_second_import_says_that_nothing_is_to_be_changed(write):
    path = write(document(acme()))
    run(path)
    value = generation.current("default")[0]

    assert run(path) == f"Nothing to change: generation {value} is as the file says.\n"


def test_a_dry_run_says_how_to_apply_exactly_its_plan(write):
    path = write(document(acme()))
    value = generation.current("default")[0]

    printed = run(path, "--dry-run")

    assert printed.splitlines()[-1] == (
        f"Dry run: nothing was written. To apply exactly this, add --expect-generation {value}."
    )
    assert not Tenant.objects.filter(slug="acme").exists()
    assert "Applied" in run(path, "--expect-generation", value)


def test_an_expected_generation_that_has_passed_is_refused(write):
    path = write(document(acme()))
    value = generation.current("default")[0]
    make_site("rival")
    moved = generation.current("default")[0]

    last, complaints = refuse(path, "--expect-generation", value)

    assert complaints == f"The database has moved since: it is at generation {moved}.\n"
    assert last == "1 problem; nothing was written."


def test_prune_and_only_tenant(write):
    make_site("acme", origins=["https://old.example"])
    path = write(document(acme(origins=[APP]), {"slug": "rival"}))

    run(path, "--prune", "--only-tenant", "acme")

    assert Origin.objects.get().pattern == APP["pattern"]
    assert not Tenant.objects.filter(slug="rival").exists()


def test_every_problem_is_told_and_nothing_written(write):
    path = write(document(acme(nme=1, origins=[APP, {"pattern": "https://a.example:443"}])))

    last, complaints = refuse(path)

    assert last == "2 problems; nothing was written."
    assert [line.partition(":")[0] for line in complaints.splitlines()] == [
        "tenants[0].origins[1].pattern",
        "tenants[0].nme",
    ]
    assert "Write https://a.example." in complaints
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

    assert refuse(path) == (f"{path} cannot be read: {reason}.", "")


def test_the_author_is_kept_in_the_history(write):
    user = UserFactory(is_superuser=True)

    run(write(document(acme())), user=user.username)

    assert Tenant.history.get(slug="acme").history_user == user


def test_an_unknown_author_is_refused(write):
    assert refuse(write(document()), user="nobody") == ("There is no user nobody.", "")


def test_the_report_for_programs(write):
    path = write(document(acme(origins=[{**APP, "valid_until": "2027-01-31T00:00:00Z"}])))
    value = generation.current("default")[0]

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
        "applied": False,
        "generation_after": None,
        "fixed": [],
        "problems": [],
    }
    assert applied == {**planned, "applied": True, "generation_after": value + 1}


def test_the_report_for_programs_holds_the_problems(write, capsys):
    path = write(document(acme(origins=[{"pattern": "https://a.example:443"}])))

    with pytest.raises(CommandError, match="1 problem; nothing was written"):
        call_command("cors_import", str(path), "--format", "json")

    report = json.loads(capsys.readouterr().out)
    message = report["problems"][0].pop("message")
    assert report == {
        "applied": False,
        "problems": [
            {
                "place": "tenants[0].origins[0].pattern",
                "code": "origin-default-port",
                "value": "https://a.example:443",
                "suggestion": "https://a.example",
            }
        ],
    }
    assert message.endswith("Write https://a.example.")


def test_verbosity_says_how_much_is_printed(write):
    origins = [{"pattern": f"https://a-{number}.example"} for number in range(300)]
    path = write(document(acme(origins=origins)))

    usual = run(path, "--dry-run").splitlines()
    verbose = run(path, "--dry-run", verbosity=2).splitlines()
    quiet = run(path, verbosity=0)

    assert usual[200] == "  … and 101 more (--verbosity 2 shows all)"
    assert len(verbose) == 301 + 6
    assert quiet == ""
    assert Origin.objects.count() == 300


@pytest.mark.parametrize("verbosity", [pytest.param(1, id="usual"), pytest.param(0, id="quiet")])
def test_a_plan_that_had_to_be_made_anew_is_shown_again(write, verbosity):
    path = write(document(acme(name="Acme")))

    with connection.execute_wrapper(_Interrupter(lambda: make_site(paths=[], name="Old"))):
        printed = run(path, verbosity=verbosity)

    if verbosity:
        assert "Somebody changed the database meanwhile. The plan is now:" in printed
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

    assert f"Wrote 1 rejected rows to {rejects}.\n" in told.getvalue()
    assert "Rejected tenants[0].hosts[0]: " in told.getvalue()
    assert rejects.stat().st_mode & 0o777 == 0o600
    assert json.loads(rejects.read_text())["tenants"][0]["hosts"] == ["A.example"]
    last, _complaints = refuse(path, "--skip-invalid")
    assert last == (
        f"{rejects} exists. Name another file with --rejects, or --force to replace it."
    )
    run(path, "--skip-invalid", "--force", verbosity=0)
    run(path, "--skip-invalid", rejects=str(tmp_path / "other.json"), stderr=told)
    assert (tmp_path / "other.json").exists()


def test_nothing_is_imported_when_the_rejects_cannot_be_written(write, tmp_path):
    path = write(document(acme(hosts=["A.example"])))

    last, _complaints = refuse(path, "--skip-invalid", rejects=f"{tmp_path}/nowhere/x.json")

    assert last.endswith("No such file or directory. Nothing was imported.")
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


def test_r53_a_user_is_refused_what_the_admin_would_refuse(write):
    last, complaints = refuse(write(document(acme())), user=UserFactory().username)

    assert complaints == "You may not do this: change the tenant acme.\n"
    assert last == "1 problem; nothing was written."


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_how_far_the_reading_is():
    terminal, file = Terminal(), io.BytesIO(b"x" * 100)
    seconds = iter([0, 1, 1.1, 2])
    progress = Progress(OutputWrapper(terminal), file, lambda: next(seconds))

    for _entry in progress([ENTRY] * 3):
        file.read(25)

    lines = [line.rstrip() for line in terminal.getvalue().split("\r") if line.strip()]
    assert lines == ["1 rows, 1 a second, 3 s left", "3 rows, 2 a second, 1 s left"]
    assert terminal.getvalue().endswith("\r")


def test_a_terminal_is_not_bothered_by_a_short_file():
    terminal = Terminal()

    assert len(list(Progress(OutputWrapper(terminal), io.BytesIO())([ENTRY]))) == 1
    assert terminal.getvalue() == ""


def test_the_time_left_of_standard_input_is_not_known():
    terminal, seconds = Terminal(), iter([0, 1])
    progress = Progress(OutputWrapper(terminal), _Pipe(b"x"), lambda: next(seconds))

    assert list(progress([ENTRY])) == [ENTRY]
    assert terminal.getvalue().startswith("\r1 rows, 1 a second ")


class _Pipe(io.BytesIO):
    def seekable(self):
        return False


def test_the_sample_of_the_demo_is_imported():
    sample = settings.BASE_DIR / "project" / "sample" / "policies.json"

    printed = run(sample, "--prune")

    assert "Applied" in printed
    assert run(sample, "--prune").startswith("Nothing to change")


def test_help_has_examples(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("cors_import", "--help")

    assert ended.value.code == 0
    assert "manage.py cors_import policies.json --dry-run" in capsys.readouterr().out
