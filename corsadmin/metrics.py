"""Report decisions and the state of this process to Prometheus: `pip install 'corsadmin[metrics]'`.

A request only increments a number. The refresher copies the numbers to prometheus_client after each
refresh, and so does a scrape of this process. So they also arrive when one scrape covers all
processes of a machine (PROMETHEUS_MULTIPROC_DIR): there prometheus_client reads files and asks no
process.
"""

import logging
import os
import threading
import time
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Final, Literal

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from corsadmin.engine import Reason
from corsadmin.engine.emergencies import StopLevel, level_at
from corsadmin.engine.packing import Packed, count_origins
from corsadmin.middleware import CorsMiddleware, GetResponse
from corsadmin.serving.loader.yielder import Yielder
from corsadmin.serving.store import State, Store, process_store
from corsadmin.sightings.process import process_sightings
from corsadmin.sightings.tally import Tally

try:
    from prometheus_client import (
        REGISTRY,
        CollectorRegistry,
        Counter,
        Gauge,
        Histogram,
        Metric,
        multiprocess,
    )
    from prometheus_client.exposition import choose_encoder
    from prometheus_client.registry import Collector
except ImportError as error:
    message = "corsadmin.metrics needs prometheus_client: pip install 'corsadmin[metrics]'"
    raise ImproperlyConfigured(message) from error

logger = logging.getLogger("corsadmin")

# Seconds: from a poll that finds nothing to a full load of a million origins.
BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# The metrics of sightings, by the fields of Tally.
SIGHTINGS: Final = {
    "recorded": "Calls that were recorded and drained.",
    "looked_at": "Refused calls that were looked at.",
    "ring_full": "Times the ring was full, so that calls were lost.",
    "turned_away": "Refused calls of callers that were not listed because the lists were full.",
    "flushed": "Rows of sightings that were written.",
    "failed": "Writes of sightings that failed and were forgotten.",
}
Parts = tuple[Mapping[int, Packed], ...]  # the tenants of a snapshot, by their keys
_NOTHING: Final = float("inf")  # the generation and the age without a snapshot


