"""What the lint says of replaced origins: until when they hold, and who still calls from them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from corsadmin.diagnose.lint import lint
from corsadmin.models import EntrySeen, Origin, Sighting
from tests.factories import OriginFactory, make_site
from tests.messages.screens import assert_says, assert_silent, filled, says

OLD, NEW = "https://old.acme.example", "https://new.acme.example"
CODES = ("expired", "overlap-ends", "overlap-ended")


@pytest.fixture
def acme(db):
    return make_site("acme")


def replaced(tenant, days, **fields):
    """Replace an origin that ends in some days, and return the old one."""
    end = timezone.now() + timedelta(days=days)
    old = OriginFactory(tenant=tenant, pattern=OLD, valid_until=end, **fields)
    OriginFactory(tenant=tenant, pattern=NEW, replaces=old)
    return old


def found(**kwargs):
    """Return the codes and messages about ends."""
    findings = lint("default", timezone.now().timestamp(), **kwargs)
    return [(one.code, one.message) for one in findings if one.code in CODES]


def refuse(tenant, calls, *, days=1, origin=OLD):
    now = timezone.now()
    Sighting.objects.create(
        tenant=tenant,
        rule="/api/",
        origin=origin,
        reason="origin-expired",
        calls=calls,
        first_seen=now - timedelta(days=days),
        last_seen=now,
    )


@pytest.mark.parametrize(
    ("days", "fields", "expected"),
    [
        pytest.param(3, {}, ["lint-replaced-soon"], id="ends soon"),
        pytest.param(-1, {}, ["lint-replaced"], id="has ended"),
        pytest.param(30, {}, [], id="ends later"),
        pytest.param(-1, {"enabled": False}, [], id="is disabled already"),
    ],
)
def test_it_names_the_new_one_and_the_end(acme, days, fields, expected):
    old = replaced(acme, days, **fields)

    messages = [message for _code, message in found()]

    assert len(messages) == len(expected)
    end = f"{old.valid_until:%Y-%m-%d %H:%M} UTC"
    for message, said in zip(messages, expected, strict=True):
        assert message.startswith(filled(said, end=end, new=NEW))


def test_one_that_nobody_replaced_has_expired(acme):
    OriginFactory(tenant=acme, valid_until=timezone.now() - timedelta(days=1))

    assert [code for code, _message in found()] == ["expired"]


def test_a_replacement_that_went_to_another_tenant_is_not_named(acme):
    replaced(acme, -1)
    Origin.objects.filter(pattern=NEW).update(tenant=make_site("rival"))

    assert [code for code, _message in found()] == ["expired"]


def test_it_counts_the_calls_that_were_let_in_and_those_that_were_refused(acme):
    other = make_site("rival")
    old, today = replaced(acme, -1), timezone.now().date()
    replaced(other, 3)
    EntrySeen.objects.create(
        entry=old, first_day=today - timedelta(days=1), last_day=today, calls=100
    )
    refuse(acme, 1040)
    refuse(other, 7, origin="https://other.example")

    messages = [message for _code, message in found()]

    counted = [one for one in messages if says(one, "lint-calls-replaced")]
    assert len(counted) == 1
    assert_says(counted[0], "lint-calls-replaced", count="1,240")
    assert_says(counted[0], "lint-replaced")


def test_calls_of_another_tenant_from_the_same_origin_are_not_counted(acme):
    other = make_site("rival")
    replaced(acme, -1)
    end = timezone.now() - timedelta(days=1)
    theirs = OriginFactory(tenant=other, pattern="https://older.example", valid_until=end)
    OriginFactory(tenant=other, pattern=NEW, replaces=theirs)
    refuse(other, 7)

    for _code, message in found():
        assert_silent(message, "lint-calls-replaced")


def test_calls_of_weeks_are_counted_in_part(acme):
    replaced(acme, -1)
    refuse(acme, 400, days=28)

    ((_code, message),) = found()

    assert_says(message, "lint-calls-replaced", count=100)


def test_who_may_not_see_callers_is_not_told_of_them(acme):
    replaced(acme, -1)
    refuse(acme, 5)

    assert_silent(found(callers=frozenset())[0][1], "lint-calls-replaced")
    assert_says(found(callers=frozenset({acme.pk}))[0][1], "lint-calls-replaced")
