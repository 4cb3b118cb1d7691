"""Databases and stores for the tests of hints."""

from tests.serving.conftest import clock, make_store, postgresql, sqlite, templates

__all__ = ["clock", "make_store", "postgresql", "sqlite", "templates"]
