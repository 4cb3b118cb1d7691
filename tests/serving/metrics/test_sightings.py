"""The metrics of sightings: each count appears once, under its documented name."""

from dataclasses import fields
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from corsadmin.metrics import SIGHTINGS, Metrics, process_metrics
from corsadmin.sightings.process import process_sightings
from corsadmin.sightings.tally import Tally
from tests.serving.metrics.figures import MONITORING, figure


def test_each_count_is_told_and_documented() -> None:
    assert set(SIGHTINGS) == {field.name for field in fields(Tally)}
    for name in SIGHTINGS:
        assert f"`corsadmin_sightings_{name}_total`" in MONITORING


@pytest.mark.parametrize("name", SIGHTINGS)
def test_a_count_is_carried_once(make_store: Any, name: str) -> None:
    tally, registry = Tally(), CollectorRegistry()
    registry.register(Metrics(make_store(), tally))
    assert figure(registry, f"sightings_{name}_total") == 0

    for count in (3, 3, 5):
        setattr(tally, name, count)
        assert figure(registry, f"sightings_{name}_total") == count


def test_the_process_tells_of_its_own_sightings() -> None:
    assert process_metrics._tally is process_sightings.tally
