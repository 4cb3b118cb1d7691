"""A database that was restored from a backup is told apart from one that went on (R08, R29)."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from corsadmin.models import Tenant, generation
from corsadmin.serving import loader
from tests.factories import OriginFactory
from tests.servers import ROOT
from tests.serving.snapshots import allowed, contents, execute, packed

APP = "https://app.example.com"
NEW = "https://new.example.com"
TABLES = ("generation", "move", "tenant", "tenanthost", "pathrule", "origin")


@pytest.fixture
def backup(acme: Tenant, rival: Tenant) -> Callable[[], None]:
    """Make a backup now; what is returned restores it, and tells nobody."""
    for name in TABLES:
        execute(f"CREATE TABLE saved_{name} AS SELECT * FROM corsadmin_{name}")

    def restore() -> None:
        with transaction.atomic():
            for name in reversed(TABLES):
                execute(f"DELETE FROM corsadmin_{name}")
            for name in TABLES:
                execute(f"INSERT INTO corsadmin_{name} SELECT * FROM saved_{name}")

    return restore


@pytest.mark.parametrize(
    "since",
    [
        pytest.param(0, id="none"),
        pytest.param(1, id="fewer than are known"),
        pytest.param(2, id="so many that the number is the known one"),
        pytest.param(5, id="more than are known"),
    ],
)
def test_r08_whatever_number_of_changes_there_was_since_the_restore(
    acme: Tenant, rival: Tenant, backup: Callable[[], None], since: int
) -> None:
    OriginFactory(tenant=acme, pattern=NEW)
    acme.origins.filter(pattern=APP).delete()
    known = loader.load("default")
    assert allowed(known, NEW)

    backup()
    for number in range(since):
        OriginFactory(tenant=rival, pattern=f"https://n{number}.example")

    after = loader.load("default", known)
    assert contents(after) == contents(loader.load("default"))
    assert allowed(after, APP)
    assert not allowed(after, NEW)


def test_r08_a_state_that_the_backup_has_seen_is_built_upon(
    acme: Tenant, rival: Tenant, backup: Callable[[], None]
) -> None:
    known = loader.load("default")
    OriginFactory(tenant=acme, pattern=NEW)

    backup()
    OriginFactory(tenant=rival, pattern=NEW)

    after = loader.load("default", known)
    assert contents(after) == contents(loader.load("default"))
    assert packed(after, acme) is packed(known, acme)


def test_a_process_that_missed_more_moves_than_are_kept_reads_everything(
    acme: Tenant, rival: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "MAX_KEPT_MOVES", 3)
    known = loader.load("default")
    acme.delete()
    for _ in range(3):
        rival.save()

    after = loader.load("default", known)

    assert not allowed(after, APP)
    assert contents(after) == contents(loader.load("default"))


def test_raw_sql_that_moves_the_counter_by_hand_is_followed(acme: Tenant, rival: Tenant) -> None:
    execute("UPDATE corsadmin_generation SET value = value + 1, rebuild = value + 1")
    known = loader.load("default")
    OriginFactory(tenant=acme, pattern=NEW)

    after = loader.load("default", known)

    assert allowed(after, NEW)
    assert packed(after, rival) is packed(known, rival)


def move_from_outside() -> None:
    """Move the counter as the docs tell who writes without Django."""
    text = (ROOT / "docs" / "operations" / "database.md").read_text()
    statements = text.partition("BEGIN;\n")[2].partition("-- your statements")[0].split(";")
    with transaction.atomic():
        for statement in map(str.strip, statements):
            if connection.vendor == "postgresql":
                execute(statement or "SELECT 1")
            elif "NOTIFY" not in statement:
                execute(statement.replace("floor(random() * 1e15)", "random()"))


def test_r08_a_counter_that_is_moved_from_outside_has_a_mark_too(
    acme: Tenant, rival: Tenant, backup: Callable[[], None]
) -> None:
    execute("UPDATE corsadmin_origin SET pattern = %s WHERE tenant_id = %s", NEW, acme.pk)
    move_from_outside()
    known = loader.load("default")
    assert allowed(known, NEW)

    backup()
    move_from_outside()

    after = loader.load("default", known)
    assert (after.generation, after.rebuild) == (known.generation, known.rebuild)
    assert not allowed(after, NEW)
    rival.save()
    assert packed(loader.load("default", after), acme) is packed(after, acme)
