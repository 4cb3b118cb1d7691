"""The view that Prometheus asks, the page that names its figures, and the package."""

import importlib
import re
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from corsadmin import metrics
from corsadmin.metrics import process_metrics
from tests.serving.metrics.figures import MONITORING


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

    assert labels == {"reason", "state", "level", "le"}


def test_the_page_names_every_metric() -> None:
    named = re.findall(
        r"^\| `(corsadmin_\w+?)(?:_total)?(?:\{\w+\})?` \|", MONITORING, re.MULTILINE
    )

    assert sorted(named) == sorted(metric.name for metric in process_metrics.describe())


def test_without_the_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, metrics.__name__)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)

    with pytest.raises(ImproperlyConfigured, match=r"pip install 'corsadmin\[metrics\]'"):
        importlib.import_module(metrics.__name__)
