"""A database for tests that ask hundreds of requests."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from tests.serving.databases import Templates, alias_leads_to


@pytest.fixture
def committed(db: None, templates: Templates) -> Iterator[None]:
    """Commit what is imported, and let requests rely on what was read once, as in production.

    In a test's transaction each request reads all policies again.
    """
    with (
        alias_leads_to(templates.sqlite().settings),
        override_settings(CORSADMIN={"REFRESH_SECONDS": 600}),
    ):
        yield