class Metrics(Collector):
    """The metrics of a store, of the decisions counted in `counts`, and of sightings."""

    def __init__(self, store: Store, tally: Tally | None = None) -> None:
        self._store = store
        self._tally = tally or Tally()
        self._lock = threading.Lock()
        self._is_broken = False
        self._yielder = Yielder(lambda: None)
        self._shards: Parts = ()
        self._origins_of: list[int] = []
        self.counts: Final = dict.fromkeys(Reason, 0)
        self._carried: Final = dict.fromkeys(Reason, 0)
        # registry=None: this collector reports all of them.
        decisions = Counter(
            "corsadmin_decisions", "Requests, by the reason of their decision.", ["reason"],
            registry=None,
        )  # fmt: skip
        states = Gauge(
            "corsadmin_state", "Processes in this state.", ["state"],
            registry=None, multiprocess_mode="livesum",
        )  # fmt: skip
        self._refreshes = Histogram(
            "corsadmin_refresh_seconds", "Time it took to bring the policies up to date.",
            registry=None, buckets=BUCKETS,
        )  # fmt: skip
        self._failures = Counter(
            "corsadmin_refresh_failures", "Times the policies could not be read.", registry=None
        )
        self._generation = _gauge("generation", "The generation in force.", "livemin")
        self._age = _gauge(
            "snapshot_age_seconds", "Time since the snapshot was last confirmed.", "livemax"
        )
        # The lowest value counts, so a master process that only forks must not look like one that
        # lags.
        self._generation.set(_NOTHING)
        self._tenants = _gauge("tenants", "Active tenants in force.", "livemax")
        self._origins = _gauge("origins", "Enabled origin entries in force.", "livemax")
        emergencies = Gauge(
            "corsadmin_emergencies", "Emergencies that are on, by what they stop.", ["level"],
            registry=None, multiprocess_mode="livemax",
        )  # fmt: skip
        self._emergencies = {level: emergencies.labels(level.value) for level in StopLevel}
        self._sightings = {
            name: Counter(f"corsadmin_sightings_{name}", text, registry=None)
            for name, text in SIGHTINGS.items()
        }
        self._carried_sightings: Final = dict.fromkeys(SIGHTINGS, 0)
        # Looked up once here, so that every label exists from the start, with 0.
        self._decisions = {reason: decisions.labels(reason.value) for reason in Reason}
        self._states = {state: states.labels(state.value) for state in State}
        self._metrics: Final = (
            *(decisions, states, self._refreshes, self._failures),
            *(self._generation, self._age, self._tenants, self._origins, emergencies),
            *self._sightings.values(),
        )
        store.observers.add(self.refreshed)

    def describe(self) -> Iterable[Metric]:
        """Return the names of the metrics, without asking the store."""
        return chain.from_iterable(metric.describe() for metric in self._metrics)

    def collect(self) -> Iterator[Metric]:
        """Return all figures as they are now."""
        self.carry()
        for metric in self._metrics:
            yield from metric.collect()

    def refreshed(self, seconds: float | None) -> None:
        """Record a refresh: the seconds it took, or None if it failed. Never raises."""
        try:
            if seconds is None:
                self._failures.inc()
            else:
                self._refreshes.observe(seconds)
            self.carry()
        except Exception:
            # For example, the folder of PROMETHEUS_MULTIPROC_DIR was removed. Log it only once.
            if not self._is_broken:
                logger.exception("Metrics cannot be written; the policies are not affected.")
            self._is_broken = True
            self._shards = ()  # free the tenants of a replaced snapshot
        else:
            self._is_broken = False

    def carry(self) -> None:
        """Pass the counts and the state of this process to prometheus_client."""
        found = self._store.health
        with self._lock:
            for reason, count in self.counts.items():
                if count != self._carried[reason]:
                    self._decisions[reason].inc(count - self._carried[reason])
                    self._carried[reason] = count
            for name, counter in self._sightings.items():
                count = getattr(self._tally, name)
                counter.inc(count - self._carried_sightings[name])
                self._carried_sightings[name] = count
            for state, child in self._states.items():
                child.set(state is found.state)
            self._generation.set(_NOTHING if found.generation is None else found.generation)
            self._age.set(_NOTHING if found.age is None else found.age)
            snapshot = self._store.snapshot
            if snapshot is not None:
                self._tenants.set(len(snapshot.index))
                self._origins.set(self._count(snapshot.index.records.parts))
                now = time.time()
                on = [level_at([stop], now) for stop in snapshot.stops.values()]
                for level, gauge in self._emergencies.items():
                    gauge.set(on.count(level))

    def _count(self, shards: Parts) -> int:
        """Return the number of origin entries; count only the shards that have changed."""
        if self._shards is not shards:
            known = self._origins_of if self._shards else [0] * len(shards)
            before = self._shards or [None] * len(shards)
            self._origins_of = [
                count if shard is old else self._count_shard(shard)
                for shard, old, count in zip(shards, before, known, strict=True)
            ]
            self._shards = shards
        return sum(self._origins_of)

    def _count_shard(self, shard: Mapping[int, Packed]) -> int:
        self._yielder.step()  # a million origins take a tenth of a second; requests go first
        return sum(map(count_origins, shard.values()))


def _gauge(name: str, text: str, mode: Literal["livemin", "livemax"]) -> Gauge:
    return Gauge(f"corsadmin_{name}", text, registry=None, multiprocess_mode=mode)


process_metrics: Final = Metrics(process_store, process_sightings.tally)
REGISTRY.register(process_metrics)


class CountedCorsMiddleware(CorsMiddleware):
    """CorsMiddleware that also counts decisions; use it instead."""

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self.counts = process_metrics.counts

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer as CorsMiddleware does, and count the reason."""
        response = super().__call__(request)
        if not isinstance(response, HttpResponseBase):
            return self._acount(request, response)
        # CPython switches threads nowhere inside this statement, so it needs no lock.
        self.counts[request.cors.reason] += 1  # type: ignore[attr-defined]
        return response

    async def _acount(
        self, request: HttpRequest, coming: Awaitable[HttpResponseBase]
    ) -> HttpResponseBase:
        response = await coming
        self.counts[request.cors.reason] += 1  # type: ignore[attr-defined]
        return response


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer a scrape with all metrics of this site. Do not expose this view to the public.

    With PROMETHEUS_MULTIPROC_DIR, one response covers all processes of this machine.
    """
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        process_metrics.carry()  # what this very process has not yet written
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(registry), content_type=content_type)
