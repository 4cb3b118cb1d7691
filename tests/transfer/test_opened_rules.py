"""What a plan says of path rules that it opens to listed origins."""

import json

import pytest

from tests.factories import make_site
from tests.management.imports import run
from tests.transfer.files import acme, document

pytestmark = pytest.mark.django_db

PATH = "/api/admin/"
GUARDED = {"path": PATH, "exclusive": True}
ECHOING = {"path": PATH, "credentials": True, "request_headers": ["*"]}
NAMED = {"path": PATH, "credentials": True, "request_headers": ["x-a"]}
OPENED = {"tenant": "acme", "path": PATH, "why": "not-exclusive"}
ECHO = {"tenant": "acme", "path": PATH, "why": "echo"}


@pytest.fixture
def planned(tmp_path):
    """Plan that acme has these rules instead of those, and return the report."""

    def plan(stored, rules, *options):
        make_site("acme", paths=stored)
        path = tmp_path / "policies.json"
        path.write_text(json.dumps(document(acme(paths=rules))))
        return run(path, "--dry-run", *options)

    return plan


@pytest.mark.parametrize(
    ("stored", "rules", "expected"),
    [
        pytest.param([GUARDED], [{**GUARDED, "exclusive": False}], [OPENED], id="made ordinary"),
        pytest.param([GUARDED], [{**GUARDED, "enabled": False}], [OPENED], id="disabled"),
        pytest.param([GUARDED], [], [OPENED], id="removed"),
        pytest.param([GUARDED], [{**GUARDED, "note": "x"}], [], id="stays exclusive"),
        pytest.param(
            [{**GUARDED, "enabled": False}], [], [], id="was disabled and exclusive, and is removed"
        ),
        pytest.param([], [ECHOING], [ECHO], id="a new rule echoes"),
        pytest.param([NAMED], [ECHOING], [ECHO], id="a rule begins to echo"),
        pytest.param(
            [ECHOING], [{**ECHOING, "methods": ["*"]}], [ECHO], id="echoes a second list as well"
        ),
        pytest.param(
            [{**ECHOING, "enabled": False}],
            [{**ECHOING, "enabled": True}],
            [ECHO],
            id="an echoing rule is enabled",
        ),
        pytest.param([ECHOING], [{**ECHOING, "note": "x"}], [], id="echoed before"),
        pytest.param([ECHOING], [NAMED], [], id="no longer echoes"),
        pytest.param([], [{**ECHOING, "enabled": False}], [], id="a new rule that is disabled"),
        pytest.param(
            [{**GUARDED, "credentials": True}],
            [{**ECHOING, "exclusive": False}],
            [OPENED, ECHO],
            id="both at once",
        ),
    ],
)
def test_a_plan_names_the_rules_that_it_opens(planned, stored, rules, expected):
    report = json.loads(planned(stored, rules, "--prune", "--format", "json"))

    assert report["opened_rules"] == expected


def test_each_has_a_line_of_its_own_at_the_end_of_the_plan(planned):
    lines = planned([{**GUARDED, "credentials": True}], [{**ECHOING, "exclusive": False}])

    marked = [line for line in lines.splitlines() if line.startswith("  ! ")]
    assert [(line.count("acme"), line.count(PATH)) for line in marked] == [(1, 1), (1, 1)]


def test_a_table_of_origins_opens_no_rule(tmp_path):
    make_site("acme", paths=[GUARDED])
    path = tmp_path / "origins.csv"
    path.write_text("tenant,pattern\nacme,https://app.acme.example\n")

    assert json.loads(run(path, "--dry-run", "--format", "json"))["opened_rules"] == []
