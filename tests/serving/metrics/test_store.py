"""What is told of the store, also when it fails."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from prometheus_client import CollectorRegistry

from corsadmin.metrics import Metrics
from corsadmin.models import Emergency, Tenant
from tests.factories import OriginFactory, make_site
from tests.messages.screens import text
from tests.serving.conftest import Clock
from tests.serving.databases import Database
from tests.serving.metrics.figures import figure
from tests.serving.test_processes import APP

INFINITY = float("inf")


@pytest.fixture
def polling(sqlite: Database, settings: Any) -> Any:
    settings.CORSADMIN = {"REFRESH_SECONDS": 60.0, "MAX_STALE_SECONDS": 3600.0}
    return make_site(origins=[APP, {"pattern": "https://cookies.example.com", "credentials": True}])


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def hide_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE corsadmin_generation RENAME TO hidden")


def states(registry: CollectorRegistry) -> list[str]:
    names = ("ready", "stale", "not-ready")
    return [name for name in names if figure(registry, "state", state=name)]


def test_the_figures_of_a_store(
    polling: Tenant, registry: CollectorRegistry, make_store: Any, clock: Clock
) -> None:
    held = make_store(clock)
    registry.register(Metrics(held))
    assert states(registry) == ["not-ready"]
    assert figure(registry, "generation") == INFINITY
    assert figure(registry, "snapshot_age_seconds") == INFINITY
    assert figure(registry, "tenants") == figure(registry, "origins") == 0
    Emergency.objects.create(tenant=polling, reason="x")
    over = timezone.now() - timedelta(seconds=1)
    platform = Tenant.objects.platform()
    Emergency.objects.create(tenant=platform, reason="x", level="credentials", until=over)

    held.current()

    assert states(registry) == ["ready"]
    assert figure(registry, "generation") == held.snapshot.generation
    assert figure(registry, "snapshot_age_seconds") == 0
    assert figure(registry, "tenants") == 2  # the platform is one
    assert figure(registry, "origins") == 2
    assert (figure(registry, "refresh_seconds_count") or 0) >= 1  # hints may make it look again
    assert figure(registry, "refresh_failures_total") == 0
    assert figure(registry, "emergencies", level="all") == 1
    assert figure(registry, "emergencies", level="credentials") == 0

    hide_table()
    clock.now += 121
    held.current()
    assert states(registry) == ["stale"]
    assert figure(registry, "snapshot_age_seconds") == 121
    clock.now += 3_600
    held.current()
    assert states(registry) == ["not-ready"]


def test_origins_are_counted_tenant_by_tenant(
    polling: Tenant, registry: CollectorRegistry, make_store: Any
) -> None:
    held = make_store()
    registry.register(Metrics(held))
    rival = make_site("rival")
    held.reload()
    assert figure(registry, "origins") == 2

    OriginFactory(tenant=rival, pattern="https://*.rival.example", scope="/api/x")
    OriginFactory(tenant=rival, pattern="https://rival.example", enabled=False)
    held.reload()
    assert figure(registry, "origins") == 3

    polling.origins.all().delete()
    held.reload()
    assert figure(registry, "origins") == 1


def test_failures_are_counted(
    polling: Tenant, registry: CollectorRegistry, make_store: Any
) -> None:
    held = make_store()
    registry.register(Metrics(held))
    hide_table()

    held.current()

    assert states(registry) == ["not-ready"]
    assert (figure(registry, "refresh_failures_total") or 0) >= 1  # hints may make it look again
    assert figure(registry, "refresh_seconds_count") == 0


def test_what_goes_wrong_with_metrics_is_said_once_and_leaves_the_policies_alone(
    polling: Tenant, make_store: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    held = make_store()
    told = Metrics(held)
    held.reload()
    fine = settings.CORSADMIN

    settings.CORSADMIN = {**fine, "MAX_STALE_SECONDS": "an hour"}
    told.refreshed(0.1)
    told.refreshed(0.1)
    settings.CORSADMIN = fine
    told.refreshed(0.1)
    settings.CORSADMIN = {**fine, "MAX_STALE_SECONDS": "an hour"}
    told.refreshed(None)

    assert [record.getMessage() for record in caplog.records if record.exc_info] == [
        text("log-metrics-unwritten")
    ] * 2
    assert told._shards == ()  # what cannot be told of is not kept


def test_counting_holds_nothing_that_is_replaced(
    polling: Tenant, registry: CollectorRegistry, make_store: Any
) -> None:
    held = make_store()
    told = Metrics(held)
    registry.register(told)
    held.reload()
    before = held.snapshot.index.records.parts

    held.reload()

    assert told._shards is held.snapshot.index.records.parts is not before
