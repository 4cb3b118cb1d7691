"""The hosts that Django accepts in these tests."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [".example.net"]
