"""What Prometheus is told: of decisions, of the store, and by several processes together."""

import importlib
import os
import re
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import AsyncClient, Client
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from corsadmin import metrics
from corsadmin.engine import Reason
from corsadmin.metrics import Metrics, process_metrics
from corsadmin.models import Generation, Tenant
from tests.databases import wait_until
from tests.factories import OriginFactory, TenantHostFactory, make_site
from tests.freshness.conftest import Clock
from tests.freshness.databases import Database
from tests.freshness.test_processes import APP, WORKERS, ask, environment, every_worker, gunicorn
from tests.servers import ROOT, Site

STRANGER = "https://app.stranger.example"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
INFINITY = float("inf")


def figure(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"corsadmin_{name}", labels)


def decisions() -> Counter[str]:
    """Return how often each reason was given in this process, as a scrape finds it."""
    return Counter({
        reason.value: int(figure(REGISTRY, "decisions_total", reason=reason) or 0)
        for reason in Reason
    })  # fmt: skip


# Decisions


@pytest.fixture
def counted(settings: Any, db: None) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.ROOT_URLCONF = "tests.freshness.metered_urls"
    settings.MIDDLEWARE = ["corsadmin.metrics.CountedCorsMiddleware", *settings.MIDDLEWARE[1:]]
    TenantHostFactory(tenant=make_site(origins=[APP]), host="testserver")


PREFLIGHT = {"access-control-request-method": "DELETE"}
REQUESTS = [
    pytest.param("get", {}, Reason.NOT_CORS, id="no Origin"),
    pytest.param("get", {"origin": APP}, Reason.ALLOWED, id="allowed"),
    pytest.param("get", {"origin": STRANGER}, Reason.ORIGIN_NOT_LISTED, id="refused"),
    pytest.param(
        "options", {"origin": APP, **PREFLIGHT}, Reason.METHOD_NOT_ALLOWED,
        id="a preflight, which no view sees",
    ),
]  # fmt: skip


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(("method", "headers", "reason"), REQUESTS)
def test_each_request_is_counted_by_its_reason(
    method: str, headers: dict[str, str], reason: Reason
) -> None:
    before = decisions()

    getattr(Client(), method)("/api/none", headers=headers)

    assert decisions() - before == {reason: 1}


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(("method", "headers", "reason"), REQUESTS)
def test_so_it_is_in_an_event_loop(method: str, headers: dict[str, str], reason: Reason) -> None:
    before = decisions()

    async_to_sync(getattr(AsyncClient(), method))("/api/none", headers=headers)

    assert decisions() - before == {reason: 1}


def test_no_thread_takes_a_count_from_another(make_store: Any) -> None:
    counts = Metrics(make_store()).counts
    interval = sys.getswitchinterval()

    def count() -> None:
        for _ in range(20_000):
            counts[Reason.ALLOWED] += 1

    threads = [threading.Thread(target=count) for _ in range(8)]
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)

    assert counts[Reason.ALLOWED] == 160_000


# The store


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

    held.current()

    assert states(registry) == ["ready"]
    assert figure(registry, "generation") == held.snapshot.generation
    assert figure(registry, "snapshot_age_seconds") == 0
    assert figure(registry, "tenants") == 2  # the platform is one
    assert figure(registry, "origins") == 2
    assert (figure(registry, "refresh_seconds_count") or 0) >= 1  # hints may make it look again
    assert figure(registry, "refresh_failures_total") == 0

    hide_table()
    clock.now += 121
    assert states(registry) == ["stale"]
    assert figure(registry, "snapshot_age_seconds") == 121
    clock.now += 3_600
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
        "Metrics cannot be written; the policies are not affected."
    ] * 2
    assert told._shards == ()  # what cannot be told of is not kept


