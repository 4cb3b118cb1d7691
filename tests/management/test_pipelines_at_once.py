"""Two pipelines at once: the bound and the renewal hold, on each database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from django.db import connections
from django.utils import timezone

from corsadmin.models import Origin
from corsadmin.models.counter import current_generation
from corsadmin.models.pipeline_entries import (
    ADDED,
    MAX_LIVE,
    RENEWED,
    UNCHANGED,
    EntryKey,
    EntryTerms,
    Pipeline,
    RefusedError,
    allow_origin,
)
from tests.factories import OriginFactory, make_site

PIPELINES = 6


def at_once(origins, days):
    """Allow each origin in a thread of its own; return what each pipeline was answered."""
    barrier = Barrier(len(origins))

    def act(origin, number):
        until = timezone.now() + timedelta(days=number)
        try:
            barrier.wait(60)
            key = EntryKey(tenant="acme", origin=origin)
            return allow_origin(key, EntryTerms(until=until), Pipeline(name="ci")).result
        except RefusedError as error:
            return error.refusals[0].code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(origins)) as pool:
        return sorted(pool.map(act, origins, days))


def test_the_last_places_are_given_once(database):
    site = make_site("acme")
    for number in range(MAX_LIVE - 2):
        OriginFactory(tenant=site, pattern=f"https://a-{number}.acme.dev", made_by="ci")
    before = current_generation("default")[0]

    found = at_once(
        [f"https://b-{number}.acme.dev" for number in range(PIPELINES)], [7] * PIPELINES
    )

    assert found == [ADDED, ADDED] + ["too-many-entries"] * (PIPELINES - 2)
    assert Origin.objects.count() == MAX_LIVE
    assert current_generation("default")[0] == before + 2


def test_an_origin_is_added_once_and_has_the_latest_end(database):
    make_site("acme")
    latest = timezone.now() + timedelta(days=PIPELINES)

    found = at_once(["https://pr-7.acme.dev"] * PIPELINES, range(1, PIPELINES + 1))

    row = Origin.objects.get()
    assert found.count(ADDED) == 1
    assert set(found) <= {ADDED, RENEWED, UNCHANGED}
    assert row.valid_until is not None
    assert row.valid_until >= latest
