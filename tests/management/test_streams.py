"""Files that cannot be read and outputs that take no more: each command ends in a sentence."""

import errno
import json
import os
import sys

import pytest
from django.core.management import CommandError, call_command

from corsadmin.convert.routes import MAX_PATHS
from corsadmin.management.exit_codes import UNREAD
from tests.factories import make_site
from tests.management.imports import refused
from tests.messages.screens import pattern, says
from tests.transfer.files import acme, document

pytestmark = pytest.mark.django_db

EXPLAIN = ["--host=acme.example.net", "--path=/api/", "--origin=https://a.example"]
COMMANDS = {
    "cors_check": (["cors_check"], 2),
    "cors_check for a program": (["cors_check", "--format=json"], 2),
    "cors_explain": (["cors_explain", *EXPLAIN], 2),
    "cors_explain for a program": (["cors_explain", *EXPLAIN, "--format=json"], 2),
    "cors_audit": (["cors_audit", "origins"], 1),
    "cors_export": (["cors_export"], 1),
    "cors_export of a table": (["cors_export", "--format=csv"], 1),
    "cors_import": (["cors_import", "{file}"], 1),
    "cors_import of nothing new": (["cors_import", "{file}", "--dry-run"], 1),
    "cors_import for a program": (["cors_import", "{file}", "--format=json"], 1),
    "cors_import that is refused": (["cors_import", "{wrong}", "--format=json"], 1),
    "cors_sync": (["cors_sync", "{file}"], 1),
    "cors_sync that checks": (["cors_sync", "{file}", "--check"], 1),
}
READERS = {
    "cors_import": ["cors_import"],
    "cors_import of a table": ["cors_import", "--input-format=csv"],
    "cors_import of YAML": ["cors_import", "--input-format=yaml"],
    "cors_import of a workbook": ["cors_import", "--input-format=xlsx"],
    "cors_import from S3": ["cors_import", "--from=s3", "--into=acme"],
    "cors_import from nginx": ["cors_import", "--from=nginx", "--into=acme"],
    "cors_import from Kong": ["cors_import", "--from=kong", "--into=acme"],
    "cors_import from Flask": ["cors_import", "--from=flask-cors", "--into=acme"],
    "cors_sync": ["cors_sync"],
}


def full():
    return open("/dev/full", "w")  # noqa: PTH123 (a device; the test closes it)


def closed():
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "w")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("open_output", "said"),
    [
        pytest.param(full, os.strerror(errno.ENOSPC), id="full"),
        pytest.param(closed, UNREAD, id="closed"),
    ],
)
@pytest.mark.parametrize(("arguments", "status"), COMMANDS.values(), ids=COMMANDS)
def test_s8_an_output_that_takes_no_more(tmp_path, open_output, said, arguments, status):
    make_site("acme", origins=["https://app.acme.example"])
    files = {"file": tmp_path / "right.json", "wrong": tmp_path / "wrong.json"}
    files["file"].write_text(json.dumps(document(acme(name="Other"))))
    files["wrong"].write_text(json.dumps(document(acme(name=1))))
    given = [argument.format(**files) for argument in arguments]

    with open_output() as out, pytest.raises(CommandError) as raised:
        call_command(*given, stdout=out)

    assert said in str(raised.value)
    assert raised.value.returncode == status


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda folder: "/proc/self/mem", id="a read error in mid-file"),
        pytest.param(lambda folder: f"{folder}/nothing.json", id="a file that is not there"),
        pytest.param(lambda folder: f"{folder}/x/../nothing", id="a folder that is not there"),
        pytest.param(lambda folder: "/dev/null", id="an empty file"),
        pytest.param(lambda folder: f"{folder}/a\0b", id="a name that no file has"),
    ],
)
@pytest.mark.parametrize("arguments", READERS.values(), ids=READERS)
def test_s8_a_file_that_cannot_be_read(tmp_path, capsys, arguments, make):
    make_site("acme")

    with pytest.raises(CommandError) as raised:
        call_command(*arguments, make(tmp_path))

    assert raised.value.returncode == 1
    complaints = capsys.readouterr().err
    assert says(str(raised.value), "command-unreadable") or " [unreadable]\n" in complaints


def test_s8_a_folder_is_not_a_file(tmp_path):
    for arguments in READERS.values():
        with pytest.raises(CommandError):
            call_command(*arguments, str(tmp_path))


@pytest.mark.slow
def test_s8_more_problems_than_are_kept_end_in_a_sentence(tmp_path, capsys):
    path = tmp_path / "many.csv"
    path.write_text("tenant,pattern\n" + "a\n" * 11_000)

    with pytest.raises(CommandError, match=refused(10_001)):
        call_command("cors_import", str(path))

    last = capsys.readouterr().err.splitlines()[-1]
    assert "10,000" in last
    assert last.endswith(" [too-many-problems]")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("def", id="a syntax error"),
        pytest.param("1 / 0", id="an error"),
        pytest.param("raise SystemExit(3)", id="an exit"),
        pytest.param("import corsadmin.nothing", id="a module that is not there"),
    ],
)
def test_s8_a_settings_module_that_fails_ends_in_a_sentence(tmp_path, monkeypatch, text):
    (tmp_path / "failing_settings.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "failing_settings", raising=False)

    with pytest.raises(
        CommandError, match=pattern("command-unreadable", file="failing_settings")
    ) as raised:
        call_command("cors_import", "--from=django-cors-headers", "failing_settings", "--into=acme")

    assert raised.value.returncode == 1


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (1_000_000, pattern("convert-kong-without-routes")),
        (1_000_001, pattern("convert-too-many-characters", count="1,000,000")),
    ],
)
def test_files_of_other_programs_are_read_up_to_a_bound(tmp_path, length, said):
    path = tmp_path / "kong.yaml"
    path.write_text("a: 1\n#".ljust(length, "x"))

    with pytest.raises(CommandError, match=said):
        call_command("cors_import", "--from=kong", str(path), "--into=acme")


def test_too_many_paths_of_another_program_end_in_a_sentence(tmp_path):
    path = tmp_path / "resources.json"
    options = {"origins": ["https://a.example"]}
    path.write_text(json.dumps({f"/{number}": options for number in range(MAX_PATHS + 1)}))

    with pytest.raises(CommandError, match=pattern("convert-too-many-paths", count="1,000")):
        call_command("cors_import", "--from=flask-cors", str(path), "--into=acme")
