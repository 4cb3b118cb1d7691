"""Django's live server on SQLite in memory: its threads share the connection of the test."""

from collections.abc import Iterator

import pytest
from django.db import connection

from corsadmin.models import Tenant
from corsadmin.models.database import one_state


@pytest.fixture
def shared(transactional_db: None) -> Iterator[None]:
    connection.inc_thread_sharing()
    yield
    connection.dec_thread_sharing()


def test_what_a_test_writes_during_a_load_is_not_rolled_back_with_it(shared: None) -> None:
    with one_state("default"):
        Tenant.objects.create(slug="acme")  # as another thread would

    assert Tenant.objects.filter(slug="acme").exists()
