"""Stores for the tests of hints."""

from tests.serving.conftest import clock, make_store

__all__ = ["clock", "make_store"]
