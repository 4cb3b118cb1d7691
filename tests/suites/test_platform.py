"""The platform comes back after a flush, and is made where tests run without migrations."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from corsadmin.models import Tenant
from corsadmin.serving import suites
from corsadmin.serving.store import Store


def platforms() -> list[str]:
    return list(Tenant.objects.filter(slug="platform").values_list("name", flat=True))


@pytest.mark.django_db(transaction=True)
def test_the_platform_comes_back_after_a_flush() -> None:
    store = Store()
    before = store.current().snapshot
    Tenant.objects.filter(slug="platform").update(name="Ours")

    call_command("flush", verbosity=0, interactive=False)

    assert platforms() == ["Platform"]
    after = store.current().snapshot
    assert before is not None
    assert after is not None
    assert after.generation != before.generation
    assert after.platform is not None


@pytest.mark.django_db
def test_a_platform_that_is_there_stays_as_it_is(django_assert_num_queries: Any) -> None:
    Tenant.objects.filter(slug="platform").update(name="Ours")

    with django_assert_num_queries(1):
        suites.make_platform(using="default")

    assert platforms() == ["Ours"]


@pytest.mark.django_db
def test_without_migrations_the_platform_is_made() -> None:
    Tenant.objects.all()._raw_delete("default")

    suites.make_platform(using="default", apps=state_after("0006_window_years").apps)

    assert platforms() == ["Platform"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("names", "missing"),
    [
        pytest.param([], [], id="no tables"),
        pytest.param(["0002_first_rows"], [], id="a table is missing"),
        pytest.param(["0006_window_years"], ["note"], id="a column is missing"),
    ],
)
def test_tables_of_another_version_are_left_alone(names: list[str], missing: list[str]) -> None:
    Tenant.objects.all()._raw_delete("default")
    state = state_after(*names)
    for name in missing:
        state.remove_field("corsadmin", "tenant", name)

    suites.make_platform(using="default", apps=state.apps)

    assert platforms() == []


def state_after(*names: str) -> ProjectState:
    """Return the models as these migrations leave them."""
    found: ProjectState = MigrationExecutor(connection).loader.project_state(
        [("corsadmin", name) for name in names]
    )
    return found


class Elsewhere:
    def allow_migrate(self, db: str, app_label: str, **_hints: object) -> bool:
        return app_label != "corsadmin"


@pytest.mark.django_db
def test_a_database_that_does_not_hold_the_policies_is_left_alone(settings: Any) -> None:
    Tenant.objects.all()._raw_delete("default")
    settings.DATABASE_ROUTERS = ["tests.suites.test_platform.Elsewhere"]

    suites.make_platform(using="default")

    assert platforms() == []
