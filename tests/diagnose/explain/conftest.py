"""What all questions need."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [".example.net"]
