"""The tenants of the cases, and assertions that say what they compared."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.conformance.site import make_tenants

pytest.register_assert_rewrite("tests.asserts", "tests.conformance.case")


@pytest.fixture(scope="module")
def tenants(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Every tenant of the cases, for tests that write nothing: to store them costs most of a case."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_tenants()
        yield
        transaction.set_rollback(True)
