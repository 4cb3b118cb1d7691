"""On each database: whole files, two writers at once, and ends that come too early."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections

from corsadmin.models import Origin, PathRule, Tenant, TenantHost, generation
from corsadmin.models.counter import current_generation
from tests.messages.screens import pattern, text
from tests.transfer.files import acme, document, export, run_import
from tests.transfer.realistic import make_file

ROOT = Path(settings.BASE_DIR)


def counts():
    return [model.objects.count() for model in (Tenant, TenantHost, Origin, PathRule)]


def cors_import(path, *arguments):
    """Run the command and return its report."""
    out = io.StringIO()
    call_command("cors_import", str(path), *arguments, "--format", "json", stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.slow
def test_a_realistic_file_goes_all_the_way(database, tmp_path):
    content, expected = make_file(seed=2026, tenants=200)
    path, out = _written(tmp_path / "policies.json", content), io.StringIO()
    assert expected.mendable > 50
    assert expected.hopeless > 50

    # It is refused as it is, and every problem is told.
    with pytest.raises(CommandError):
        call_command("cors_import", str(path), "--format", "json", stdout=out)
    problems = json.loads(out.getvalue())["problems"]
    assert len(problems) == expected.mendable + expected.hopeless
    assert sum(bool(problem["suggestion"]) for problem in problems) == expected.mendable
    assert counts() == [1, 0, 0, 0]

    # Fixed, without what is hopeless: the dry run says what then happens.
    options = ("--fix", "--skip-invalid")
    planned = cors_import(path, *options, "--dry-run")
    applied = cors_import(path, *options, "--expect-generation", planned["generation"])
    origins = expected.origins + expected.mendable
    assert planned["counts"] == applied["counts"]
    assert {name: found["added"] for name, found in applied["counts"].items()} == {
        "tenants": expected.tenants,
        "hosts": expected.hosts,
        "origins": origins,
        "paths": expected.paths,
    }
    assert len(applied["fixed"]) >= expected.mendable
    assert len(applied["problems"]) == expected.hopeless
    assert counts() == [expected.tenants + 1, expected.hosts, origins, expected.paths]
    assert Origin.history.count() == origins
    _comes_back(tmp_path, applied["generation_after"])
    assert cors_import(path, *options, "--force")["steps"] == []
    _mend_the_rejects(tmp_path, expected.hopeless)


def _comes_back(tmp_path, made):
    """What was exported, in each format, changes nothing."""
    for name in ("json", "yaml", "csv", "xlsx"):
        copy = tmp_path / f"copy.{name}"
        call_command("cors_export", "--format", name, "--output", str(copy), verbosity=0)
        again = cors_import(copy, "--prune")
        assert again["steps"] == []
        assert again["generation_after"] == made


def _mend_the_rejects(tmp_path, hopeless):
    """The rejected rows, mended, are the rest of the file."""
    rejects = json.loads((tmp_path / "policies.rejects.json").read_text())
    rows = [row for tenant in rejects["tenants"] for row in tenant["origins"]]
    assert len(rows) == hopeless
    for number, row in enumerate(rows):
        row["pattern"] = f"https://mended-{number}.example"
    mended = _written(tmp_path / "mended.json", rejects)
    assert cors_import(mended)["counts"]["origins"]["added"] == hopeless


@pytest.mark.slow
def test_changes_and_removals_of_many_rows(database):
    content, expected = make_file(seed=7, tenants=30, wrong=0)
    run_import(content)
    text = export()
    for tenant in content["tenants"]:
        tenant["note"] += "!"
        tenant["origins"] = [
            {**row, "credentials": not row["credentials"], "note": "changed"}
            for row in tenant["origins"][1:]
        ]

    lines, made = run_import(content, prune=True)

    removed, changed = expected.tenants, expected.origins - expected.tenants
    assert sum(line.startswith("- ") for line in lines) == removed
    assert sum(line.startswith("~ ") for line in lines) == changed + expected.tenants
    assert Origin.objects.filter(note="changed").count() == Origin.objects.count() == changed
    assert Tenant.objects.filter(generation=made).count() == expected.tenants
    assert Origin.history.filter(history_type="-").count() == removed
    assert Origin.history.filter(history_type="~", note="changed").count() == changed
    run_import(text, prune=True)
    assert export() == text


def test_r55_two_imports_at_once_come_one_after_the_other(database, tmp_path):
    names = [f"tenant-{number}" for number in range(50)]
    before = current_generation("default")[0]
    paths = []
    for who in ("first", "second"):
        path = tmp_path / f"{who}.json"
        tenants = [
            {"slug": name, "name": who, "origins": [{"pattern": "https://a.example"}]}
            for name in names
        ]
        path.write_text(json.dumps(document(*tenants)))
        paths.append(path)
    together = threading.Barrier(2)

    def work(path):
        try:
            together.wait(30)
            call_command("cors_import", str(path), verbosity=0)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        for ended in [pool.submit(work, path) for path in paths]:
            ended.result(60)

    assert Origin.objects.count() == len(names)
    assert current_generation("default")[0] == before + 2
    # One of them won as a whole.
    (winner,) = set(Tenant.objects.filter(slug__in=names).values_list("name", flat=True))
    assert Tenant.history.filter(history_type="~", name=winner).count() == len(names)


def test_a_dry_run_waits_for_nobody(database, tmp_path):
    path = _written(tmp_path / "policies.json", document(acme(paths=[{"path": "/a"}])))
    reports = []

    def look():
        try:
            reports.append(cors_import(path, "--dry-run"))
        finally:
            connections.close_all()

    with generation.change("default"):
        Tenant.objects.create(slug="somebody-writes")
        thread = threading.Thread(target=look)
        thread.start()
        thread.join(10)
        is_done = not thread.is_alive()
    thread.join(30)

    assert is_done
    assert reports[0]["counts"]["tenants"]["added"] == 1


CHILD = """
import os, signal, sys, django
django.setup()
from django.core.management import call_command
from django.db import connection

