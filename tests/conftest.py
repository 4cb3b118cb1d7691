"""Fixtures and profiles that every test may use."""

import os

from hypothesis import settings

from tests.databases import postgres, redis_server

__all__ = ["postgres", "redis_server"]

# CI tries more examples, the same on every run; --hypothesis-profile=ci does so anywhere.
settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=1000, derandomize=True, deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
