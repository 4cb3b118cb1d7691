"""How many queries a page costs, without those by which a test's middleware reads the policies."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

# With REFRESH_SECONDS = 0 inside a transaction everything is read anew for each request.
READING = (
    "SAVEPOINT",
    "RELEASE",
    "SELECT tenant_id,",
    "SELECT id, slug,",
    "SELECT id FROM (SELECT id, row_number()",
    "SELECT count(*), ",
)


def queries_of(client, url):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)

    assert response.status_code == 200
    return [
        query["sql"]
        for query in captured.captured_queries
        if not query["sql"].startswith(READING)
        and 'FROM "corsadmin_generation"' not in query["sql"]
        and 'FROM "corsadmin_move"' not in query["sql"]
    ]
