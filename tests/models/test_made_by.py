"""The column that says which pipeline made an entry: added, taken away, and written without it."""

import pytest
from django.core.management import call_command
from django.db import connection

from corsadmin.models import Origin
from tests.factories import OriginFactory, make_site

BEFORE = "0006"
TABLES = ["corsadmin_origin", "corsadmin_historicalorigin"]
LATER = {"made_by", "replaces_id"}  # the columns of the migrations after it


def rows(table):
    """Return every row of a table without the newer columns."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        names = [column[0] for column in cursor.description or ()]
        return [
            {name: value for name, value in zip(names, row, strict=True) if name not in LATER}
            for row in cursor.fetchall()
        ]


@pytest.mark.slow
def test_the_migration_keeps_every_row_forwards_and_back(database):
    site = make_site("acme", origins=["https://a.example"])
    OriginFactory(tenant=site, pattern="https://b.example", made_by="ci", note="kept")
    before = [rows(table) for table in TABLES]

    call_command("migrate", "corsadmin", BEFORE, verbosity=0)
    between = [rows(table) for table in TABLES]
    call_command("migrate", "corsadmin", verbosity=0)

    assert between == before == [rows(table) for table in TABLES]
    assert all(before)
    assert set(Origin.objects.values_list("made_by", flat=True)) == {""}


@pytest.mark.slow
def test_a_process_of_the_version_before_goes_on_writing(database):
    """During a deploy it knows nothing of the column, and names those that it knows."""
    make_site("acme", origins=["https://a.example"])
    known = [
        field.attname
        for field in Origin._meta.concrete_fields
        if field.name not in {"id", "made_by"}
    ]
    values = ", ".join(f"'{column}'" if column == "note" else column for column in known)
    values = values.replace("pattern", "'https://b.example'")

    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO corsadmin_origin ({', '.join(known)}) SELECT {values} FROM corsadmin_origin"
        )

    assert Origin.objects.get(pattern="https://b.example").made_by == ""
