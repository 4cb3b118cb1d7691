"""The counter moves in the transaction of the write, and the refresher is woken after it."""

import contextlib
import threading

import pytest
from django.db import connection, transaction

from corsadmin.models import Origin, generation
from corsadmin.push.wakeup import wake_event
from tests.factories import TenantFactory
from tests.models.generation.counter import new_origin, state

pytestmark = pytest.mark.django_db


def test_several_writes_in_one_change_move_it_once(acme, rival):
    value, rebuild, _stamps = state()

    with generation.change():
        acme.origins.all().delete()
        new_origin(rival).save()

    assert state() == (value + 1, rebuild, {"platform": 0, "acme": value + 1, "rival": value + 1})


def test_a_rollback_moves_nothing(acme):
    before = state()

    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        new_origin(acme).save()
        acme.origins.update(enabled=False)
        raise ZeroDivisionError

    assert state() == before
    assert acme.origins.filter(enabled=True).count() == 1


def test_a_rolled_back_savepoint_keeps_what_was_written_outside(acme, rival):
    value = state()[0]

    with transaction.atomic():
        new_origin(acme).save()
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            new_origin(rival).save()
            raise ZeroDivisionError

    assert state()[0] == value + 1
    assert state()[2]["rival"] < value + 1


def test_a_failed_save_moves_nothing(acme):
    before = state()

    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        new_origin(acme, "https://app.example.com").save()

    assert state() == before


def test_a_refused_update_moves_nothing(acme):
    before = state()

    with pytest.raises(TypeError), transaction.atomic():
        Origin.objects.order_by("pk")[:1].update(note="x")

    assert state() == before


def test_changes_of_two_threads_do_not_join(acme):
    seen = []

    with generation.change() as mine:
        thread = threading.Thread(
            target=lambda: seen.append(generation._open.__dict__.get("default"))
        )
        thread.start()
        thread.join()
        with generation.change() as joined:
            assert joined is mine

    assert seen == [None]


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_the_row_and_the_counter_commit_together():
    tenant = TenantFactory(slug="acme")
    value = state()[0]

    def fail(execute, sql, params, many, context):
        if "corsadmin_tenant" in sql and sql.startswith("UPDATE"):
            raise ZeroDivisionError  # the very last step of a change
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail), pytest.raises(ZeroDivisionError):
        new_origin(tenant).save()

    assert state()[0] == value
    assert not tenant.origins.exists()


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_after_the_commit_and_not_before():
    wake_event.renew()

    with transaction.atomic():
        TenantFactory(slug="acme")
        assert not wake_event.wait(0)

    assert wake_event.wait(0)


@pytest.mark.django_db(transaction=True)
def test_a_rollback_does_not_ring_the_bell():
    wake_event.renew()

    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        TenantFactory(slug="acme")
        raise ZeroDivisionError

    assert not wake_event.wait(0)
