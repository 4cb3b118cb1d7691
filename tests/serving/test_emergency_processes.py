"""Real workers: the switch holds in all of them within the promise, and ends in all by the clock."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from corsadmin.models import Emergency
from corsadmin.models.counter import current_generation
from corsadmin.models.emergency_switch import EmergencyTerms, lift_emergency, switch_on
from tests.databases import wait_until
from tests.factories import make_site
from tests.serving.databases import Database
from tests.serving.test_processes import APP, SECONDS, environment, every_worker, gunicorn

pytestmark = pytest.mark.slow


# On SQLite nothing can be pushed.
@pytest.mark.parametrize(
    ("database", "push"),
    [
        pytest.param("sqlite", "off", id="SQLite"),
        pytest.param("postgresql", "auto", id="PostgreSQL, push"),
    ],
    indirect=["database"],
)
def test_every_worker_is_stopped_and_lets_in_again(database: Database, push: str) -> None:
    acme = make_site(origins=[APP])
    terms = EmergencyTerms(level="all", until=None, reason="x")
    with gunicorn(environment(database, CORSADMIN_PUSH=push)) as site:
        assert all(every_worker(site, APP).values())
        for change, expected in (
            (lambda: switch_on(acme, terms), False),
            (lambda: lift_emergency(acme, reason="x"), True),
        ):
            change()
            committed = time.monotonic()

            wait_until(lambda: set(every_worker(site, APP).values()) == {expected})  # noqa: B023

            # Asking every worker takes time too, on a machine that does much else.
            assert time.monotonic() - committed < 2 * SECONDS + 5


def test_its_end_needs_nobody(sqlite: Database) -> None:
    """Only the clock of each worker: what the database is does not matter."""
    acme = make_site(origins=[APP])
    with gunicorn(environment(sqlite)) as site:
        assert all(every_worker(site, APP).values())
        end = timezone.now() + timedelta(seconds=8)
        Emergency.objects.create(tenant=acme, reason="x", until=end)
        wait_until(lambda: not any(every_worker(site, APP).values()))
        before = current_generation("default")
        wait_until(lambda: timezone.now() >= end - timedelta(seconds=1))
        let_in = any(every_worker(site, APP).values())
        assert timezone.now() >= end or not let_in

        wait_until(lambda: all(every_worker(site, APP).values()), 20)

        assert current_generation("default") == before
