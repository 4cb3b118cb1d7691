"""The tenants of the cases, and assertions that say what they compared."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.conformance.site import make_tenants
from tests.serving.databases import Database, Templates, kept_open

pytest.register_assert_rewrite("tests.conformance.case")


@pytest.fixture(scope="module")
def tenants(
    templates: Templates, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Database]:
    """Every tenant of the cases, committed, for tests that write nothing.

    To store them costs most of a case, and in a transaction each request reads all of them again.
    The test database is set up before: while the alias leads elsewhere, it would be made there.
    """
    with django_db_blocker.unblock(), kept_open(found := templates.sqlite()):
        make_tenants()
        yield found
