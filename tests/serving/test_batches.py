"""SQLite joins one part after the other, and a part that is torn is read row by row."""

import pytest

from corsadmin.models import Origin, PathRule
from corsadmin.serving import loader
from tests.serving.databases import Database
from tests.serving.parts import APP, COUNT, in_a_transaction, make_parts
from tests.serving.snapshots import allowed, contents, execute


@pytest.fixture(autouse=True)
def small_parts(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tenants that come in three parts."""
    make_parts(monkeypatch)


def test_torn_parts_are_read_row_by_row_and_the_others_are_not(database: Database) -> None:
    if database.vendor == "sqlite":
        execute("PRAGMA ignore_check_constraints = ON")
        rule = PathRule.objects.filter(tenant__slug="t4").get()
        execute("UPDATE corsadmin_pathrule SET methods = x'fffe' WHERE id = %s", rule.pk)
        denied = {2, 4}
    else:
        execute("ALTER TABLE corsadmin_origin DROP CONSTRAINT corsadmin_pattern_is_an_origin")
        denied = {2}
    torn = Origin.objects.filter(tenant__slug="t2", pattern=APP).get()
    Origin.objects.filter(pk=torn.pk).update(pattern="a\nb")

    snapshot = loader.load("default")

    assert contents(snapshot) == in_a_transaction()
    assert {number for number in range(COUNT) if not allowed(snapshot, APP, f"t{number}")} == denied
    assert allowed(snapshot, "https://x.n2.example", "t2")


def test_a_load_that_fails_in_the_middle_leaves_a_connection_that_works() -> None:
    def fail() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError) as raised:
        loader.load("default", on_progress=fail)

    assert raised.value.__traceback__  # which holds whatever was not closed
    assert contents(loader.load("default")) == in_a_transaction()
