"""Databases of their own for tests of transfer, nothing of which is rolled back."""

from tests.serving.conftest import database, postgresql, sqlite, templates

__all__ = ["database", "postgresql", "sqlite", "templates"]
