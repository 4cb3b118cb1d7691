"""The emergency switch as a row: who may write it how, what that moves, and what it logs."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from corsadmin.models import Emergency, Tenant
from corsadmin.models.counter import current_generation
from corsadmin.models.emergency_switch import (
    EmergencyTerms,
    SwitchRefusedError,
    emergency_version,
    lift_emergency,
    shown_end,
    shown_moment,
    switch_on,
)
from tests.factories import UserFactory, make_site
from tests.messages.screens import text

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def acme():
    return make_site("acme")


def terms(level="all", hours=None, reason="leak", **more):
    until = None if hours is None else timezone.now() + hours * HOUR
    return EmergencyTerms(level=level, until=until, reason=reason, **more)


def moved():
    return current_generation("default")[0]


WRITES = {
    "save": lambda acme: Emergency(tenant=acme, reason="x").save(),
    "create": lambda acme: Emergency.objects.create(tenant=acme, reason="x"),
    "bulk_create": lambda acme: Emergency.objects.bulk_create([Emergency(tenant=acme, reason="x")]),
    "switch on": lambda acme: switch_on(acme, terms()),
}
LATER_WRITES = {
    "update": lambda acme: Emergency.objects.update(level="credentials"),
    "delete": lambda acme: Emergency.objects.get().delete(),
    "QuerySet.delete": lambda acme: Emergency.objects.all().delete(),
    "lift": lambda acme: lift_emergency(acme, reason="over"),
}


@pytest.mark.parametrize("write", [*WRITES, *LATER_WRITES])
def test_each_write_moves_the_counter_once_and_stamps_the_tenant(acme, write):
    rival = make_site("rival")
    if write in LATER_WRITES:
        switch_on(acme, terms())
    before = moved()

    {**WRITES, **LATER_WRITES}[write](acme)

    acme.refresh_from_db()
    rival.refresh_from_db()
    assert (moved(), acme.generation) == (before + 1, before + 1)
    assert rival.generation <= before


def test_it_rolls_back_with_its_transaction(acme):
    before = moved()

    with transaction.atomic():
        switch_on(acme, terms())
        transaction.set_rollback(True)

    assert (moved(), Emergency.objects.count()) == (before, 0)


def test_a_tenant_has_one_and_takes_it_along(acme):
    Emergency.objects.create(tenant=acme, reason="x")

    with pytest.raises(IntegrityError), transaction.atomic():
        Emergency.objects.create(tenant=acme, reason="y")
    acme.delete()

    assert not Emergency.objects.exists()


def test_the_history_says_who_switched_and_why(acme):
    user = UserFactory()
    switch_on(acme, terms(reason="INC-1", user=user))
    lift_emergency(acme, reason="over", user=user)

    found = Emergency.history.order_by("history_id").values_list(
        "history_type", "history_user", "history_change_reason", "by", "reason"
    )
    assert [*found] == [
        ("+", user.pk, "INC-1", user.pk, "INC-1"),
        ("-", user.pk, "over", user.pk, "INC-1"),
    ]


REFUSED = {
    "no reason": (terms(reason=" "), "reason-missing"),
    "a level that is not known": (terms("nothing"), "level-unknown"),
    "an end that has passed": (terms(hours=-1), "until-past"),
}


@pytest.mark.parametrize(("asked", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_writes_nothing(acme, asked, code):
    before = moved()

    with pytest.raises(SwitchRefusedError) as refused:
        switch_on(acme, asked)

    assert (refused.value.code, moved(), Emergency.objects.count()) == (code, before, 0)


LOOSER = {
    "credentials instead of all": (("all", None), ("credentials", None), True),
    "an end instead of none": (("all", None), ("all", 1), True),
    "an earlier end": (("credentials", 2), ("credentials", 1), True),
    "all instead of credentials": (("credentials", 1), ("all", 1.5), False),
    "a later end": (("all", 1), ("all", 2), False),
    "no end instead of one": (("all", 1), ("all", None), False),
}


@pytest.mark.parametrize(("first", "second", "is_looser"), LOOSER.values(), ids=LOOSER)
def test_what_takes_less_away_must_say_so(acme, first, second, is_looser):
    began = switch_on(acme, terms(*first))

    if is_looser:
        with pytest.raises(SwitchRefusedError) as refused:
            switch_on(acme, terms(*second))
        assert refused.value.code == "takes-less"
        assert Emergency.objects.get().level == first[0]
    row = switch_on(acme, terms(*second, loosens=is_looser))

    assert (row.pk, row.created) == (began.pk, began.created)
    assert Emergency.objects.get().level == second[0]


def test_after_its_end_another_one_begins(acme):
    old = Emergency.objects.create(tenant=acme, reason="old", until=timezone.now() - HOUR)

    row = switch_on(acme, terms("credentials", 1))

    assert row.created > old.created
    assert row.pk != old.pk
    assert [*Emergency.objects.values_list("level", "reason")] == [("credentials", "leak")]


def test_lifting_what_is_lifted_does_nothing(acme):
    before = moved()

    assert lift_emergency(acme, reason="over") is None
    assert moved() == before


def test_what_somebody_else_lifts_at_the_same_moment_is_lifted_once(acme):
    switch_on(acme, terms())

    def overtaken(execute, sql, *rest):
        if sql.startswith("UPDATE"):
            QuerySet(Emergency)._raw_delete("default")
        return execute(sql, *rest)

    with connection.execute_wrapper(overtaken):
        assert lift_emergency(acme, reason="over") is None


def test_lifting_needs_a_reason(acme):
    switch_on(acme, terms())

    with pytest.raises(SwitchRefusedError) as caught:
        lift_emergency(acme, reason="")

    assert caught.value.code == "reason-missing"
    assert Emergency.objects.exists()


def test_what_somebody_has_changed_meanwhile_is_not_lifted(acme):
    seen = emergency_version(switch_on(acme, terms("credentials")))
    switch_on(acme, terms())

    with pytest.raises(SwitchRefusedError) as refused:
        lift_emergency(acme, reason="over", seen=seen)

    assert refused.value.code == "has-changed"
    assert lift_emergency(acme, reason="over", seen=emergency_version(Emergency.objects.get()))


def test_it_is_over_at_the_very_second_of_its_end(acme):
    now = timezone.now()
    row = Emergency(tenant=acme, reason="x", until=now)

    assert (row.is_over(now), row.is_over(now - timedelta(microseconds=1))) == (True, False)
    assert not Emergency(tenant=acme, reason="x").is_over()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        pytest.param({"reason": ""}, {"reason"}, id="no reason"),
        pytest.param({"level": "x"}, {"level"}, id="a level that is not known"),
        pytest.param({"until": timezone.now().replace(year=1)}, {"until"}, id="the year 1"),
    ],
)
def test_the_gate_refuses_what_is_not_sound(acme, fields, wrong):
    with pytest.raises(ValidationError) as refused:
        Emergency(tenant=acme, **{"reason": "x", **fields}).full_clean()

    assert refused.value.message_dict.keys() == wrong


def test_it_has_a_name_and_a_natural_key(acme):
    row = Emergency.objects.create(tenant=acme, reason="x")

    assert (str(row), row.natural_key()) == (text("emergency-stop-all"), ("acme",))
    assert Emergency.objects.get_by_natural_key("acme") == row


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        pytest.param("Europe/Berlin", "Jan. 2, 2030, 1 a.m. CET", id="winter"),
        pytest.param("America/New_York", "Jan. 1, 2030, 7 p.m. EST", id="another day"),
    ],
)
def test_moments_name_their_time_zone(zone, expected):
    moment = timezone.now().replace(
        year=2030, month=1, day=2, hour=0, minute=0, tzinfo=timezone.get_default_timezone()
    )
    with timezone.override(zone):
        assert shown_moment(moment.replace(tzinfo=timezone.get_fixed_timezone(0))) == expected
    assert shown_moment(moment.replace(tzinfo=None)) == "Jan. 2, 2030, midnight UTC"
    assert shown_end(Emergency(tenant=Tenant())) == text("emergency-until-lifted")
