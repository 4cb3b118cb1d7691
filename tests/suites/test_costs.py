"""What the middleware costs a project's tests in queries: none that they would count."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

import corsadmin
from corsadmin.models import Tenant
from tests.factories import OriginFactory, make_site
from tests.serving.databases import Database

APP = "https://app.example.com"
HEADERS = {"host": "acme.example.net", "origin": APP}


@pytest.fixture
def site(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [".example.net"]
    OriginFactory(tenant=make_site("acme", paths=[{"path": "/"}]), pattern=APP)


IN_TRANSACTION = pytest.param(marks=pytest.mark.django_db, id="inside a test's transaction")
AFTER_COMMIT = pytest.param(marks=pytest.mark.django_db(transaction=True), id="after a commit")


@pytest.mark.parametrize((), [IN_TRANSACTION, AFTER_COMMIT])
def test_a_request_adds_nothing_to_the_queries_a_test_counts(
    site: None, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1) as counted:
        answer = Client(headers=HEADERS).get("/")
        connection.cursor().execute("SELECT 1")

    assert answer.headers["Access-Control-Allow-Origin"] == APP
    assert [query["sql"] for query in counted.captured_queries] == ["SELECT 1"]


def asked() -> int:
    """Return how many queries a request makes, those too that a test does not count."""
    statements = []

    def note(execute: Any, statement: str, *rest: Any) -> Any:
        statements.append(statement)
        return execute(statement, *rest)

    with connection.execute_wrapper(note):
        Client(headers=HEADERS).get("/")
    return len(statements)


def test_a_request_in_a_transaction_makes_six_queries(sqlite: Database, site: None) -> None:
    # In a database of its own: the tests' one in memory is shared once a live server has run.
    with transaction.atomic():
        corsadmin.refresh()  # in a transaction: it keeps nothing that it could build on

        assert [asked(), asked()] == [6, 6]


@pytest.mark.django_db(transaction=True)
def test_a_request_after_a_commit_makes_one_query_and_some_more_after_a_change(site: None) -> None:
    asked()
    before = asked()
    OriginFactory(tenant=Tenant.objects.get(slug="acme"))

    assert 1 < asked() <= 9
    assert [before, asked()] == [1, 1]