def die(execute, sql, *arguments):
    result = execute(sql, *arguments)
    if sql.startswith("INSERT INTO") and "corsadmin_pathrule" in sql:
        os.kill(os.getpid(), signal.SIGKILL)
    return result

with connection.execute_wrapper(die):
    call_command("cors_import", sys.argv[1])
"""


def run_child(script, path, database):
    """Run a script in a process of its own, with a file and a database."""
    settings = {"DATABASE_URL": database.url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    return subprocess.run(
        [sys.executable, "-c", script, str(path)],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        check=False,
    )


@pytest.mark.slow
def test_an_import_that_is_killed_leaves_nothing_behind(database, tmp_path):
    path = tmp_path / "policies.json"
    content, _expected = make_file(seed=1, tenants=20, wrong=0)
    path.write_text(json.dumps(content))
    before = current_generation("default"), counts()

    ended = run_child(CHILD, path, database)

    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert (current_generation("default"), counts()) == before
    call_command("cors_import", str(path), verbosity=0)
    assert counts() != before[1]


def test_an_import_that_is_interrupted_leaves_nothing_behind(database, tmp_path):
    path = _written(tmp_path / "policies.json", document(acme(paths=[{"path": "/a"}])))
    before = current_generation("default"), counts()

    def interrupt(execute, sql, *arguments):
        if sql.startswith("INSERT INTO") and "corsadmin_pathrule" in sql:
            raise KeyboardInterrupt
        return execute(sql, *arguments)

    said = pattern("command-interrupted", result=text("command-nothing-written"))
    with (
        connection.execute_wrapper(interrupt),
        pytest.raises(CommandError, match=said) as raised,
    ):
        call_command("cors_import", str(path), verbosity=0)

    assert raised.value.returncode == 130
    assert (current_generation("default"), counts()) == before


LIMITED = """
import os, resource, sys, django
resource.setrlimit(resource.RLIMIT_AS, (512 * 2**20, 512 * 2**20))
django.setup()
from django.core.management import call_command
with open(os.devnull, "w") as nowhere:
    call_command("cors_import", sys.argv[1], stdout=nowhere)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("database", "suffix"),
    [("sqlite", "json"), ("postgresql", "csv")],  # each reader once, and each database
    indirect=["database"],
)
def test_r52_many_rows_of_one_tenant_need_little_memory(database, tmp_path, suffix):
    path = tmp_path / f"policies.{suffix}"
    patterns = [f"https://app-{number}.acme.example" for number in range(100_000)]
    call_command("cors_import", str(_written(tmp_path / "acme.json", document(acme()))))
    if suffix == "csv":
        path.write_text("tenant,pattern\n" + "".join(f"acme,{pattern}\n" for pattern in patterns))
    else:
        _written(path, document(acme(origins=[{"pattern": pattern} for pattern in patterns])))

    ended = run_child(LIMITED, path, database)

    assert ended.returncode == 0, ended.stderr.decode()
    assert Origin.objects.count() == Origin.history.count() == len(patterns)


def _written(path, content):
    path.write_text(json.dumps(content))
    return path
