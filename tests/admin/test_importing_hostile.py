"""Import in the admin: files that were made to cost far more than they weigh."""

import pytest

from corsadmin.admin.import_file.tables import MAX_ROWS
from corsadmin.transfer.formats import bounds
from tests.admin.imports import check, document, moves, problems, upload
from tests.messages.screens import assert_says
from tests.transfer.files import as_file
from tests.transfer.hostile_texts import CSV, JSON, YAML
from tests.transfer.hostile_workbooks import XLSX

FILES = {"json": JSON, "yaml": YAML, "csv": CSV, "xlsx": XLSX}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_every_hostile_file_is_answered_by_the_page(member, name):
    before = moves()

    for title, make in FILES[name].items():
        response = upload(member, f"a.{name}", as_file(make()).read())

        assert response.status_code == 200, title
        assert moves() == before, title


def test_s1_no_more_rows_of_yaml_are_read_than_a_page_takes(member):
    rows = "".join(f"  - {n}.example\n" for n in range(MAX_ROWS + 1))
    text = f"version: 1\ntenants:\n- slug: acme\n  hosts:\n{rows}  - [broken\n"

    response = check(member, text)

    assert_says(response, "import-too-many-rows", too_many=MAX_ROWS)


def test_a_page_says_that_it_did_not_read_the_rest(member):
    response = check(member, document(*[{}] * 2_000))

    assert response.context["count"] == bounds.PAGE.problems + 1
    assert problems(response)[0] == ("tenants[0].slug", "key-missing")
