"""What the middleware costs a project's tests in queries: none that they would count."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.factories import OriginFactory, make_site

APP = "https://app.example.com"
HEADERS = {"host": "acme.example.net", "origin": APP}


@pytest.fixture
def site(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [".example.net"]
    OriginFactory(tenant=make_site("acme", paths=[{"path": "/"}]), pattern=APP)


@pytest.mark.parametrize(
    "transaction",
    [
        pytest.param("db", id="inside a test's transaction"),
        pytest.param("transactional_db", id="after a commit"),
    ],
)
def test_a_request_adds_nothing_to_the_queries_a_test_counts(
    transaction: str, request: pytest.FixtureRequest, django_assert_num_queries: Any
) -> None:
    request.getfixturevalue(transaction)
    request.getfixturevalue("site")

    with django_assert_num_queries(1) as counted:
        answer = Client(headers=HEADERS).get("/")
        connection.cursor().execute("SELECT 1")

    assert answer.headers["Access-Control-Allow-Origin"] == APP
    assert [query["sql"] for query in counted.captured_queries] == ["SELECT 1"]
