"""How many queries a page costs; those of the middleware are not counted."""

from django.db import connection
from django.test.utils import CaptureQueriesContext


def queries_of(client, url):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)

    assert response.status_code == 200
    return [query["sql"] for query in captured.captured_queries]
