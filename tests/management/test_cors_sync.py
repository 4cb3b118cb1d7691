"""The command cors_sync: files are the truth for the tenants they name."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from corsadmin.models import Origin, Tenant
from corsadmin.models.counter import current_generation
from tests.factories import UserFactory, make_site
from tests.management.imports import refused
from tests.messages.screens import assert_says, pattern
from tests.transfer.files import acme, document

pytestmark = pytest.mark.django_db

APP = {"pattern": "https://app.acme.example"}


def run(*arguments, **options):
    """Run the command and return what it printed."""
    out = io.StringIO()
    call_command("cors_sync", *map(str, arguments), stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a file for each of two tenants, and files that are none of ours."""
    (tmp_path / "acme.json").write_text(json.dumps(document(acme(origins=[APP]))))
    (tmp_path / "rival.yaml").write_text("version: 1\ntenants: [{slug: rival, name: Rival}]\n")
    (tmp_path / "README.md").write_text("# Policies")
    (tmp_path / ".hidden.json").write_text("{")
    for name in (".git", "..data"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{")
    (tmp_path / "again").symlink_to(tmp_path)
    return tmp_path


def test_a_folder_is_one_input_and_what_it_lacks_is_removed(folder):
    make_site("acme", origins=["https://old.example"], name="")
    make_site("third", origins=["https://third.example"])
    before = current_generation("default")[0]

    printed = run(folder, reason="OPS-12")

    assert "  - acme: origin https://old.example\n" in printed
    assert "  + rival: tenant: name" in printed
    assert current_generation("default")[0] == before + 1
    assert sorted(Origin.objects.values_list("pattern", flat=True)) == [
        "https://app.acme.example",
        "https://third.example",
    ]
    assert Tenant.history.get(slug="rival").history_change_reason == "Import: OPS-12"


def test_folders_in_a_folder_are_part_of_it(folder):
    europe = folder / "europe"
    europe.mkdir()
    (europe / "globex.json").write_text(json.dumps(document({"slug": "globex"})))

    run(folder)

    assert sorted(Tenant.objects.values_list("slug", flat=True)) == [
        "acme",
        "globex",
        "platform",
        "rival",
    ]


def test_check_tells_a_difference_and_writes_nothing(folder):
    before = current_generation("default")
    out = io.StringIO()

    with pytest.raises(CommandError) as raised:
        call_command("cors_sync", str(folder), "--check", stdout=out)

    assert raised.value.returncode == 1
    assert "  + acme: origin https://app.acme.example\n" in out.getvalue()
    assert current_generation("default") == before


def test_a_dry_run_tells_a_difference_and_is_content(folder):
    before = current_generation("default")

    printed = run(folder, "--dry-run")

    assert "  + acme: origin https://app.acme.example\n" in printed
    assert current_generation("default") == before


def test_check_is_content_when_nothing_differs(folder):
    run(folder)

    assert_says(run(folder, "--check"), "command-nothing-to-change")


def test_problems_name_their_file(folder, tmp_path):
    (folder / "rival.yaml").write_text("version: 1\ntenants: [{slug: acme}]\n")
    (folder / "broken.json").write_text("{")
    errors = io.StringIO()

    with pytest.raises(CommandError, match=refused(3)):
        run(folder, tmp_path / "missing.json", stderr=errors)

    broken, missing, repeated = errors.getvalue().splitlines()
    assert broken.startswith(f"{folder / 'broken.json'}: line 1, column 2: ")
    assert missing.startswith(f"{tmp_path / 'missing.json'}: ")
    assert repeated.startswith(f"{folder / 'rival.yaml'}: tenants[0] (acme): ")


@pytest.mark.parametrize(
    ("names", "named"),
    [
        pytest.param([], "command-empty-folder", id="an empty folder"),
        pytest.param(["a.csv", "b.json"], "command-one-sort-only", id="tables and documents"),
    ],
)
def test_what_cannot_be_one_input_is_refused(tmp_path, names, named):
    for name in names:
        (tmp_path / name).touch()

    with pytest.raises(CommandError, match=pattern(named)):
        run(tmp_path)


def test_tables_are_the_truth_for_origins_only(tmp_path):
    site = make_site("acme", origins=["https://old.example"])
    path = tmp_path / "origins.csv"
    path.write_text("tenant,pattern\nacme,https://app.acme.example\n")

    run(path)

    assert site.origins.get().pattern == "https://app.acme.example"
    assert site.paths.exists()


def test_a_user_is_refused_what_the_admin_would_refuse(folder):
    with pytest.raises(CommandError, match=refused(2)):
        run(folder, user=UserFactory().username, stderr=io.StringIO())


def test_the_report_for_programs(folder):
    report = json.loads(run(folder, "--format", "json"))

    assert report["applied"] is True
    assert report["counts"]["tenants"]["added"] == 2
