"""The import page with a spreadsheet, as its tests send and read it."""

from tests.admin.forms import fields_of
from tests.admin.imports import PAGE

WRONG = "tenant,pattern,note\nacme,https://one.example,\nacme,https://TWO.example,x\nnobody,c,y\n"


def again(client, response, **changes):
    """Send a page's form once more, some fields having been changed."""
    values = {**fields_of(response), **changes}
    values.pop("file")
    return client.post(PAGE, values)


def columns(response):
    return [
        (one["heading"], one["field"] or len(one["options"])) for one in response.context["columns"]
    ]


def wrong(response):
    """Return for each wrong row its number and the problems of each of its cells."""
    return [
        (row.number, {cell.label: len(cell.complaints) for cell in row.cells if cell.complaints})
        for row in response.context["wrong_rows"]
    ]
