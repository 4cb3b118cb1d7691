"""A server that the page which asks live servers may ask, and a form that makes it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.scripted import scripted_server

PAGE = "http://app.example.com"
ALLOWED = ("Access-Control-Allow-Origin", PAGE)
ADDRESS = reverse("admin:corsadmin_tenant_probe")


@pytest.fixture
def server(settings: Any) -> Iterator[Any]:
    """A server of this machine, which the page may ask; `url` is its address."""
    settings.CORSADMIN = {"PROBE_PRIVATE_ADDRESSES": True}
    with scripted_server() as running:
        running.url = f"http://127.0.0.1:{running.server_address[1]}"
        yield running


def ask(client: Client, url: str, **fields: str) -> Any:
    """Send the form and return what the page shows."""
    return client.post(ADDRESS, {"url": url, "origin": PAGE, **fields}).context
