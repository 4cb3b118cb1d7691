"""A tenant, and a store as a production process has it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from corsadmin.models import Tenant
from corsadmin.serving.store import Store
from tests.serving.databases import Templates, alias_leads_to


@pytest.fixture
def held(acme: Tenant, make_store: Callable[..., Store], settings: Any) -> Store:
    """A store as a production process has it, that polls every tenth of a second."""
    settings.CORSADMIN = {"REFRESH_SECONDS": 0.1}
    made = make_store()
    made.current()
    return made


@pytest.fixture
def other(templates: Templates) -> Iterator[str]:
    """A second database behind an alias of its own."""
    with alias_leads_to(templates.sqlite().settings, "other"):
        yield "other"
