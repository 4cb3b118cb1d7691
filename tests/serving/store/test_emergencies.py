"""An emergency in processes that cannot know, that were paused, and that ask in every request.

What a process could know stops its callers; what holds where it could not is in docs/policies.md.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import RequestFactory

from corsadmin.engine import CorsRequest, Reason, decide
from corsadmin.models import Emergency
from corsadmin.serving.evaluate import evaluate
from corsadmin.serving.store import State, Store
from corsadmin.tenants import by_host
from tests.push.commits import deaf_commit
from tests.serving.conftest import Clock
from tests.serving.snapshots import SITE
from tests.serving.store.steps import APP, SECONDS, hide_table, poll, run, show_table

PAUSE = 2 * SECONDS + 1
END = datetime(2030, 1, 1, tzinfo=UTC)
ALL_TENANTS = pytest.mark.parametrize("whose", ["acme", "platform"])


def on(acme: Any, whose: str = "acme", **fields: Any) -> None:
    """Switch an emergency on in another process: this one hears nothing of it."""
    tenant = acme if whose == "acme" else type(acme).objects.platform()
    with deaf_commit():
        Emergency.objects.create(tenant=tenant, reason="x", **fields)


def off() -> None:
    with deaf_commit():
        Emergency.objects.all().delete()


def reason(held: Store, *, is_async: bool = False) -> Reason:
    """Return why a call of a listed origin is answered as it is, by all that requests go through."""
    request = RequestFactory().get(
        "/api/x", headers={"origin": APP, "host": "acme.example.net"}, secure=True
    )
    view = run(held.acurrent()) if is_async else held.current()
    return evaluate(request, view, by_host).reason


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [".example.net"]


@ALL_TENANTS
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_r94_what_was_switched_during_a_pause_holds_from_the_first_request_on(
    held: Store, clock: Clock, acme: Any, whose: str, is_async: bool
) -> None:
    assert reason(held) is Reason.ALLOWED
    on(acme, whose)
    clock.now += PAUSE
    first = reason(held, is_async=is_async)
    off()
    clock.now += PAUSE

    assert (first, reason(held, is_async=is_async)) == (Reason.EMERGENCY, Reason.ALLOWED)


@ALL_TENANTS
def test_r24_a_stale_process_goes_on_stopping_whom_it_knows_to_be_stopped(
    held: Store, clock: Clock, acme: Any, whose: str
) -> None:
    on(acme, whose)
    clock.now += 1
    poll(held)
    hide_table()
    clock.now += PAUSE

    found = reason(held), held.state
    clock.now += 3_600

    assert found == (Reason.EMERGENCY, State.STALE)
    assert (reason(held), held.state) == (Reason.TOO_STALE, State.NOT_READY)


def test_r24_a_stale_process_ends_by_its_own_clock_what_it_knows_to_end(
    held: Store, clock: Clock, acme: Any
) -> None:
    on(acme, until=END)
    clock.now += 1
    poll(held)
    hide_table()
    clock.now += PAUSE
    view = held.current()
    assert view.snapshot is not None

    policy = view.snapshot.policy_of_host("acme.example.net")
    asked = CorsRequest("/api/x", "GET", APP, None, None, SITE)
    end = END.timestamp()

    assert [decide(policy, asked, now).reason for now in (end - 1, end)] == [
        Reason.EMERGENCY,
        Reason.ALLOWED,
    ]


def test_r29_a_stale_process_stops_at_its_first_poll_what_it_could_not_know(
    held: Store, clock: Clock, acme: Any
) -> None:
    """Until then it goes on by what it knew, at most for MAX_STALE_SECONDS."""
    assert reason(held) is Reason.ALLOWED
    on(acme)
    hide_table()
    clock.now += PAUSE
    unknown = reason(held), held.state
    clock.now += 3_600
    too_old = reason(held)
    show_table()
    poll(held)

    assert unknown == (Reason.ALLOWED, State.STALE)
    assert (too_old, reason(held)) == (Reason.TOO_STALE, Reason.EMERGENCY)


@ALL_TENANTS
def test_without_a_thread_the_next_request_is_stopped_and_the_one_after_the_end_is_not(
    comparing: Store, acme: Any, whose: str
) -> None:
    found = [reason(comparing)]
    on(acme, whose)
    found.append(reason(comparing))
    hide_table()
    found.append(reason(comparing))
    show_table()
    off()

    assert [*found, reason(comparing)] == [
        Reason.ALLOWED,
        Reason.EMERGENCY,
        Reason.EMERGENCY,
        Reason.ALLOWED,
    ]


def test_without_a_thread_what_began_during_an_outage_is_not_known(
    comparing: Store, acme: Any
) -> None:
    assert reason(comparing) is Reason.ALLOWED
    on(acme)
    hide_table()

    assert (reason(comparing), comparing.health.state) == (Reason.ALLOWED, State.STALE)
    show_table()
    assert (reason(comparing), comparing.health.state) == (Reason.EMERGENCY, State.READY)
