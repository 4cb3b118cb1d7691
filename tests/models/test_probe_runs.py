"""The places for questions to live servers: few in all, one for each person, free again afterwards."""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.utils import timezone

from corsadmin.models import ProbeRun
from corsadmin.models.probe_runs import MAX_RUNS, NoPlaceError, place_for_run
from tests.factories import UserFactory
from tests.messages.screens import pattern

pytestmark = pytest.mark.django_db


def test_a_place_is_held_while_a_run_lasts() -> None:
    user = UserFactory()

    with place_for_run(user.pk, 20):
        (run,) = ProbeRun.objects.all()
        assert run.user == user
        assert timedelta(0) < run.until - timezone.now() <= timedelta(seconds=30)
        assert str(run) == f"0: {user} until {run.until}"

    assert not ProbeRun.objects.exists()


def test_a_place_is_free_after_a_run_that_failed() -> None:
    with pytest.raises(ZeroDivisionError), place_for_run(UserFactory().pk, 20):
        raise ZeroDivisionError

    assert not ProbeRun.objects.exists()


def test_nobody_has_two_places() -> None:
    user = UserFactory()

    with place_for_run(user.pk, 20):
        with pytest.raises(NoPlaceError, match=pattern("probe-busy-self")):
            place_for_run(user.pk, 20).__enter__()
        assert ProbeRun.objects.filter(user=user).exists()


def test_there_are_as_many_places_as_may_run_at_once() -> None:
    users = [UserFactory() for _ in range(MAX_RUNS)]

    # The runs end here: one that the garbage collector ends would use the database in any thread.
    with ExitStack() as others, ExitStack() as first:
        for stack, user in zip((first, *[others] * (MAX_RUNS - 1)), users, strict=True):
            stack.enter_context(place_for_run(user.pk, 20))
        with pytest.raises(NoPlaceError, match=pattern("probe-busy-others")):
            place_for_run(UserFactory().pk, 20).__enter__()
        first.close()
        with place_for_run(UserFactory().pk, 20):
            assert set(ProbeRun.objects.values_list("place", flat=True)) == set(range(MAX_RUNS))


def test_a_place_that_a_dead_process_held_is_free_when_its_time_is_over() -> None:
    user = UserFactory()
    past = timezone.now() - timedelta(seconds=1)
    ProbeRun.objects.create(place=0, user=user, until=past)
    ProbeRun.objects.create(place=1, user=UserFactory(), until=past)

    with place_for_run(user.pk, 20):
        assert ProbeRun.objects.count() == 1


@pytest.mark.parametrize("same", ["place", "user"])
def test_the_database_keeps_the_bounds(same: str) -> None:
    user, until = UserFactory(), timezone.now()
    ProbeRun.objects.create(place=0, user=user, until=until)
    place, owner = (0, UserFactory()) if same == "place" else (1, user)

    with pytest.raises(IntegrityError), transaction.atomic():
        ProbeRun.objects.create(place=place, user=owner, until=until)


def test_the_permission_to_ask_is_the_only_one_of_its_model() -> None:
    found = Permission.objects.filter(content_type__model="proberun")

    assert [permission.codename for permission in found] == ["probe_servers"]
