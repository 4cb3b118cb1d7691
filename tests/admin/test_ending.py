"""The end of many origins: a date is demanded, and "never" is a choice of its own with a reason."""

from datetime import UTC, datetime

import pytest

from corsadmin.admin.changelist.actions import SAY_WHY_NEVER
from corsadmin.models import Origin
from tests.admin.forms import fields_of
from tests.admin.test_actions import act, moves, told
from tests.factories import OriginFactory
from tests.messages.screens import assert_says, assert_silent, filled

pytestmark = pytest.mark.slow

END = datetime(2080, 1, 1, tzinfo=UTC)
PAST = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def ending(acme):
    """Three entries that end, beside one that does not."""
    for end in (END, END, PAST):
        OriginFactory(tenant=acme, valid_until=end)
    return acme.origins.filter(valid_until__isnull=False).order_by("pk")


def ends(rows):
    return [row.valid_until for row in Origin.objects.filter(pk__in=[row.pk for row in rows])]


def test_the_end_of_many_origins_is_set_as_one_change(superuser, ending):
    rows, before = list(ending), moves()
    given = {"valid_until": "2090-01-02T03:04", "change_reason": "trial"}

    response = act(superuser, "origin", "set_end", rows, **given)

    assert told(response) == [filled("action-rows-changed", count=3)]
    assert moves() == before + 1
    for row in Origin.objects.filter(pk__in=[row.pk for row in rows]):
        assert row.valid_until == datetime(2090, 1, 2, 3, 4, tzinfo=UTC)
        assert row.history.first().valid_until == row.valid_until
        assert row.history.first().history_change_reason == "trial"


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="no field"),
        pytest.param({"valid_until": ""}, id="an empty one"),
        pytest.param({"valid_until": "  "}, id="blanks"),
        pytest.param({"valid_until": "soon"}, id="a word"),
    ],
)
def test_without_a_date_no_end_is_changed(superuser, ending, given):
    rows, before = list(ending), moves()

    response = act(superuser, "origin", "set_end", rows, change_reason="x", **given)

    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert moves() == before
    assert ends(rows) == [END, END, PAST]


def test_an_end_before_the_begin_is_refused(superuser, acme):
    row = OriginFactory(tenant=acme, valid_from=datetime(2090, 1, 1, tzinfo=UTC))

    early = act(superuser, "origin", "set_end", [row], valid_until="2080-01-01T00:00")

    assert len(told(early)) == 2
    assert ends([row]) == [None]


def test_an_end_is_removed_after_a_question_and_with_a_reason(superuser, ending, acme):
    rows, before = list(ending), moves()

    asked = act(superuser, "origin", "remove_end", [*rows, acme.origins.earliest("pk")])
    silent = superuser.post(asked.request["PATH_INFO"], fields_again(asked, rows))

    assert asked.context["rows"] == rows
    assert_says(asked, "action-allowed-again", counter=1)
    assert str(SAY_WHY_NEVER) in asked.content.decode()
    assert silent.context["unexplained"] == SAY_WHY_NEVER
    assert ends(rows) == [END, END, PAST]
    assert moves() == before
    again = fields_again(silent, rows, change_reason="bought for good")
    done = superuser.post(asked.request["PATH_INFO"], again, follow=True)
    assert told(done) == [filled("action-rows-changed", count=3)]
    assert moves() == before + 1
    assert ends(rows) == [None, None, None]
    reasons = [row.history.first().history_change_reason for row in rows]
    assert reasons == ["bought for good"] * 3


def fields_again(page, rows, **changes):
    """Return what a page of the question sends, its chosen rows all of them."""
    return {**fields_of(page), "_selected_action": [row.pk for row in rows], **changes}


def test_a_reason_beside_the_action_is_no_answer_to_the_question(superuser, ending):
    rows = list(ending)

    asked = act(superuser, "origin", "remove_end", rows, change_reason="bought")

    assert asked.context["rows"] == rows
    assert 'value="bought"' in asked.content.decode()
    assert ends(rows) == [END, END, PAST]


def test_of_many_the_question_names_some(superuser, acme):
    for _number in range(11):
        OriginFactory(tenant=acme, valid_until=END)

    asked = act(superuser, "origin", "remove_end", acme.origins.all())

    assert len(asked.context["rows"]) == 10
    assert_says(asked, "action-and-more")
    assert_silent(asked, "action-allowed-again")


def test_what_never_ends_is_left_alone_without_a_question(superuser, acme):
    before = moves()

    response = act(superuser, "origin", "remove_end", acme.origins.all())

    assert [message.level_tag for message in response.context["messages"]] == ["warning"]
    assert moves() == before


def test_the_question_names_what_one_may_change_and_nothing_else(member, acme, rival):
    OriginFactory(tenant=acme, valid_until=END)
    OriginFactory(tenant=rival, pattern="https://secret.example", valid_until=END)

    asked = act(member, "origin", "remove_end", Origin.objects.all())

    assert [row.tenant for row in asked.context["rows"]] == [acme]
    assert "secret" not in asked.content.decode()
