"""The command cors_import: tables as people keep them, and the options that explain them."""

import io
import json
import re

import pytest
from django.core.management import CommandError, call_command

from corsadmin.models import Origin, Tenant
from corsadmin.transfer.formats.columns import HEADING
from tests.factories import make_site
from tests.management.imports import refuse, refused, run
from tests.messages.screens import assert_says, filled, pattern

pytestmark = pytest.mark.django_db

TABLE = "Kunde;Domäne;Gültig;Farbe\nAcme Inc.;https://new.acme.example;01.02.2027;rot\n"


@pytest.fixture(autouse=True)
def acme():
    site = make_site("acme")
    Tenant.objects.filter(pk=site.pk).update(name="Acme Inc.")
    return site


@pytest.fixture
def table(tmp_path):
    """Return the file of a German spreadsheet."""
    path = tmp_path / "kunden.csv"
    path.write_bytes(TABLE.encode("cp1252"))
    return path


def test_what_a_column_is_can_be_said(table, acme):
    errors = io.StringIO()

    said = run(table, "--column=Gültig=valid_until", "--time-zone=Europe/Madrid", stderr=errors)

    *named, ignored = said.splitlines()[:4]
    assert [line.split()[1:] for line in named] == [
        ["Kunde", "→", "tenant"],
        ["Domäne", "→", "pattern"],
        ["Gültig", "→", "valid_until"],
    ]
    assert_says(ignored, "command-column-ignored")
    assert " Farbe " in ignored
    assert errors.getvalue() == filled("command-encoding-guessed", encoding="Windows-1252") + "\n"
    assert acme.origins.get().valid_until.isoformat() == "2027-02-01T22:59:00+00:00"


def test_a_quiet_import_says_nothing_of_the_columns(table, acme):
    assert run(table, "--column=Gültig=", verbosity=0) == ""
    assert acme.origins.count() == 1


def test_what_is_not_certain_is_asked(table):
    last, complaints = refuse(table)

    assert re.match(refused(1), last)
    assert "[column-open]" in complaints
    assert not Origin.objects.exists()


def test_the_question_names_the_option(table):
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command("cors_import", str(table), stdout=out, stderr=io.StringIO())

    fields = "valid_from or valid_until"
    assert_says(out.getvalue(), "command-column-open", column="Column Gültig", fields=fields)


def test_a_program_reads_what_the_columns_are(table):
    said = run(table, "--dry-run", "--column=Gültig=", "--format=json", stderr=io.StringIO())

    assert json.loads(said)["columns"] == {
        "Kunde": "tenant",
        "Domäne": "pattern",
        "Gültig": "",
        "Farbe": "",
    }


def test_a_table_of_one_tenant_needs_no_column_for_it(write, acme):
    run(write("URL\nhttps://a.example\nhttps://b.example", "a.csv"), "--into=acme")

    assert acme.origins.count() == 2


def test_only_some_tenants_of_a_table_can_be_imported(write, acme):
    make_site("rival")
    file = write("tenant,pattern\nrival,https://b.example\nacme,https://a.example\n", "a.csv")

    run(file, "--only-tenant=acme")

    assert [(row.tenant, row.pattern) for row in Origin.objects.all()] == [
        (acme, "https://a.example")
    ]


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--column=Kunde", pattern("command-column-option", text="Kunde")),
        (
            "--column=Kunde=customer",
            pattern("command-column-option", text="Kunde=customer", fields=", ".join(HEADING)),
        ),
        ("--column=a\nb=tenant", pattern("command-column-option")),
        ("--time-zone=Europe/Nowhere", pattern("command-no-time-zone", name="Europe/Nowhere")),
        ("--time-zone=../etc", pattern("command-no-time-zone", name="../etc")),
        ("--dates=year-first", "--dates: .*'year-first'"),
    ],
)
def test_what_is_said_wrongly_is_refused(table, option, said):
    with pytest.raises(CommandError, match=said):
        run(table, option)


def test_what_cannot_be_opened_is_refused_as_every_file(write):
    last, complaints = refuse(write("", "a.csv"))

    assert re.match(refused(1), last)
    assert complaints.startswith("line 1: ")
    assert complaints.endswith(" [unreadable]\n")
    assert_says(complaints, "transfer-heading-missing")