def test_counting_holds_nothing_that_is_replaced(
    polling: Tenant, registry: CollectorRegistry, make_store: Any
) -> None:
    held = make_store()
    told = Metrics(held)
    registry.register(told)
    held.reload()
    before = held.snapshot.index.records

    held.reload()

    assert told._shards is held.snapshot.index.records is not before


# The view, and the package


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param("*/*", "text/plain", id="text"),
        pytest.param(
            "application/openmetrics-text; version=1.0.0", "application/openmetrics-text",
            id="OpenMetrics",
        ),
    ],
)  # fmt: skip
def test_the_view_speaks_to_prometheus(accept: str, expected: str) -> None:
    response = Client().get("/metrics/", headers={"accept": accept})

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith(expected)
    assert "no-store" in response.headers["Cache-Control"]
    assert b"# TYPE corsadmin_state gauge" in response.content


@pytest.mark.usefixtures("counted")
def test_with_a_folder_for_several_processes_its_files_speak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    assert Client().get("/metrics/").content == b""


@pytest.mark.usefixtures("counted")
def test_nothing_but_reading_is_allowed() -> None:
    assert Client().post("/metrics/").status_code == 405


def test_nothing_is_told_by_origin_host_or_tenant() -> None:
    labels = {
        label
        for metric in process_metrics.collect()
        for sample in metric.samples
        for label in sample.labels
    }

    assert labels == {"reason", "state", "le"}


def test_the_page_names_every_metric() -> None:
    named = re.findall(
        r"^\| `(corsadmin_\w+?)(?:_total)?(?:\{\w+\})?` \|", OPERATIONS, re.MULTILINE
    )

    assert sorted(named) == sorted(metric.name for metric in process_metrics.describe())


def test_without_the_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, metrics.__name__)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)

    with pytest.raises(ImproperlyConfigured, match=r"pip install 'corsadmin\[metrics\]'"):
        importlib.import_module(metrics.__name__)


# Several processes


@pytest.fixture
def site(request: pytest.FixtureRequest, postgresql: Database, tmp_path: Path) -> Iterator[Site]:
    """Workers behind gunicorn, with the configuration file that the page shows."""
    make_site(origins=[APP])
    (tmp_path / "files").mkdir()
    (block,) = re.findall(
        r"^```python\n(# gunicorn\.conf\.py\n.*?)^```", OPERATIONS, re.MULTILINE | re.DOTALL
    )
    (tmp_path / "gunicorn.conf.py").write_text(block, encoding="utf-8")
    env = environment(
        postgresql,
        DJANGO_SETTINGS_MODULE="tests.freshness.metered_settings",
        PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "files"),
    )
    with gunicorn(env, "-c", str(tmp_path / "gunicorn.conf.py"), *request.param) as found:
        yield found


def scrape(site: Site) -> dict[str, float]:
    """Return what all processes together tell, by the name of each figure and its label."""
    text = site.ask("/metrics/", headers={"Host": "localhost"}).body.decode()
    return {
        " ".join((sample.name.removeprefix("corsadmin_"), *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.slow
@pytest.mark.parametrize("site", [(), ("--preload",)], ids=["no preload", "preload"], indirect=True)
def test_processes_are_scraped_together(site: Site) -> None:
    workers = every_worker(site, APP)
    for _ in range(20):
        ask(site, STRANGER)

    wait_until(lambda: scrape(site)["decisions_total origin-not-listed"] == 20)
    found = scrape(site)
    assert found["decisions_total allowed"] >= WORKERS
    assert found["state ready"] == WORKERS
    assert found["generation"] == Generation.objects.get().value
    assert found["tenants"] == 2
    assert found["origins"] == 1
    assert found["refresh_seconds_count"] >= WORKERS

    killed = min(workers)
    os.kill(int(killed), signal.SIGKILL)

    wait_until(lambda: killed not in every_worker(site, APP))
    found = scrape(site)
    assert found["state ready"] == WORKERS
    assert found["decisions_total origin-not-listed"] == 20
