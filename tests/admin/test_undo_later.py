"""An undo shows what was changed since, stays within its bound, and knows older histories."""

import pytest
from django.db import connection

from corsadmin.admin.history.undo import MAX_UNDONE_ROWS
from corsadmin.admin.history.undo_plan import (
    AS_IT_WAS,
    GONE,
    GONE_ALREADY,
    THERE_AGAIN,
    UNKNOWN,
)
from corsadmin.admin.preview.preview import NOTHING
from corsadmin.models import Origin, PathRule, generation
from tests.admin.forms import fields_of
from tests.admin.queries import queries_of
from tests.admin.undoing import last_number, notes, page, steps, stored, undo
from tests.factories import OriginFactory, UserFactory
from tests.messages.screens import assert_says, filled

pytestmark = pytest.mark.slow

LOG = "/admin/corsadmin/tenant/history/"
CHANGED_BY_ANNA = filled("undo-changed-since", user="anna")


def test_a_later_change_is_overwritten_only_on_request(superuser, acme):
    entry = acme.origins.get()
    entry.note = "first"
    entry.save()
    number = last_number()
    entry.note, entry.scope = "second", "/api/"
    entry._history_user = UserFactory(username="anna")
    entry.save()

    shown = superuser.get(page(number))
    kept = undo(superuser, number, digest=shown.context["digest"])

    assert (steps(shown), kept.context["refused"]) == ([], NOTHING)
    assert notes(shown) == [("origin https://app.acme.example", CHANGED_BY_ANNA)]
    assert "second" in shown.content.decode()
    checked = superuser.post(page(number), {"overwrites": "on", "check": "Check"})
    assert undo(superuser, number, shown=checked).status_code == 302
    entry.refresh_from_db()
    assert (entry.note, entry.scope) == ("", "/api/")


def test_a_later_change_of_other_fields_stays(superuser, acme):
    entry = acme.origins.get()
    entry.note = "first"
    entry.save()
    number = last_number()
    entry.scope = "/api/"
    entry.save()

    assert undo(superuser, number).status_code == 302
    entry.refresh_from_db()
    assert (entry.note, entry.scope) == ("", "/api/")


def added(acme):
    OriginFactory(tenant=acme, pattern="https://new.example")


def changed_by_anna(acme):
    entry = acme.origins.get(pattern="https://new.example")
    entry.note = "x"
    entry._history_user = UserFactory(username="anna")
    entry.save()


def noted(acme):
    entry = acme.origins.get()
    entry.note = "x"
    entry.save()


def deleted(acme):
    acme.origins.get().delete()


def by_sql(sql):
    def act(acme):
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return act


LEFT = {
    "added, deleted since": (
        added,
        lambda acme: acme.origins.get(pattern="https://new.example").delete(),
        ("origin https://new.example", str(GONE_ALREADY)),
    ),
    "added, changed since": (
        added,
        changed_by_anna,
        ("origin https://new.example", CHANGED_BY_ANNA),
    ),
    "changed, deleted since": (noted, deleted, ("origin https://app.acme.example", str(GONE))),
    "changed, changed back since": (
        noted,
        lambda acme: acme.origins.update(note=""),
        ("origin https://app.acme.example", str(AS_IT_WAS)),
    ),
    "deleted, added anew since": (
        deleted,
        lambda acme: OriginFactory(tenant=acme, pattern="https://app.acme.example"),
        ("origin https://app.acme.example", str(THERE_AGAIN)),
    ),
    "changed, by raw SQL since": (
        noted,
        by_sql("UPDATE corsadmin_origin SET note = 'raw'"),
        (
            "origin https://app.acme.example",
            filled("undo-changed-unknown"),
        ),
    ),
    "changed, from what no history says": (
        noted,
        by_sql("DELETE FROM corsadmin_historicalorigin WHERE history_type = '+'"),
        ("origin https://app.acme.example", str(UNKNOWN)),
    ),
}


@pytest.mark.parametrize(("act", "since", "note"), LEFT.values(), ids=LEFT)
def test_what_was_changed_since_is_left_with_a_sentence(superuser, acme, act, since, note):
    act(acme)
    number = last_number()
    since(acme)
    before = stored()

    shown = superuser.get(page(number))

    assert (steps(shown), notes(shown)) == ([], [note])
    assert undo(superuser, number, digest=shown.context["digest"]).context["refused"] == NOTHING
    assert stored() == before


def test_a_save_that_changed_nothing_leaves_nothing_to_undo(superuser, acme):
    acme.origins.get().save()

    shown = superuser.get(page(last_number()))

    assert (steps(shown), notes(shown)) == ([], [])


@pytest.mark.slow
def test_a_change_of_very_many_rows_has_no_plan(superuser, acme):
    rows = [
        Origin(tenant=acme, pattern=f"https://{number}.example")
        for number in range(MAX_UNDONE_ROWS + 1)
    ]
    with generation.change():
        Origin.history.bulk_history_create(
            Origin.objects.bulk_create(rows), default_date=generation.moment_of_change()
        )

    shown = superuser.get(page())
    log = superuser.get(LOG)

    assert_says(shown, "undo-too-many-rows", most=MAX_UNDONE_ROWS)
    assert "digest" not in fields_of(shown)
    assert [change.is_cut for change in log.context["changes"]] == [True]
    assert len(queries_of(superuser, LOG)) <= 20
    assert len(superuser.get(log.context["older"]).context["changes"]) == 1
    change = superuser.get(LOG, {"change": last_number()})
    rest = superuser.get(change.context["older"])
    assert len(rest.context["changes"][0].rows) == 200
    assert rest.context["newest"]


def test_rows_from_before_changes_had_a_moment_are_undone_one_by_one(superuser, acme):
    with generation.change():
        acme.origins.get().delete()
        acme.paths.get().delete()
    moment = Origin.history.latest().history_date
    PathRule.history.filter(history_type="-").update(
        history_date=moment.replace(microsecond=(moment.microsecond + 1) % 10**6)
    )

    changes = superuser.get(LOG).context["changes"]

    assert sorted(len(change.rows) for change in changes) == [1, 1, 4]
    for change in changes[:2]:
        assert undo(superuser, change.number).status_code == 302
    assert (acme.origins.count(), acme.paths.count()) == (1, 1)
