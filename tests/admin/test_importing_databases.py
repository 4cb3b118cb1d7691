"""The import page where the policies are in a database that cannot be imported into."""

import pytest
from django.db import connections

from tests.admin.forms import fields_of
from tests.admin.imports import OLD, PAGE, TABLE, check, confirm, moves, patterns, upload
from tests.messages.screens import assert_says, times

REST = {"format": "csv", "prune": "on", "change_reason": "OPS-1"}


@pytest.fixture
def mysql(monkeypatch):
    """Django's word for a database is all that corsadmin goes by."""
    monkeypatch.setattr(connections["default"], "vendor", "mysql")
    monkeypatch.setattr(connections["default"], "display_name", "MariaDB")


def refusals(response):
    return times(response, "import-foreign", foreign="MariaDB")


def test_the_page_says_so_before_anything_is_sent(mysql, member):
    response = member.get(PAGE)

    assert response.status_code == 200
    assert response.context["foreign"] == "MariaDB"
    assert refusals(response) == 1


@pytest.mark.parametrize(
    "send",
    [
        pytest.param(lambda client: check(client, TABLE, **REST), id="pasted"),
        pytest.param(lambda client: upload(client, "a.csv", TABLE.encode(), **REST), id="uploaded"),
    ],
)
def test_what_was_sent_is_kept_and_nothing_is_written(mysql, member, acme, send):
    before = moves()

    response = send(member)

    kept = fields_of(response)
    assert response.status_code == 200
    assert refusals(response) == 1
    assert {name: kept[name] for name in REST} == REST
    assert kept["text"].replace("\r\n", "\n") == TABLE
    assert (moves(), patterns(acme)) == (before, {OLD})


def test_what_is_wrong_with_the_form_is_told_as_well(mysql, member):
    response = check(member, "")

    assert refusals(response) == 1
    assert_says(response, "import-choose-file")


def test_a_plan_that_was_shown_before_is_not_carried_out(member, acme, request):
    shown = check(member, TABLE)
    request.getfixturevalue("mysql")

    response = confirm(member, shown)

    assert response.status_code == 200
    assert refusals(response) == 1
    assert patterns(acme) == {OLD}
