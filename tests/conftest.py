"""Fixtures and profiles that every test may use."""

from hypothesis import settings

# Chosen with --hypothesis-profile; CI repeats the same examples on every run.
settings.register_profile("dev", max_examples=50)
settings.register_profile("ci", max_examples=1000, derandomize=True, deadline=None)
settings.load_profile("dev")
