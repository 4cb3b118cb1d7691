"""DATABASE and the routers: read where it is written, and written where the users are."""

from typing import Any

import pytest
from django.db import connections, router
from django.db.utils import ConnectionHandler
from django.test import override_settings

from corsadmin.checks import routing
from corsadmin.models import Tenant
from tests.checks.messages import ids, texts

SQLITE = "django.db.backends.sqlite3"
ALIASES = {
    "default": {"ENGINE": SQLITE, "NAME": "main.sqlite3"},
    "pooled": {"ENGINE": SQLITE, "NAME": "main.sqlite3", "HOST": "pooler"},
    "policies": {"ENGINE": SQLITE, "NAME": "policies.sqlite3"},
    "users": {"ENGINE": SQLITE, "NAME": "users.sqlite3"},
}


class Policies:
    """Sends the app alone to a database of its own."""

    def db_for_write(self, model: Any, **_hints: object) -> str | None:
        return "policies" if model._meta.app_label == "corsadmin" else None


class Users:
    """Sends the users alone to a database of their own."""

    def db_for_write(self, model: Any, **_hints: object) -> str | None:
        return "users" if model._meta.app_label == "auth" else None


class Everything:
    """Sends the app and the users to one database."""

    def db_for_write(self, model: Any, **_hints: object) -> str | None:
        return "policies" if model._meta.app_label in {"corsadmin", "auth"} else None


class Members:
    """Tears one model out of the app."""

    def db_for_write(self, model: Any, **_hints: object) -> str | None:
        return "users" if model.__name__ == "TenantMember" else None


class Replica:
    """Reads from a replica, and writes to the primary."""

    def db_for_read(self, model: Any, **_hints: object) -> str:
        return "pooled"


@pytest.fixture
def aliases(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = ConnectionHandler(ALIASES)
    monkeypatch.setattr(routing, "connections", handler)
    assert set(handler) > set(connections)


@pytest.mark.usefixtures("aliases")
@pytest.mark.parametrize(
    ("database", "routers", "expected"),
    [
        pytest.param("", [], [], id="nothing set"),
        pytest.param("", [Replica], [], id="a replica for reading"),
        pytest.param("default", [], [], id="the database that is written"),
        pytest.param("default", [Replica], [], id="the primary of a replica"),
        pytest.param("pooled", [], [], id="a second way to the database that is written"),
        pytest.param("policies", [], ["E023"], id="another database, no router"),
        pytest.param("policies", [Replica], ["E023"], id="another database, a replica's router"),
        pytest.param("policies", [Users], ["E023"], id="another database, the users' router"),
        pytest.param("default", [Policies], ["E023"], id="the app is routed elsewhere"),
        pytest.param("users", [Policies], ["E023"], id="the app is routed to a third one"),
        pytest.param("", [Members], ["E023"], id="one model is routed elsewhere"),
        pytest.param("", [Policies], ["E024"], id="routed away from the users"),
        pytest.param("policies", [Policies], ["E024"], id="named and routed away from the users"),
        pytest.param("", [Users], ["E024"], id="the users are routed away"),
        pytest.param("policies", [Policies, Users], ["E024"], id="both are routed, apart"),
        pytest.param("", [Everything], [], id="routed together"),
        pytest.param("policies", [Everything], [], id="named and routed together"),
        pytest.param("default", [Everything], ["E023"], id="routed together, another one named"),
        pytest.param("nowhere", [], [], id="no such alias, which another check says"),
    ],
)
def test_databases(database: str, routers: list[type], expected: list[str]) -> None:
    paths = [f"{router.__module__}.{router.__qualname__}" for router in routers]
    with override_settings(CORSADMIN={"DATABASE": database}, DATABASE_ROUTERS=paths):
        found = routing.check_databases()

    assert ids(found) == [f"corsadmin.{number}" for number in expected]


def test_the_router_of_a_replica_reads_from_it_and_writes_to_the_primary() -> None:
    with override_settings(DATABASE_ROUTERS=["tests.checks.test_routing.Replica"]):
        assert router.db_for_read(Tenant) == "pooled"
        assert router.db_for_write(Tenant) == "default"


@pytest.mark.usefixtures("aliases")
def test_every_way_to_the_users_is_named() -> None:
    with override_settings(DATABASE_ROUTERS=["tests.checks.test_routing.Policies"]):
        (found,) = routing.check_databases()

    for name in (
        "TenantMember.user",
        "HistoricalTenantMember.user",
        "HistoricalOrigin.history_user",
    ):
        assert name in found.msg
    assert "leave CORSADMIN['DATABASE'] out" in texts([found])
