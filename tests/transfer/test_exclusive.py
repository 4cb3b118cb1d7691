"""Exclusive rules in files: a key like the others, in every format that holds path rules."""

import io

import pytest
from django.core.management import call_command

from corsadmin.models import PathRule
from tests.factories import make_site
from tests.messages.screens import assert_says
from tests.transfer.files import acme, document, faults_of, run_import

pytestmark = pytest.mark.django_db

ADMIN = {"path": "/api/admin/", "exclusive": True}


def is_exclusive(path="/api/admin/"):
    return PathRule.objects.get(path=path).exclusive


def test_a_new_rule_is_ordinary_unless_the_file_says_otherwise():
    run_import(document(acme(paths=[{"path": "/api/"}, ADMIN])))

    assert (is_exclusive("/api/"), is_exclusive()) == (False, True)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param({}, True, id="the file does not say"),
        pytest.param({"exclusive": False}, False, id="the file says no"),
    ],
)
def test_a_stored_rule_stays_exclusive_unless_the_file_says_otherwise(written, expected):
    make_site("acme", paths=[ADMIN])

    lines, _made = run_import(
        document(acme(paths=[{"path": "/api/admin/", "note": "x", **written}]))
    )

    assert is_exclusive() is expected
    assert any("exclusive true → false" in line for line in lines) is not expected


@pytest.mark.parametrize(
    ("stored", "rule"),
    [
        pytest.param([], {**ADMIN, "any_origin": True}, id="both in a new rule"),
        pytest.param([ADMIN], {"path": "/api/admin/", "any_origin": True}, id="one is stored"),
    ],
)
def test_exclusive_with_any_origin_is_a_fault_at_its_place(stored, rule):
    make_site("acme", paths=stored)

    assert faults_of(document(acme(paths=[rule]))) == [
        ("tenants[0].paths[0].exclusive", "exclusive-with-any-origin")
    ]


@pytest.mark.parametrize("format_", ["json", "yaml"])
def test_export_and_import_change_nothing(format_, tmp_path, capsys):
    make_site(
        "acme",
        origins=[{"pattern": "https://own.example", "scope": "/api/admin/{$}"}],
        paths=[ADMIN, {"path": "/api/{$}"}],
    )
    out = io.StringIO()
    call_command("cors_export", "--format", format_, stdout=out)
    file = tmp_path / f"policies.{format_}"
    file.write_text(out.getvalue(), "utf-8")

    call_command("cors_import", str(file), "--prune")

    assert_says(capsys.readouterr().out, "command-nothing-to-change")
    assert is_exclusive()
