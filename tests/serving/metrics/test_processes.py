"""What several processes tell together."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from corsadmin.models import Generation
from tests.databases import wait_until
from tests.factories import make_site
from tests.servers import Site
from tests.serving.databases import Database
from tests.serving.metrics.figures import MONITORING, STRANGER
from tests.serving.test_processes import APP, WORKERS, ask, environment, every_worker, gunicorn


@pytest.fixture
def site(request: pytest.FixtureRequest, postgresql: Database, tmp_path: Path) -> Iterator[Site]:
    """Workers behind gunicorn, with the configuration file that the page shows."""
    make_site(origins=[APP])
    (tmp_path / "files").mkdir()
    (block,) = re.findall(
        r"^```python\n(# gunicorn\.conf\.py\nfrom prometheus_client .*?)^```",
        MONITORING,
        re.MULTILINE | re.DOTALL,
    )
    (tmp_path / "gunicorn.conf.py").write_text(block, encoding="utf-8")
    env = environment(
        postgresql,
        DJANGO_SETTINGS_MODULE="tests.serving.metered_settings",
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
