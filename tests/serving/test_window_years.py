"""The years of a window, bounded in the database: what raw SQL can write, every page can show."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction

from corsadmin.models import Origin
from tests.factories import make_site
from tests.serving.databases import Database
from tests.serving.snapshots import execute

FIRST, LAST = "0002-01-01 00:00:00+00:00", "9998-12-31 23:59:59+00:00"
TOO_EARLY, TOO_LATE = "0001-12-31 23:59:59+00:00", "9999-01-01 00:00:00+00:00"
VERY_LATE = "9999-12-31 23:59:59+00:00"
PATTERN = "https://app.example.com"
BEGINNING, BEFORE_END = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)


def write(
    table: str, valid_from: str | None, valid_until: str | None, pattern: str = PATTERN
) -> None:
    """Write a window as raw SQL does."""
    execute(
        f"UPDATE {table} SET valid_from = %s, valid_until = %s WHERE pattern = %s",
        valid_from,
        valid_until,
        pattern,
    )


@pytest.mark.parametrize(
    ("valid_from", "valid_until"),
    [
        pytest.param(None, TOO_LATE, id="an end too late"),
        pytest.param(None, TOO_EARLY, id="an end too early"),
        pytest.param(TOO_EARLY, None, id="a beginning too early"),
        pytest.param(TOO_LATE, VERY_LATE, id="both too late"),
    ],
)
def test_raw_sql_writes_no_year_that_a_page_cannot_show(
    database: Database, valid_from: str | None, valid_until: str | None
) -> None:
    make_site(origins=[PATTERN])
    write("corsadmin_origin", FIRST, LAST)

    with pytest.raises(IntegrityError, match="corsadmin_window_years"), transaction.atomic():
        write("corsadmin_origin", valid_from, valid_until)

    expected = [(BEGINNING, datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC))]
    assert list(Origin.objects.values_list("valid_from", "valid_until")) == expected


def test_the_gate_says_so_first(sqlite: Database) -> None:
    row = Origin(
        tenant=make_site(),
        pattern=PATTERN,
        valid_from=datetime.min.replace(tzinfo=UTC),
        valid_until=datetime.max,  # noqa: DTZ901 (as of a site without time zones)
    )

    with pytest.raises(ValidationError) as caught:
        row.full_clean()

    codes = {
        field: [error.code for error in found] for field, found in caught.value.error_dict.items()
    }
    out = ["moment-out-of-range"]
    assert codes == {"valid_from": out, "valid_until": out}


def test_what_was_is_not_bounded(database: Database) -> None:
    """History has no constraints: what stood there once, stood there."""
    make_site(origins=[PATTERN])

    write("corsadmin_historicalorigin", TOO_EARLY, VERY_LATE)

    (version,) = Origin.history.all()
    assert (version.valid_from.year, version.valid_until.year) == (1, 9999)


@pytest.mark.slow
def test_the_migration_pulls_in_what_was_written_before(database: Database) -> None:
    windows = [
        ((None, None), (None, None)),
        ((FIRST, "9998-12-31 00:00:00+00:00"), (BEGINNING, BEFORE_END)),
        ((TOO_EARLY, VERY_LATE), (None, None)),
        (("0001-01-01 00:00:00+00:00", TOO_EARLY), (None, BEGINNING)),
        ((None, TOO_EARLY), (None, BEGINNING)),
        ((TOO_LATE, VERY_LATE), (BEFORE_END, None)),
        ((VERY_LATE, None), (BEFORE_END, None)),
    ]
    if database.vendor == "postgresql":
        windows += [
            (("-infinity", "infinity"), (None, None)),
            ((None, "-infinity"), (None, BEGINNING)),
            (("20000-01-01 00:00:00+00:00", "infinity"), (BEFORE_END, None)),
        ]
    make_site(origins=[f"https://{number}.example" for number in range(len(windows))])
    call_command("migrate", "corsadmin", "0005", verbosity=0)
    for number, (before, _expected) in enumerate(windows):
        write("corsadmin_origin", *before, pattern=f"https://{number}.example")

    call_command("migrate", "corsadmin", verbosity=0)

    rows = Origin.objects.order_by("pattern").values_list("valid_from", "valid_until")
    assert list(rows) == [expected for _before, expected in windows]


@pytest.mark.slow
def test_a_text_that_is_no_moment_is_not_opened_by_the_migration(sqlite: Database) -> None:
    make_site(origins=[PATTERN])
    call_command("migrate", "corsadmin", "0005", verbosity=0)
    write("corsadmin_origin", None, "yesterday")

    with pytest.raises(IntegrityError, match="corsadmin_window_years"):
        call_command("migrate", "corsadmin", verbosity=0)
