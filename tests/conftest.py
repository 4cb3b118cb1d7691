"""Fixtures and profiles that every test may use."""

import os

from hypothesis import HealthCheck, settings

from tests.cases import pytest_runtest_makereport
from tests.databases import postgres, redis_server

__all__ = ["postgres", "pytest_runtest_makereport", "redis_server"]

# CI tries more examples, the same on every run; --hypothesis-profile=ci does so anywhere.
# Neither minds a machine that is busy.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", patient, max_examples=50)
settings.register_profile("ci", patient, max_examples=1000, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
