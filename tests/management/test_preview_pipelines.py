"""The pipelines of the docs, run as they are written, with branches that somebody named to do harm."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command

from corsadmin.models import Tenant
from tests.management.entries import entries

pytestmark = pytest.mark.slow

ROOT = Path(settings.BASE_DIR)
PAGE = (ROOT / "docs" / "preview-deployments.md").read_text(encoding="utf-8")
GITHUB, GITLAB = map(
    yaml.safe_load, re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
)
(ACCOUNT,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
JOBS = [*GITHUB["jobs"].values(), GITLAB["allow-preview-origin"], GITLAB["revoke-preview-origin"]]
DOMAIN = "acme-previews.dev"
PREVIEW = f"https://pr-7.{DOMAIN}"


def script(kind, command):
    """Return the one script of a pipeline that runs a command."""
    scripts = [
        text
        for job in JOBS
        for text in [
            *job.get("script", []),
            *(step.get("run", "") for step in job.get("steps", [])),
        ]
        if f" {command} " in text and ("CI_" in text) is (kind == "gitlab")
    ]
    (found,) = scripts
    return found


def run(database, folder, kind, command, origin):
    """Run a script as a runner does; return its exit status."""
    (folder / "python").unlink(missing_ok=True)
    (folder / "python").symlink_to(sys.executable)
    (folder / "manage.py").unlink(missing_ok=True)
    (folder / "manage.py").symlink_to(ROOT / "manage.py")
    ended = subprocess.run(
        ["bash", "-e", "-c", script(kind, command)],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if name != "CI"},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DATABASE_URL": database.url,
            "PREVIEW_ORIGIN": origin,
            "CI_ENVIRONMENT_URL": origin,
            "RUN_URL": "https://forge.example/1",
            "CI_JOB_URL": "https://forge.example/1",
        },
        capture_output=True,
        check=False,
        timeout=120,
    )
    return ended.returncode


@pytest.fixture
def database(sqlite):
    """A database with the tenant of the page and its account, made as the page says."""
    Tenant.objects.create(slug="acme")
    call_command("shell", command=ACCOUNT, verbosity=0)
    return sqlite


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_a_preview_is_allowed_renewed_and_revoked(database, tmp_path, kind):
    allowed = [(PREVIEW, "", "acme-ci", True, False)]

    assert run(database, tmp_path, kind, "cors_allow", PREVIEW) == 0
    assert entries() == allowed
    assert run(database, tmp_path, kind, "cors_allow", PREVIEW) == 0
    assert entries() == allowed
    assert run(database, tmp_path, kind, "cors_revoke", PREVIEW) == 0
    assert entries() == []
    assert run(database, tmp_path, kind, "cors_revoke", PREVIEW) == 0


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param(f"https://$(touch harm).{DOMAIN}", id="a command"),
        pytest.param(f'https://a"; `touch harm`; ".{DOMAIN}', id="double quotes and backticks"),
        pytest.param(f"https://a'\ntouch harm\n'.{DOMAIN}", id="single quotes and line ends"),
        pytest.param(f"https://*.{DOMAIN}", id="a star"),
        pytest.param(f"https://evil.example/.{DOMAIN}", id="another host before a slash"),
        pytest.param("https://evil.example", id="another domain"),
        pytest.param("--no-end", id="an option"),
        pytest.param("--", id="two dashes"),
        pytest.param("", id="nothing"),
    ],
)
@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_no_name_of_a_branch_does_harm(database, tmp_path, kind, origin):
    assert run(database, tmp_path, kind, "cors_allow", origin) == 1
    assert entries() == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["manage.py", "python"]


def test_no_script_holds_what_a_stranger_writes():
    scripts = [
        step["run"] for job in GITHUB["jobs"].values() for step in job["steps"] if "run" in step
    ]

    assert [text for text in scripts if "${{" in text] == []


def test_no_job_runs_for_forks_or_with_the_code_of_a_branch():
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    assert all(own in job["if"] for job in GITHUB["jobs"].values())
    assert "pull_request_target" not in PAGE
    for job in GITHUB["jobs"].values():
        checkout = next(step for step in job["steps"] if "uses" in step)
        assert checkout["with"]["ref"] == "${{ github.event.repository.default_branch }}"
    source = "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID"
    rules = [rule for job in JOBS for rule in job.get("rules", [])]
    assert [source in rule["if"] for rule in rules] == [True, True]
    assert GITLAB[".preview-origin"]["before_script"][:2] == [
        'git fetch --depth 1 origin "$CI_DEFAULT_BRANCH"',
        "git checkout --quiet FETCH_HEAD",
    ]
