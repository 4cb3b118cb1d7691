"""Read the history as its pages show it."""

LOG = "/admin/corsadmin/tenant/history/"


def log(client, page=LOG, **query):
    response = client.get(page, query)

    assert response.status_code == 200
    return response.context


def told(client, page=LOG, **query):
    return [
        f"{row.name} {row.verb}"
        for change in log(client, page, **query)["changes"]
        for row in change.rows
    ]
